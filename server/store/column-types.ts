// How do PostgreSQL's values come out, the same from both drivers? Instants as ISO-8601 UTC text with microseconds (a
// Date would lose them), bigint as number (ours stay far below 2^53). The session speaks UTC and DateStyle ISO.

const timestamptzOid = 1184;
const int8Oid = 20;

/** `2026-11-21 09:01:07.5+00` → `2026-11-21T09:01:07.500000Z`. Throws on anything else, infinity included. */
export function instantFromSql(text: string): string {
  const match = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/.exec(text);
  if (!match) throw new Error(`Cannot read the instant "${text}": not in UTC, or not ISO`);
  return `${match[1]}T${match[2]}.${(match[3] ?? "").padEnd(6, "0")}Z`;
}

export const columnParsers: Readonly<Record<number, (text: string) => unknown>> = {
  [timestamptzOid]: instantFromSql,
  [int8Oid]: Number,
};
