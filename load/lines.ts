// How those who listen are connected: one line each, of thousands in one process. What differs between STOMP and event
// streams is here; who is owed what is not (load/crowd.ts).

import type { LoadPlan, Person } from "./plan.ts";
import { socketsPerPerson } from "./plan.ts";

/** One connection. */
export interface Line {
  /** Of the listener whose it is, in its process. */
  readonly number: number;
  /** With a word, where there is one. */
  close(): void;
  /** Without a word. */
  terminate(): void;
  /** Reads nothing more, so that what comes stays with the target. */
  pause(): void;
  resume(): void;
}

/** What happens on any of the lines. Octets are valid during the call alone. */
export interface LineListener {
  /** Its handshake was answered. */
  onOpen(line: Line): void;
  /** From now on all that is said is owed to it; later by so much where nothing says when. */
  onReady(line: Line, laterMs: number): void;
  /** Something that was said may stand between `from` and `to` (not included). */
  onText(line: Line, octets: Buffer, from: number, to: number): void;
  /** Once, whoever ended it; `how`: as "closed with 1006", "answered 503" or "ECONNREFUSED". */
  onClose(line: Line, how: string): void;
}

export interface Lines {
  /** Whether a listener who comes back hears what it missed. */
  readonly replays: boolean;
  /** A new one for this listener; `number` is its number in the whole run. */
  open(listener: number, number: number): Line;
}

export interface LinesOptions {
  localAddress?: string;
  ca?: string;
}

/** As many neighbours have one account as may. */
export const personOf = ({ listeners, socketsEach = socketsPerPerson }: LoadPlan, number: number): Person =>
  listeners[Math.floor(number / socketsEach) % listeners.length]!;

/** The room that a listener hears. */
export function roomOf(plan: LoadPlan, number: number): Person["rooms"][number] {
  const { rooms } = personOf(plan, number);
  return rooms[number % rooms.length]!;
}
