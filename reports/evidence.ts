// Which lines of a transcript matter to a verdict? Those that name what the reason names – a marker, an id, else a
// path – or else what the proof looked for last; where nothing is named, those of the connection under judgement, and
// of all REST where that is REST. An answer goes with its request. Pure.

import type { Evidence, Verdict } from "../checkers/verdict.ts";

const areaOf = (id: string): string => id.slice(0, id.indexOf("."));

/** Areas that are judged on one connection, whatever REST did beside it. */
const restAreas = new Set(["accounts", "login", "csrf", "rest", "channels", "messages", "reads", "files"]);

/** Fences are ours, and so is the note about what was left out. */
const isOurs = ({ connection }: Evidence): boolean => connection === "rest fence" || connection === "transcript";
const isRest = ({ connection }: Evidence): boolean => placeOf(connection) === "REST";

/**
 * The connection under judgement: one that the reason names, else the one that the error came from or the proof looked
 * at last, else the last on which something happened. In areas about REST a later answer is what was looked at.
 */
export function judgedConnection({ id, because = "", connection, looked, evidence = [] }: Verdict): string | undefined {
  const theirs = evidence.filter((line) => !isOurs(line));
  const names = [...new Set(theirs.map((line) => line.connection))];
  // "stomp A1" is the beginning of "stomp A12".
  const named = names.filter((name) => because.includes(name)).toSorted((one, other) => other.length - one.length)[0];
  if (named !== undefined) return named;
  if (connection !== undefined && names.includes(connection)) return connection;
  const isAboutRest = restAreas.has(areaOf(id));
  const lastAnswer = theirs.findLast(isRest);
  if (looked !== undefined && names.includes(looked.connection))
    return isAboutRest && (lastAnswer?.atMs ?? 0) > looked.atMs ? lastAnswer?.connection : looked.connection;
  const streams = theirs.filter((line) => !isRest(line));
  return (streams.length > 0 && !isAboutRest ? streams : theirs).at(-1)?.connection;
}

/** Who asked over REST says little: a token is tried by another. */
export const placeOf = (connection: string): string => (connection.startsWith("rest ") ? "REST" : connection);

/** A message of a proof (`World.marker`). */
const markerPattern = /[a-z]+\d*-[\da-f]{8}-\d+~/g;
const uuidPattern = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;
const pathPattern = /(?:\/[\w.-]+){2,}/g;

const matchesIn = (text: string, pattern: RegExp): string[] => [...new Set(text.match(pattern) ?? [])];

/** Of these names, those of messages that a proof sent. */
export const markersIn = (names: readonly string[]): string[] =>
  names.filter((name) => matchesIn(name, markerPattern)[0] === name);

/** The names by which lines are chosen, most telling kind first; a kind without a line says nothing. */
export function namesOf({ because = "", looked, evidence = [] }: Verdict): readonly string[] {
  const kinds = [
    ...[markerPattern, uuidPattern, pathPattern].map((pattern) => matchesIn(because, pattern)),
    looked?.name === undefined ? [] : [looked.name],
  ];
  const isNamed = (name: string): boolean => evidence.some((line) => !isOurs(line) && line.text.includes(name));
  return kinds.map((names) => names.filter(isNamed)).find((names) => names.length > 0) ?? [];
}

/** Oldest first. Of a poll only the last answer. */
export function linesThatMatter(verdict: Verdict): Evidence[] {
  const lines = (verdict.evidence ?? []).filter((line) => !isOurs(line));
  const names = namesOf(verdict);
  const judged = judgedConnection(verdict);
  const matters = ({ text, connection }: Evidence): boolean =>
    names.length > 0 ? names.some((name) => text.includes(name)) : placeOf(connection) === placeOf(judged ?? "");
  const chosen = new Set<Evidence>();
  for (const exchange of exchangesIn(lines)) if (exchange.some(matters)) exchange.forEach((line) => chosen.add(line));
  return lines.filter((line) => chosen.has(line));
}

/** Requests with their answers, other lines alone. A GET that is only the same as the next one is left out. */
function exchangesIn(lines: readonly Evidence[]): Evidence[][] {
  const exchanges: Evidence[][] = [];
  const last = new Map<string, Evidence[]>();
  for (const line of lines) {
    const before = last.get(line.connection);
    if (isRest(line) && line.direction === "received" && before?.length === 1) {
      before.push(line);
      continue;
    }
    if (line.text.startsWith("GET ") && before?.[0]?.text === line.text && before.length === 2) before.length = 0;
    const exchange = [line];
    exchanges.push(exchange);
    last.set(line.connection, exchange);
  }
  return exchanges;
}
