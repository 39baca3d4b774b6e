// What a target sent, for a reason or a line of a transcript: its beginning, and a sign where there is more.

/** At most `charsMax` characters, the sign … of what is cut among them; no character is cut in two. */
export const cutAt = (text: string, charsMax: number): string =>
  text.length <= charsMax ? text : `${text.slice(0, charsMax - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;

/** As JSON writes it: no line end or control character is left as it is. */
export const quoted = (text: string, charsMax = 200): string => JSON.stringify(cutAt(text, charsMax));
