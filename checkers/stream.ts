// Does an event stream, over all its connections, hold exactly what the final log of its user holds? From the event
// behind which the log was read (else from the first that both have) to the end: what the log has and the stream has
// not is lost, what the stream has and the log has not would be lost to whoever resumes there, what descends is
// reordered. This is the seam of a replay (REP in the obligations).

import type { Hearing } from "./hearing.ts";
import type { Reader } from "./ledger.ts";
import { acknowledged } from "./messages.ts";
import { none, pushedFlag } from "./rows.ts";

export function checkStream(hearing: Hearing): void {
  for (const reader of hearing.all.ledger.readers)
    if (reader.log === "events" && reader.of === hearing.subscription.user) checkAgainst(hearing, reader);
}

function checkAgainst(hearing: Hearing, reader: Reader): void {
  const { eventIds, messages } = hearing.all.ledger;
  const { rows } = hearing.subscription;
  const positions = new Map<number, number>();
  for (let at = 0; at < reader.rows.length; at++) {
    const event = reader.rows.event[at]!;
    if (event !== none && !positions.has(event)) positions.set(event, at);
  }
  const heard = new Uint8Array(reader.rows.length);
  let first = -1;
  let last = -1;
  for (let at = 0; at < rows.length; at++) {
    const event = rows.event[at]!;
    if (event === none || (rows.flags[at]! & pushedFlag) === 0) continue;
    if (event === reader.after) {
      first = 0;
      continue;
    }
    const position = positions.get(event);
    const message = rows.message[at]!;
    const told = { message, event, atMs: rows.atMs[at]! };
    const hasNoPlace = message !== none && hearing.hasNoPlace(message);
    if (position === undefined) {
      if (first >= 0 && !hasNoPlace)
        find(
          hearing,
          message !== none && messages.fate[message] === acknowledged ? "lost" : "ghost",
          told,
          () => `heard event ${eventIds.list[event]!}, which is not in ${reader.name}`,
        );
      continue;
    }
    if (first < 0) first = position;
    const again = heard[position] === 1;
    heard[position] = 1;
    if (again || hasNoPlace) continue;
    const before = last;
    if (position < before)
      find(
        hearing,
        "reordered",
        told,
        () =>
          `heard event ${eventIds.list[event]!} after ${eventIds.list[reader.rows.event[before]!]!}, ${reader.name} has it before`,
      );
    last = position;
  }
  if (first < 0) return;
  for (let at = first; at < heard.length; at++) {
    const event = reader.rows.event[at]!;
    if (heard[at] === 1 || event === none || positions.get(event) !== at) continue;
    const message = reader.rows.message[at]!;
    const atMs = message === none ? reader.atMs : messages.sentAtMs[message]!;
    find(hearing, "lost", { message, event, atMs }, (name) => {
      const when = message === none ? "" : ` (${hearing.all.findings.sent(message)})`;
      return `never heard ${message === none ? name : `${name}, event ${eventIds.list[event]!}`}: ${reader.name} has it${when}`;
    });
  }
}

interface Told {
  message: number;
  event: number;
  atMs: number;
}

function find(
  hearing: Hearing,
  anomaly: "ghost" | "reordered" | "lost",
  { message, event, atMs }: Told,
  text: (name: string) => string,
): void {
  if (message === none) hearing.findEvent(anomaly, message, event, atMs, text);
  else hearing.find(anomaly, message, atMs, text);
}
