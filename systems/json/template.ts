// Texts with names in braces, and JSON pointers (RFC 6901): what stands for a function in the JSON form. A text that is
// one name alone becomes that value itself, a list for "{members}"; "{room:number}" becomes a number.

import { HarnessError } from "../../drivers/errors.ts";

export type Values = Readonly<Record<string, unknown>>;

const nameInBraces = /\{([A-Za-z]+)(:number)?\}/g;

/** The names that stand in a value, at any depth. */
export function namesIn(value: unknown): string[] {
  if (typeof value === "string") return [...value.matchAll(nameInBraces)].map(([, name]) => name!);
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(namesIn);
}

/** A value with all names replaced, at any depth. Throws HarnessError where there is none of that name as yet. */
export function filled<T>(template: T, values: Values): T {
  if (typeof template === "string") return filledText(template, values) as T;
  if (Array.isArray(template)) return template.map((item: unknown) => filled(item, values)) as T;
  if (typeof template !== "object" || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([name, item]) => [name, filled(item, values)])) as T;
}

function filledText(template: string, values: Values): unknown {
  const whole = /^\{([A-Za-z]+)(:number)?\}$/.exec(template);
  if (whole !== null) {
    const value = valueOf(whole[1]!, values);
    return whole[2] === undefined ? value : Number(value);
  }
  return template.replace(nameInBraces, (_, name: string) => String(valueOf(name, values)));
}

/** As `filled`, for a path: what is filled in is escaped. */
export const filledPath = (template: string, values: Values): string =>
  template.replace(nameInBraces, (_, name: string) => encodeURIComponent(String(valueOf(name, values))));

function valueOf(name: string, values: Values): unknown {
  const value = values[name];
  if (value === undefined || (value === "" && name !== "text"))
    throw new HarnessError(`there is no {${name}} as yet: no "take" before it gave one`);
  return value;
}

/** What stands at a pointer; undefined: nothing. */
export function at(value: unknown, pointer: string): unknown {
  let found = value;
  for (const part of pointer.split("/").slice(1)) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Record<string, unknown>)[part.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return found;
}

/** What stands there and is a text or a number. */
export function textAt(value: unknown, pointer: string): string | number | undefined {
  const found = at(value, pointer);
  return typeof found === "string" || typeof found === "number" ? found : undefined;
}
