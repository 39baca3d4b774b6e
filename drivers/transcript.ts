// What went over the wire, timed, so that a verdict can show its evidence. Secrets are known by value and leave only as
// short hashes. Terms: secret – a token, cookie value or password that this run made or was given.

import { createHash } from "node:crypto";
import { performance } from "node:perf_hooks";
import { beginningOf, transcriptCharsMax } from "./limits.ts";

export interface WireEvent {
  /** Monotonic, ms since the process began. */
  atMs: number;
  /** Which connection, for instance "stomp A (2)" or "rest B". */
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

/** No line of evidence needs more. */
const textCharsMax = 4_000;
/** What an event costs beside its text, roughly. */
const eventChars = 100;

/** Events of which the oldest or the newest are kept, up to so much text. */
interface Part {
  readonly events: WireEvent[];
  chars: number;
}

/**
 * One proof's wire events, oldest first: how it began (a quarter) and how it ended, at most `eventsMax` and
 * `charsMax` of text. What was between is counted.
 */
export class Transcript {
  readonly secrets: Secrets;
  readonly #eventsMax: number;
  readonly #charsMax: number;
  readonly #first: Part = { events: [], chars: 0 };
  readonly #last: Part = { events: [], chars: 0 };
  #leftOutCount = 0;
  readonly #countOf = new Map<string, number>();
  #isOver = false;
  /** Where the proof looked last. */
  looked: { atMs: number; connection: string; name?: string } | undefined;

  constructor(secrets: Secrets, eventsMax = 2_000, charsMax = transcriptCharsMax) {
    this.secrets = secrets;
    this.#eventsMax = eventsMax;
    this.#charsMax = charsMax;
  }

  get events(): readonly WireEvent[] {
    const [next] = this.#last.events;
    if (this.#leftOutCount === 0 || next === undefined) return [...this.#first.events, ...this.#last.events];
    const gap: WireEvent = {
      atMs: next.atMs,
      connection: "transcript",
      direction: "received",
      text: `… ${this.#leftOutCount} events left out`,
    };
    return [...this.#first.events, gap, ...this.#last.events];
  }

  /** What to call a connection that is opened: "stomp A", and the next one "stomp A (2)". */
  nameConnection(name: string): string {
    const count = (this.#countOf.get(name) ?? 0) + 1;
    this.#countOf.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  }

  /** Says where the proof looks, and for which marker, if it counts one: a report shows that first. */
  look(connection: string, name?: string): void {
    this.looked = { atMs: performance.now(), connection, ...(name === undefined ? {} : { name }) };
  }

  /** The verdict is known: what comes now, the clean-up, is no evidence. */
  end(): void {
    this.#isOver = true;
  }

  note(connection: string, direction: WireEvent["direction"], text: string): void {
    if (this.#isOver) return;
    const event = {
      atMs: performance.now(),
      connection,
      direction,
      text:
        text.length > textCharsMax
          ? `${beginningOf(text, textCharsMax)}… (${text.length} characters)`
          : beginningOf(text, textCharsMax),
    };
    const chars = event.text.length + eventChars;
    const [first, last] = [this.#first, this.#last];
    const firstIsOpen = last.events.length === 0 && this.#leftOutCount === 0;
    const fits = first.events.length < this.#eventsMax / 4 && first.chars + chars <= this.#charsMax / 4;
    const part = firstIsOpen && fits ? first : last;
    part.events.push(event);
    part.chars += chars;
    while (
      last.events.length > 1 &&
      (first.events.length + last.events.length > this.#eventsMax || first.chars + last.chars > this.#charsMax)
    ) {
      last.chars -= last.events.shift()!.text.length + eventChars;
      this.#leftOutCount++;
    }
  }
}
