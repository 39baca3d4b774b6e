// Is this value an event? Types and terms: history.ts. A table instead of a schema library, because a history has
// millions of lines.

import { HistoryError } from "./ledger.ts";
import type { HistoryEvent } from "./history.ts";

type Kind = "string" | "number" | "boolean" | "string?" | "boolean?" | "strings" | "strings?";
type Fields<E> = { [K in Exclude<keyof E, "type" | "atMs">]-?: Kind };

const message = { message: "string" } as const;
const connection = { subscription: "string", epoch: "number" } as const;

const fieldsOf: { [T in HistoryEvent["type"]]: Fields<Extract<HistoryEvent, { type: T }>> } = {
  run: {
    schema: "number",
    run: "string",
    system: "string",
    seed: "number",
    startedAt: "string",
    ordered: "boolean?",
    promises: "strings?",
  },
  send: {
    ...message,
    sender: "string",
    room: "string",
    connection: "string",
    place: "string",
    transport: "string",
    hash: "string",
  },
  acknowledged: { ...message, id: "string?" },
  refused: { ...message, because: "string" },
  unknown: { ...message, because: "string" },
  subscription: {
    subscription: "string",
    user: "string",
    rooms: "strings",
    transport: "string",
    ownMessages: "boolean",
    ownMayCome: "boolean?",
  },
  open: { ...connection, place: "string", after: "string?" },
  confirmed: connection,
  heard: {
    ...connection,
    how: "string",
    message: "string?",
    room: "string?",
    id: "string?",
    event: "string?",
    hash: "string?",
  },
  close: { ...connection, because: "string" },
  fault: { fault: "string", what: "string", text: "string" },
  reader: { reader: "string", log: "string", of: "string", place: "string", after: "string?" },
  read: { reader: "string", message: "string?", id: "string?", event: "string?", hash: "string?" },
  end: {},
};

/** The words that decide something: another one would silently be taken for the other. */
const words: { [name: string]: readonly string[] | undefined } = {
  "heard.how": ["pushed", "history"],
  "fault.what": ["on", "healed"],
  "reader.log": ["history", "topic", "events"],
  "send.transport": ["websocket", "sockjs-websocket", "xhr-streaming", "xhr-polling", "sse", "rest"],
  "subscription.transport": ["websocket", "sockjs-websocket", "xhr-streaming", "xhr-polling", "sse", "rest"],
};

interface Field {
  name: string;
  kind: Kind;
  words: readonly string[] | undefined;
}

const shapes = new Map<unknown, readonly Field[]>(
  Object.entries(fieldsOf).map(([type, fields]) => [
    type,
    Object.entries(fields).map(([name, kind]): Field => ({ name, kind, words: words[`${type}.${name}`] })),
  ]),
);

/** Throws HistoryError. Fields that nobody knows are let through. */
export function checkEvent(value: unknown): HistoryEvent {
  if (typeof value !== "object" || value === null) throw new HistoryError("an event is an object");
  const event = value as Record<string, unknown>;
  const fields = shapes.get(event.type);
  if (fields === undefined) throw new HistoryError(`unknown type ${JSON.stringify(event.type)}`);
  if (typeof event.atMs !== "number")
    throw new HistoryError(`${String(event.type)}: atMs is a number, not ${JSON.stringify(event.atMs)}`);
  for (const { name, kind, words } of fields) {
    const field = event[name];
    if (!isOf(kind, field) || (words !== undefined && !words.includes(field as string)))
      throw new HistoryError(
        `${String(event.type)}: ${name} is ${words?.join(", ") ?? kind}, not ${JSON.stringify(field)}`,
      );
  }
  if (event.type === "run" && event.schema !== 1)
    throw new HistoryError(`schema 1 is read, not ${JSON.stringify(event.schema)}`);
  return value as HistoryEvent;
}

function isOf(kind: Kind, field: unknown): boolean {
  if (kind === "string?" || kind === "boolean?") return field === undefined || typeof field === kind.slice(0, -1);
  if (kind === "strings?" && field === undefined) return true;
  if (kind.startsWith("strings")) return Array.isArray(field) && field.every((item) => typeof item === "string");
  return typeof field === kind;
}

const schemaOf = { string: { type: "string" }, number: { type: "number" }, boolean: { type: "boolean" } } as const;

/** Of one line of a history, as a JSON Schema: for programs in other languages that write or read one. */
export function historySchema(): object {
  const event = (type: string, fields: readonly Field[]): object => ({
    title: type,
    type: "object",
    properties: {
      type: { const: type },
      atMs: { type: "number" },
      ...Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field)])),
    },
    required: ["type", "atMs", ...fields.filter(({ kind }) => !kind.endsWith("?")).map(({ name }) => name)],
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "One event of a history, a line of a history.jsonl",
    oneOf: [...shapes].map(([type, fields]) => event(String(type), fields)),
  };
}

function fieldSchema({ kind, words }: Field): object {
  if (words !== undefined) return { enum: words };
  if (kind.startsWith("strings")) return { type: "array", items: schemaOf.string };
  return schemaOf[kind.replace("?", "") as keyof typeof schemaOf];
}
