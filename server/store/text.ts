// Which text can the database keep, and give back as it came? Well-formed Unicode without NUL: PostgreSQL refuses
// U+0000, and a lone surrogate has no form in UTF-8 (drivers write U+FFFD in its place, so another text would be stored
// than was said).

export const unstorableText = "must be well-formed text without NUL";

/** Text that came from outside and that the database cannot keep: the caller's error (400), wherever it came in. */
export class UnstorableTextError extends Error {
  override readonly name = "UnstorableTextError";
}

/** Whether a value, or each of a list of values, can be a parameter as far as its text goes. */
export function isStorable(value: unknown): boolean {
  if (typeof value === "string") return !value.includes("\0") && value.isWellFormed();
  return !Array.isArray(value) || value.every(isStorable);
}
