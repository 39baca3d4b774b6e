// A long text, cut so that one sees that it was, and never through the middle of what stands for one character.

/** What is left of an escape (`\u00e9`, `\n`, `%C3`) or of a surrogate pair at the end of a text that was cut. */
const brokenEnd = /(?<!\\)((?:\\\\)*)(?:\\(?:u[\da-f]{0,3}|x[\da-f]?)?|%[\da-f]?|[\uD800-\uDBFF])$/i;

/** At most `max` characters, the sign … of what is cut among them. */
export function cut(text: string, max: number): string {
  return text.length <= max ? text : `${beginningOf(text, max - 1)}…`;
}

/** As `cut`, without the sign: the text goes on elsewhere. */
export const beginningOf = (text: string, max: number): string =>
  text.length <= max ? text : text.slice(0, max).replace(brokenEnd, "$1");
