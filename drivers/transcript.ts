// What went over the wire, timed, so that a verdict can show its evidence. Secrets are known by value and leave only as
// short hashes. Terms: secret – a token, cookie value or password that this run made or was given.

import { createHash } from "node:crypto";
import { performance } from "node:perf_hooks";

export interface WireEvent {
  /** Monotonic, ms since the process began. */
  atMs: number;
  /** Which connection, for instance "stomp A#1" or "rest B". */
  connection: string;
  direction: "sent" | "received" | "opened" | "closed";
  text: string;
}

const hashOf = (secret: string): string => `‹${createHash("sha256").update(secret).digest("hex").slice(0, 8)}›`;

/**
 * Every secret of a run. Shared by all transcripts; `redact` is applied to everything before it is shown or written.
 */
export class Secrets {
  /** By each form in which the secret may stand in a text. */
  readonly #hashes = new Map<string, string>();
  /** Longest first: a secret may begin with another. */
  #forms: string[] = [];

  add(value: string | undefined): void {
    if (value === undefined || value.length < 6 || this.#hashes.has(value)) return;
    const forms = [
      value,
      JSON.stringify(value).slice(1, -1),
      encodeURIComponent(value),
      new URLSearchParams([["", value]]).toString().slice(1),
    ];
    for (const form of forms) this.#hashes.set(form, hashOf(value));
    this.#forms = [...this.#hashes.keys()].toSorted((one, other) => other.length - one.length);
  }

  redact(text: string): string {
    let clean = text;
    for (const form of this.#forms) if (clean.includes(form)) clean = clean.replaceAll(form, this.#hashes.get(form)!);
    return clean.replace(/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, hashOf);
  }
}

/** One proof's wire events, oldest first; at most `eventsMax`, then the oldest go. */
export class Transcript {
  readonly events: WireEvent[] = [];
  readonly secrets: Secrets;
  readonly #eventsMax: number;

  constructor(secrets: Secrets, eventsMax = 2_000) {
    this.secrets = secrets;
    this.#eventsMax = eventsMax;
  }

  note(connection: string, direction: WireEvent["direction"], text: string): void {
    if (this.events.length >= this.#eventsMax) this.events.shift();
    this.events.push({
      atMs: performance.now(),
      connection,
      direction,
      text: text.length > 4_000 ? `${text.slice(0, 4_000)}… (${text.length} characters)` : text,
    });
  }
}
