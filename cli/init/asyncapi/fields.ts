// Which fields does a payload have, and which one is the text that a user wrote? Said only where exactly one can be it:
// names of people and rooms, ids, times and kinds are none.

import { schemaShape, type Message, type Schema } from "./document.ts";

export interface Field {
  /** "content", "message.content". */
  path: string;
  type: string;
  isRequired: boolean;
  /** An enumeration, a constant, a format such as a date: nothing that a user writes. */
  isFixed: boolean;
  /** The only or the first value that it may have. */
  value?: unknown;
}

const depthMax = 3;
const fieldsMax = 200;

/** The fields below objects, not those below lists. `resolve` follows references. */
function fieldsOf(payload: unknown, resolve: (value: unknown) => unknown): Field[] {
  const fields = new Map<string, Field>();
  const add = (given: unknown, prefix: string, isNeeded: boolean, above: readonly unknown[]): void => {
    for (const schema of schemasOf(given, resolve, []))
      for (const [name, property] of Object.entries(schema.properties ?? {})) {
        if (fields.size >= fieldsMax) return;
        const path = `${prefix}${name}`;
        const isRequired = isNeeded && schema.required?.includes(name) === true;
        const resolved = resolve(property);
        fields.set(path, { ...fieldOf(path, schemasOf(resolved, resolve, [])), isRequired });
        if (above.length <= depthMax && !above.includes(resolved))
          add(resolved, `${path}.`, isRequired, [...above, resolved]);
      }
  };
  add(payload, "", true, [resolve(payload)]);
  return [...fields.values()];
}

/** A schema and those that it is all of. */
function schemasOf(given: unknown, resolve: (value: unknown) => unknown, above: readonly unknown[]): Schema[] {
  const resolved = resolve(given);
  const { data } = schemaShape.safeParse(resolved);
  if (data === undefined || above.includes(resolved)) return [];
  return [...(data.allOf ?? []).flatMap((part) => schemasOf(part, resolve, [...above, resolved])), data];
}

function fieldOf(path: string, schemas: readonly Schema[]): Omit<Field, "isRequired"> {
  const types = schemas.flatMap(({ type }) => type ?? []).filter((type) => type !== "null");
  const type = types.at(-1) ?? (schemas.some(({ properties }) => properties !== undefined) ? "object" : "any");
  const fixed = schemas.find((schema) => schema.enum !== undefined || schema.const !== undefined);
  const format = schemas.findLast((schema) => schema.format !== undefined)?.format;
  return {
    path,
    type,
    isFixed: fixed !== undefined || (type === "string" && format !== undefined),
    ...(fixed === undefined ? {} : { value: fixed.const ?? fixed.enum?.[0] }),
  };
}

export const leafOf = (path: string): string => path.split(".").at(-1)!;

/** "senderNickName" → sender, nick, name. */
const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);

const lastWords = new Set(
  (
    "id ids uuid key no seq type kind event status state role level time at date day timestamp created updated url uri " +
    "link path name nickname nick username user sender author writer from to player member receiver recipient host owner " +
    "guest room channel chatroom topic group session code token email avatar image icon color locale lang version error"
  ).split(" "),
);

/** Whether it can be a text that a user wrote. */
export const isText = ({ path, type, isFixed }: Field): boolean =>
  type === "string" && !isFixed && isField(path) && !lastWords.has(wordsOf(leafOf(path)).at(-1)!);

/** What a template of JavaScript can name. */
export const isField = (path: string): boolean => /^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*$/.test(path);

const people = new Set("username nickname nick user sender author writer player member from host guest".split(" "));

/** The name of who says it: "sender", "userName", "playerName". */
export function isPerson({ path, type, isFixed }: Field): boolean {
  const words = wordsOf(leafOf(path));
  const last = words.at(-1)!;
  return type === "string" && !isFixed && people.has(last === "name" ? (words.at(-2) ?? "") : last);
}

/** The id of who says it: "userId", "senderId". */
export function isPersonId({ path }: Field): boolean {
  const [before, last] = wordsOf(leafOf(path)).slice(-2);
  return last === "id" && people.has(before!);
}

/** The id of the room: as a parameter of the destination, or "roomId", "chatRoomId", "room". */
export function isRoom({ path, type }: Field, parameter: string | undefined): boolean {
  const name = leafOf(path);
  if (["object", "array", "boolean"].includes(type)) return false;
  return (
    name === parameter || /^(chat|party|study|game)?_?(room|channel|group|conversation)(_?(id|code|no))?$/i.test(name)
  );
}

/** "content (string), sentAt (string)": for somebody who has to choose. */
export function listed(fields: readonly Field[]): string {
  const shown = fields.slice(0, 8).map(({ path, type }) => `${path} (${type})`);
  return shown.length === 0 ? "none" : `${shown.join(", ")}${fields.length > shown.length ? ", …" : ""}`;
}

/** The fields of each kind of message; a message that may be one of several counts as several. */
export const kindsOf = (messages: readonly Message[], resolve: (value: unknown) => unknown): Field[][] =>
  messages.flatMap(({ payload }) => {
    const { data } = schemaShape.safeParse(resolve(payload));
    const kinds = data?.oneOf ?? data?.anyOf;
    return kinds === undefined ? [fieldsOf(payload, resolve)] : kinds.map((kind) => fieldsOf(kind, resolve));
  });
