// What k6 hands back: a line of JSON for each socket that listened and one for whoever spoke, once at the end. Instants:
// epoch milliseconds of one process; null: never.

/** A socket that listened. */
export interface CompactEar {
  ear: number;
  room: number;
  readyAtMs: number | null;
  /** Ended, not by us. */
  endedAtMs: number | null;
  /** lane, from, to, lane, from, to …: numbers in the order in which they came, `to` not included. */
  heard: number[];
}

/** Who spoke. A lane a room. */
export interface CompactLanes {
  lanes: { room: number; sentAtMs: number[]; acknowledgedAtMs: (number | null)[] }[];
}

/** Adds what came next; `heard` stays as short as its gaps allow. */
export function noteHeard(heard: number[], lane: number, sequence: number): void {
  const last = heard.length - 3;
  if (last >= 0 && heard[last] === lane && heard[last + 2] === sequence) heard[last + 2] = sequence + 1;
  else heard.push(lane, sequence, sequence + 1);
}
