// How are passwords kept? As `scrypt$log2N$r$p$salt$hash` (base64url), so that each hash says its own cost and the cost
// may change. Memory per hash is 128·N·r bytes (2^17: 128 MiB), and it runs in the few threads that names and files
// need too, so few run at once: one processor and one thread are always left to everything else. Source: RFC 7914;
// OWASP password storage.

import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { availableParallelism } from "node:os";
import { FairGate, type Turn } from "./fair-gate.ts";

const blockSize = 8;
const parallelization = 1;
const saltBytes = 16;
const hashBytes = 32;
/** What all hashes under way may take together. */
const memoryBytesMax = 256 * 1024 * 1024;
/** libuv has four threads. */
const threadsMax = 3;
/** In each lane: some 25 s of work at 2^17 on one processor. */
const waitingMax = 64;

const gates = new Map<number, FairGate>();

/** The systems of a process share their processors, and so the gate. */
function gateOf(log2N: number): FairGate {
  const memoryBytes = 128 * 2 ** log2N * blockSize;
  const runningMax = Math.max(
    1,
    Math.min(threadsMax, availableParallelism() - 1, Math.floor(memoryBytesMax / memoryBytes)),
  );
  const gate = gates.get(log2N) ?? new FairGate(runningMax, waitingMax);
  gates.set(log2N, gate);
  return gate;
}

/** The turn of work that nobody from outside asked for. */
export const ownTurn: Turn = { lane: "known", key: "" };

interface Cost {
  log2N: number;
  r: number;
  p: number;
}

export class Passwords {
  readonly #cost: Cost;
  readonly #gate: FairGate;
  readonly #dummyHash: Promise<string>;

  constructor(log2N: number) {
    this.#cost = { log2N, r: blockSize, p: parallelization };
    this.#gate = gateOf(log2N);
    this.#dummyHash = this.hash(randomBytes(saltBytes).toString("base64url"), ownTurn);
    // Reported by whoever awaits it.
    this.#dummyHash.catch(() => undefined);
  }

  /** Throws BusyError. */
  async hash(password: string, turn: Turn): Promise<string> {
    const salt = randomBytes(saltBytes);
    const hash = await this.#gate.run(turn, () => derive(password, salt, this.#cost, hashBytes));
    const { log2N, r, p } = this.#cost;
    return ["scrypt", log2N, r, p, salt.toString("base64url"), hash.toString("base64url")].join("$");
  }

  /**
   * Whether the password fits. An unknown user (undefined) costs the same time as a wrong password. `beforeWork` is
   * called when the turn has come, and may throw. Throws BusyError.
   */
  async verify(
    password: string,
    stored: string | undefined,
    turn: Turn,
    beforeWork = (): Promise<void> => Promise.resolve(),
  ): Promise<boolean> {
    const [scheme, log2N, r, p, salt, hash] = (stored ?? (await this.#dummyHash)).split("$");
    if (scheme !== "scrypt" || salt === undefined || hash === undefined)
      throw new Error("Cannot read a stored password hash: unknown form");
    const expected = Buffer.from(hash, "base64url");
    const cost = { log2N: Number(log2N), r: Number(r), p: Number(p) };
    const derived = await this.#gate.run(turn, async () => {
      await beforeWork();
      return derive(password, Buffer.from(salt, "base64url"), cost, expected.length);
    });
    return timingSafeEqual(derived, expected) && stored !== undefined;
  }
}

function derive(password: string, salt: Buffer, cost: Cost, length: number): Promise<Buffer> {
  const N = 2 ** cost.log2N;
  // Node refuses to take more than maxmem; scrypt needs a little beyond 128·N·r.
  const options = { N, r: cost.r, p: cost.p, maxmem: 128 * N * cost.r + 1024 * 1024 };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFC"), salt, length, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
