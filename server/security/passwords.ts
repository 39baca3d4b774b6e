// How are passwords kept? As `scrypt$log2N$r$p$salt$hash` (base64url), so that each hash says its own cost and the cost may change.
// Memory per hash is 128·N·r bytes (2^17: 128 MiB), so few run at once. Source: RFC 7914; OWASP password storage.

import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { Gate } from "./gate.ts";

const blockSize = 8;
const parallelization = 1;
const saltBytes = 16;
const hashBytes = 32;
/** What all hashes under way may take together; four at most, as many as libuv has threads. */
const memoryBytesMax = 256 * 1024 * 1024;
const waitingMax = 500;

interface Cost {
  log2N: number;
  r: number;
  p: number;
}

export class Passwords {
  readonly #cost: Cost;
  readonly #gate: Gate;
  readonly #dummyHash: Promise<string>;

  constructor(log2N: number) {
    this.#cost = { log2N, r: blockSize, p: parallelization };
    const memoryBytes = 128 * 2 ** log2N * blockSize;
    this.#gate = new Gate(Math.min(4, Math.max(1, Math.floor(memoryBytesMax / memoryBytes))), waitingMax);
    this.#dummyHash = this.hash(randomBytes(saltBytes).toString("base64url"));
    // Reported by whoever awaits it.
    this.#dummyHash.catch(() => undefined);
  }

  async hash(password: string): Promise<string> {
    const salt = randomBytes(saltBytes);
    const hash = await this.#derive(password, salt, this.#cost, hashBytes);
    const { log2N, r, p } = this.#cost;
    return ["scrypt", log2N, r, p, salt.toString("base64url"), hash.toString("base64url")].join("$");
  }

  /** Whether the password fits. An unknown user (undefined) costs the same time as a wrong password. */
  async verify(password: string, stored: string | undefined): Promise<boolean> {
    const [scheme, log2N, r, p, salt, hash] = (stored ?? (await this.#dummyHash)).split("$");
    if (scheme !== "scrypt" || salt === undefined || hash === undefined) throw new Error("Cannot read a stored password hash: unknown form");
    const expected = Buffer.from(hash, "base64url");
    const cost = { log2N: Number(log2N), r: Number(r), p: Number(p) };
    const derived = await this.#derive(password, Buffer.from(salt, "base64url"), cost, expected.length);
    return timingSafeEqual(derived, expected) && stored !== undefined;
  }

  #derive(password: string, salt: Buffer, cost: Cost, length: number): Promise<Buffer> {
    const N = 2 ** cost.log2N;
    // Node refuses to take more than maxmem; scrypt needs a little beyond 128·N·r.
    const options = { N, r: cost.r, p: cost.p, maxmem: 128 * N * cost.r + 1024 * 1024 };
    return this.#gate.run(
      () =>
        new Promise((resolve, reject) => {
          scrypt(password.normalize("NFC"), salt, length, options, (error, key) => (error ? reject(error) : resolve(key)));
        }),
    );
  }
}
