// What became of every delivery, by what the sockets of k6 handed back (drivers/codecs/compact-history.ts): judged as what
// the engine's own sockets hear.

import { Ears, type Account, type Lane } from "../checkers/deliveries.ts";
import type { CompactEar, CompactLanes } from "../drivers/codecs/compact-history.ts";

/** So long before its end was seen a connection may have been cut: what was under way then is missed, not lost. */
const cutSeenWithinMs = 1_000;

export interface CompactResult {
  opened: number;
  refused: number;
  dropped: number;
  published: number;
  unknown: number;
  account: Account;
}

/** Throws SyntaxError when a line is none, or lines of the `connections` are missing. */
export function judgeCompact(text: string, connections: number): CompactResult {
  const lines = text.split("\n").filter((line) => line.startsWith("{"));
  const all = lines.map((line) => JSON.parse(line) as CompactEar | CompactLanes);
  const heard = all.filter((item): item is CompactEar => "ear" in item);
  const said = all.find((item): item is CompactLanes => "lanes" in item);
  if (said === undefined || heard.length < connections)
    throw new SyntaxError(
      `of ${connections} listeners and a speaker ${heard.length} and ${said === undefined ? "none" : "it"} handed back what they know`,
    );
  const lanes = said.lanes.map(({ acknowledgedAtMs, ...lane }): Lane => ({
    ...lane,
    acknowledgedAtMs: acknowledgedAtMs.map((atMs) => atMs ?? Number.NaN),
  }));
  const ears = new Ears(lanes.map(({ room }) => room));
  for (const item of heard) listen(ears, item);
  const sent = lanes.reduce((sum, { sentAtMs }) => sum + sentAtMs.length, 0);
  const unknown = lanes.reduce(
    (sum, { acknowledgedAtMs }) => sum + acknowledgedAtMs.filter((atMs) => Number.isNaN(atMs)).length,
    0,
  );
  const opened = heard.filter(({ readyAtMs }) => readyAtMs !== null);
  return {
    opened: opened.length,
    refused: heard.filter(({ readyAtMs, endedAtMs }) => readyAtMs === null && endedAtMs !== null).length,
    dropped: opened.filter(({ endedAtMs }) => endedAtMs !== null).length,
    published: sent - unknown,
    unknown,
    account: ears.settle(lanes),
  };
}

function listen(ears: Ears, { ear: listener, room, readyAtMs, endedAtMs, heard }: CompactEar): void {
  const ear = ears.open(listener, room);
  if (readyAtMs !== null) ears.confirm(ear, readyAtMs);
  if (endedAtMs !== null) ears.die(ear, endedAtMs - cutSeenWithinMs);
  for (let at = 0; at < heard.length; at += 3)
    for (let sequence = heard[at + 1]!; sequence < heard[at + 2]!; sequence++) ears.hear(ear, heard[at]!, sequence);
}
