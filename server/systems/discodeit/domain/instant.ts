// How does an instant come in? As ISO-8601 with a zone and up to nine fraction digits; inside it is text with whole
// microseconds, as in SQL. Digits beyond round up, so that "strictly older than the cursor" keeps every row that is
// older.

const form = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/** The instant as `…T00:00:00.000000Z`, or undefined when the text is no instant of the years 1 to 9999. */
export function parseInstant(text: string): string | undefined {
  const match = form.exec(text);
  if (!match) return undefined;
  const seconds = Date.parse(`${match[1]}${match[3]}`);
  if (Number.isNaN(seconds)) return undefined;
  const nanos = Number((match[2] ?? "").padEnd(9, "0"));
  // Below 2^53 for every year of four digits, so numbers are exact.
  const micros = seconds * 1_000 + Math.ceil(nanos / 1_000);
  const millis = Math.floor(micros / 1_000);
  const iso = new Date(millis).toISOString();
  if (!/^(?!0000)\d{4}-/.test(iso)) return undefined;
  return `${iso.slice(0, -1)}${String(micros - millis * 1_000).padStart(3, "0")}Z`;
}
