// Words of reports; and: is this text in what came? JSON may escape what it holds (Jackson writes an emoji as \\uD83D\\uDE0A), so the raw
// octets are no place to look.

/** Whether a body, as text or as a JSON value anywhere in it, holds this text. */
export function holds(body: string | undefined, text: string): boolean {
  if (body === undefined) return false;
  if (body.includes(text)) return true;
  if (!body.includes("\\")) return false;
  try {
    return JSON.stringify(JSON.parse(body)).includes(JSON.stringify(text).slice(1, -1));
  } catch {
    return false; // no JSON: then its octets are all that there is
  }
}

/** "1 room", "2 rooms". */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

const namesMax = 8;

/** "a, b, c", and of a long list how many more. */
export function firstOf(names: readonly string[]): string {
  const more = names.length - namesMax;
  return names.slice(0, namesMax).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
