// What do the final readers say, do they agree, and in which order does each message stand? Terms: reference – of a
// room: its first reader of log "history", else of "topic"; position – a message's place in it; all of a room's readers
// must hold the same messages in the same order. Source: DLV, REP in the contract's obligations; Jepsen's total queue.

import type { Findings } from "./findings.ts";
import { HistoryError, type Ledger, type Reader } from "./ledger.ts";
import { acknowledged, refused, unsent } from "./messages.ts";
import { none, otherHashFlag } from "./rows.ts";

/** One bit per reader of a room says who has a message. */
const readersOfRoomMax = 31;

export interface FinalLogs {
  /** Per room: its readers, the reference first. */
  readersOf: ReadonlyMap<number, readonly Reader[]>;
  /** Per message: where it stands in its room's reference; -1: it does not. */
  position: Int32Array;
  /** Per message: bit n is set when the room's reader n has it. */
  presence: Uint32Array;
  /** Per message: the variant of its id that is right. */
  rightVariant: Uint8Array;
}

export function readFinalLogs(ledger: Ledger, findings: Findings): FinalLogs {
  const { count } = ledger.messages;
  const readersOf = roomReaders(ledger);
  const logs: FinalLogs = {
    readersOf,
    position: new Int32Array(count).fill(-1),
    presence: new Uint32Array(count),
    rightVariant: rightVariants(ledger, readersOf),
  };
  for (const readers of readersOf.values()) readers.forEach((reader, number) => placeAll(reader, number, ledger, logs));
  const seen = new Seen(count);
  const seenEvents = new Seen(ledger.eventIds.list.length);
  for (const reader of ledger.readers) checkEntries(reader, ledger, logs, findings, seen.begin(), seenEvents.begin());
  for (const readers of readersOf.values())
    for (const reader of readers.slice(1)) checkSameOrder(reader, readers[0]!, ledger, logs, findings, seen.begin());
  checkAcknowledgedIds(ledger, logs, findings);
  return logs;
}

/** A set of numbers that is emptied in no time, for one reader after the other. */
class Seen {
  readonly #turns: Uint32Array;
  #turn = 0;

  constructor(count: number) {
    this.#turns = new Uint32Array(count);
  }

  begin(): this {
    this.#turn++;
    return this;
  }

  /** Whether it was there before. */
  add(number: number): boolean {
    const before = this.#turns[number] === this.#turn;
    this.#turns[number] = this.#turn;
    return before;
  }
}

function roomReaders(ledger: Ledger): Map<number, Reader[]> {
  const ofRooms = ledger.readers.filter(({ log }) => log !== "events");
  const readersOf = Map.groupBy(
    [...ofRooms.filter(({ log }) => log === "history"), ...ofRooms.filter(({ log }) => log === "topic")],
    ({ of }) => of,
  );
  for (const [room, { length }] of readersOf)
    if (length > readersOfRoomMax)
      throw new HistoryError(
        `room ${ledger.rooms.list[room]!} has ${length} readers; ${readersOfRoomMax} can be compared`,
      );
  return readersOf;
}

/**
 * Right is what the acknowledgement and a reader report alike, else the first reader, else the acknowledgement, else
 * who reported it first.
 */
function rightVariants({ messages }: Ledger, readersOf: FinalLogs["readersOf"]): Uint8Array {
  const right = new Uint8Array(messages.count);
  const agreed = new Uint8Array(messages.count);
  for (const readers of readersOf.values())
    for (const { rows } of readers)
      for (let at = 0; at < rows.length; at++) {
        const message = rows.message[at]!;
        const variant = rows.variant(at);
        if (message === none || variant === 0 || agreed[message] === 1) continue;
        if (variant === messages.acknowledgedVariant[message]) agreed[message] = 1;
        if (agreed[message] === 1 || right[message] === 0) right[message] = variant;
      }
  for (let message = 0; message < right.length; message++)
    if (right[message] === 0) right[message] = messages.acknowledgedVariant[message] || 1;
  return right;
}

function placeAll(reader: Reader, number: number, { messages }: Ledger, { position, presence }: FinalLogs): void {
  const { rows } = reader;
  for (let at = 0; at < rows.length; at++) {
    const message = rows.message[at]!;
    if (
      message === none ||
      messages.room[message] !== reader.of ||
      messages.fate[message] === unsent ||
      messages.fate[message] === refused
    )
      continue;
    presence[message]! |= 1 << number;
    if (number === 0 && position[message] === -1) position[message] = at;
  }
}

/** Entry by entry: what must not be there, what is there twice, what is not as it was sent. */
function checkEntries(
  reader: Reader,
  ledger: Ledger,
  logs: FinalLogs,
  findings: Findings,
  seen: Seen,
  seenEvents: Seen,
): void {
  const { messages, rooms, eventIds } = ledger;
  const { rows, name, log } = reader;
  const where = { reader: name };
  for (let at = 0; at < rows.length; at++) {
    const atMs = rows.atMs[at]!;
    const event = rows.event[at]!;
    if (log === "events" && event !== none && seenEvents.add(event))
      findings.add(
        "duplicate",
        nameOf(ledger, rows.message[at]!, event),
        atMs,
        where,
        () => `${name} has event ${eventIds.list[event]!} twice`,
      );
    const message = rows.message[at]!;
    if (message === none) continue;
    const again = seen.add(message);
    if (messages.fate[message] === unsent)
      findings.add("ghost", message, atMs, where, (text) => `${name} has ${text}, which nobody sent`);
    else if (messages.fate[message] === refused)
      findings.add("ghost", message, atMs, where, (text) => `${name} has ${text}, which was refused`);
    else if (log !== "events" && messages.room[message] !== reader.of)
      findings.add(
        "foreign",
        message,
        atMs,
        where,
        (text) =>
          `${name} has ${text} in room ${rooms.list[reader.of]!}, but it was sent to ${findings.roomOf(message)}`,
      );
    else if ((rows.flags[at]! & otherHashFlag) !== 0)
      findings.add("mutated", message, atMs, where, (text) => `${name} has ${text} with another content than was sent`);
    else if (rows.variant(at) !== 0 && rows.variant(at) !== logs.rightVariant[message])
      findings.add(
        "mutated",
        message,
        atMs,
        where,
        (text) => `${name} has ${text} as ${tellIds(ledger, logs, message, rows.variant(at))}`,
      );
    else if (again && log === "history")
      findings.add("duplicate", message, atMs, where, (text) => `${name} has ${text} twice`);
  }
}

export function nameOf(ledger: Ledger, message: number, event: number): string {
  return message === none ? `event ${ledger.eventIds.list[event] ?? ""}` : ledger.messages.names.list[message]!;
}

/** "id 7; elsewhere it is 9" */
export function tellIds({ messages }: Ledger, { rightVariant }: FinalLogs, message: number, variant: number): string {
  return `id ${messages.idOf(message, variant) ?? "?"}; elsewhere it is ${messages.idOf(message, rightVariant[message]!) ?? "?"}`;
}

/**
 * Of two neighbours that stand the other way round in the reference, the second stands too late. A record of the topic
 * may be repeated.
 */
function checkSameOrder(
  reader: Reader,
  reference: Reader,
  { messages }: Ledger,
  { position }: FinalLogs,
  findings: Findings,
  seen: Seen,
): void {
  const { rows, name } = reader;
  let last = -1;
  let lastPosition = -1;
  for (let at = 0; at < rows.length; at++) {
    const message = rows.message[at]!;
    if (message === none || position[message] === -1 || messages.room[message] !== reader.of || seen.add(message))
      continue;
    const before = last;
    if (position[message]! < lastPosition)
      findings.add(
        "reordered",
        message,
        rows.atMs[at]!,
        { reader: name },
        (text) => `${name} has ${text} after ${messages.names.list[before]!}, ${reference.name} has it before`,
      );
    last = message;
    lastPosition = position[message]!;
  }
}

function checkAcknowledgedIds(ledger: Ledger, logs: FinalLogs, findings: Findings): void {
  const { messages } = ledger;
  for (let message = 0; message < messages.count; message++) {
    const variant = messages.acknowledgedVariant[message]!;
    if (variant !== 0 && variant !== logs.rightVariant[message])
      findings.add(
        "mutated",
        message,
        messages.acknowledgedAtMs[message]!,
        {},
        (text) => `${text} was acknowledged as ${tellIds(ledger, logs, message, variant)}`,
      );
  }
}

/**
 * Acknowledged, but not with every reader of its room; or without an answer, and the readers disagree. Only for runs
 * that came to their end.
 */
export function checkErased({ messages }: Ledger, logs: FinalLogs, findings: Findings): number {
  let erased = 0;
  for (let message = 0; message < messages.count; message++) {
    const fate = messages.fate[message];
    const readers = logs.readersOf.get(messages.room[message]!);
    const present = logs.presence[message]!;
    if (readers === undefined || present === 2 ** readers.length - 1 || (fate !== acknowledged && present === 0))
      continue;
    erased++;
    const lacking = readers.filter((_, number) => (present & (1 << number)) === 0).map(({ name }) => name);
    const having = readers.filter((_, number) => (present & (1 << number)) !== 0).map(({ name }) => name);
    const where = lacking.length === 1 ? { reader: lacking[0]! } : {};
    findings.add("erased", message, messages.sentAtMs[message]!, where, (text) => {
      const who =
        having.length === 0
          ? `${lacking.join(", ")} do not have`
          : `${having.join(", ")} ${having.length === 1 ? "has" : "have"} but ${lacking.join(", ")} ${lacking.length === 1 ? "lacks" : "lack"}`;
      return fate === acknowledged
        ? `${who} ${text}, which was acknowledged (${findings.sent(message)})`
        : `${who} ${text}, which got no answer (${findings.sent(message)})`;
    });
  }
  return erased;
}
