// An AsyncAPI 3 document, as far as a definition needs it: servers, channels, operations, the schemas of messages.
//
// Read by hand and not by @asyncapi/parser, which is 54 MB in 136 packages and resolves and validates everything: a
// definition needs few fields, the rest of a document may be as wrong as it likes, and references are followed only
// where they are needed, so that a schema may hold itself. JSON, which Springwolf serves, needs no package at all.

import { createReadStream } from "node:fs";
import { z } from "zod";
import { importPeer } from "../../../peers.ts";
import { at } from "../../../systems/json/template.ts";
import { UsageError } from "../../verify/usage-error.ts";

const bytesMax = 20 * 1024 * 1024;
/** A reference to a reference to … */
const hopsMax = 20;

const texts = z.array(z.string()).optional();
const byName = z.record(z.string(), z.unknown()).optional().catch(undefined);

export const schemaShape = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  format: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  properties: byName,
  required: texts.catch(undefined),
  allOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
});
export type Schema = z.infer<typeof schemaShape>;

const serverShape = z.looseObject({
  host: z.string(),
  pathname: z.string().optional(),
  protocol: z.string(),
  variables: byName,
});
const channelShape = z.looseObject({
  address: z.string().nullish(),
  servers: z.array(z.unknown()).optional(),
  messages: byName,
  bindings: byName,
});
const messageShape = z.looseObject({ contentType: z.string().optional(), payload: z.unknown().optional() });
const operationShape = z.looseObject({
  bindings: z.unknown().optional(),
  action: z.enum(["send", "receive"]),
  channel: z.unknown().optional(),
  messages: z.array(z.unknown()).optional(),
  reply: z.unknown().optional(),
});
const replyShape = z.looseObject({ channel: z.unknown().optional(), messages: z.array(z.unknown()).optional() });

/** One direction of one operation. */
export interface Traffic {
  /** `send`: the server says it, clients subscribe; `receive`: clients say it. */
  action: "send" | "receive";
  address: string;
  /** As AsyncAPI names it: the channel's key. */
  channel: string;
  messages: Message[];
  /** Of the servers that it names, or of all. */
  protocols: string[];
  /** Protocols that the channel or the operation has bindings of; Springwolf writes empty ones. */
  bindings: string[];
}

export interface Message {
  contentType: string | undefined;
  /** Undefined: not a JSON schema. */
  payload: unknown;
}

export interface Server {
  name: string;
  host: string;
  pathname: string;
  protocol: string;
}

export interface AsyncApi {
  title: string | undefined;
  servers: Server[];
  traffic: Traffic[];
  /** What a reference leads to. Throws UsageError where it leads nowhere. */
  resolve: (value: unknown) => unknown;
}

/** Throws UsageError, and HarnessError where a document in YAML needs a package that is not there. */
export async function readAsyncApi(file: string): Promise<AsyncApi> {
  const root = await parsed(await textOf(file), file);
  checkVersion(root, file);
  return new Reader(root, file).read();
}

async function textOf(file: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if ((bytes += chunk.length) > bytesMax) break;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "that is a folder" : message;
    const save = /^https?:/.test(file) ? `; save it first: curl -fo asyncapi.json ${file}` : "";
    throw new UsageError(`--asyncapi: cannot read ${file}: ${why}${save}`);
  }
  if (bytes > bytesMax) throw new UsageError(`--asyncapi: ${file} is larger than 20 MB: that is no AsyncAPI document`);
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/^\uFEFF/, "");
}

async function parsed(text: string, file: string): Promise<unknown> {
  const isJson = /^\s*[{[]/.test(text);
  try {
    if (isJson) return JSON.parse(text) as unknown;
    const { parse } = await importPeer("yaml", "--asyncapi with YAML needs", () => import("yaml"));
    return parse(text, { prettyErrors: true, logLevel: "error" }) as unknown;
  } catch (error) {
    if (!(error instanceof Error) || (error.name !== "SyntaxError" && !error.name.startsWith("YAML"))) {
      if (!(error instanceof ReferenceError)) throw error; // yaml says so of aliases that are too many, or unknown
    }
    const [why] = error.message.split("\n", 1);
    throw new UsageError(`--asyncapi: ${file} is not ${isJson ? "JSON" : "YAML"}: ${why!.replace(/:$/, "")}`);
  }
}

function checkVersion(root: unknown, file: string): void {
  const document = z
    .looseObject({ asyncapi: z.unknown().optional(), openapi: z.unknown().optional(), swagger: z.unknown().optional() })
    .safeParse(root);
  const { asyncapi, openapi, swagger } = document.data ?? {};
  if ((openapi ?? swagger) !== undefined)
    throw new UsageError(`--asyncapi: ${file} is OpenAPI, which does not describe messages`);
  if (typeof asyncapi !== "string" && typeof asyncapi !== "number")
    throw new UsageError(`--asyncapi: ${file} is not AsyncAPI: it has no "asyncapi": "3.0.0"`);
  const version = String(asyncapi);
  if (/^3(\.|$)/.test(version)) return;
  const next = /^[12]\./.test(version)
    ? `; convert it: npx @asyncapi/cli convert ${file} --output asyncapi.json --target-version 3.0.0 (Springwolf writes version 3 from 1.0 on)`
    : "";
  throw new UsageError(`--asyncapi: ${file} is AsyncAPI ${version}, and Rollcall reads version 3${next}`);
}

const rootShape = z.looseObject({
  info: z.looseObject({ title: z.string().optional() }).optional().catch(undefined),
  servers: z.record(z.string(), z.unknown()).optional(),
  channels: z.record(z.string(), z.unknown()).optional(),
  operations: z.record(z.string(), z.unknown()).optional(),
});

class Reader {
  readonly #root: unknown;
  readonly #file: string;

  constructor(root: unknown, file: string) {
    this.#root = root;
    this.#file = file;
  }

  read(): AsyncApi {
    const { info, servers, channels, operations } = this.#as(rootShape, this.#root, "the document");
    const channelsByKey = new Map(Object.keys(channels ?? {}).map((key) => [key, this.#channel(channels![key], key)]));
    const all = Object.entries(servers ?? {}).map(([name, server]) => this.#server(server, name));
    return {
      title: info?.title,
      servers: all,
      traffic: Object.entries(operations ?? {})
        .flatMap(([name, operation]) => this.#traffic(operation, name, channelsByKey))
        .map((each) => ({
          ...each,
          protocols: each.protocols.length > 0 ? each.protocols : all.map(({ protocol }) => protocol),
        })),
      resolve: (value) => this.#resolve(value),
    };
  }

  /** Follows a reference, and the references it leads to. */
  #resolve(value: unknown): unknown {
    let found = value;
    for (let hops = 0; hops < hopsMax; hops++) {
      const reference = referenceOf(found);
      if (reference === undefined) return found;
      if (!reference.startsWith("#"))
        throw new UsageError(
          `--asyncapi: ${this.#file} refers to another file, ${JSON.stringify(reference)}; put it together first: npx @asyncapi/cli bundle ${this.#file} --output asyncapi.json`,
        );
      found = at(this.#root, pointerOf(reference));
      if (found === undefined)
        throw new UsageError(
          `--asyncapi: ${this.#file} refers to ${JSON.stringify(reference)}, which it does not have`,
        );
    }
    throw new UsageError(
      `--asyncapi: ${this.#file} has a reference that leads back to itself: ${JSON.stringify(referenceOf(value))}`,
    );
  }

  #as<T>(shape: z.ZodType<T>, value: unknown, what: string): T {
    const result = shape.safeParse(this.#resolve(value));
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    const path = issue!.path.map(String).join(".");
    throw new UsageError(
      `--asyncapi: ${this.#file} is not as AsyncAPI 3 says: ${what}${path === "" ? "" : `, ${path}`}: ${issue!.message}`,
    );
  }

  #server(value: unknown, name: string): Server {
    const { host, pathname = "", protocol, variables = {} } = this.#as(serverShape, value, `servers.${name}`);
    const filled = (text: string): string =>
      text.replace(/\{([^}]+)\}/g, (whole, variable: string) => {
        const { data } = z.looseObject({ default: z.string() }).safeParse(this.#resolve(variables[variable]));
        return data?.default ?? whole;
      });
    return { name, host: filled(host), pathname: filled(pathname), protocol: protocol.toLowerCase() };
  }

  #channel(value: unknown, key: string): z.infer<typeof channelShape> {
    return this.#as(channelShape, value, `channels.${key}`);
  }

  #traffic(value: unknown, name: string, channels: ReadonlyMap<string, z.infer<typeof channelShape>>): Traffic[] {
    const where = `operations.${name}`;
    const { action, channel, messages, reply, bindings } = this.#as(operationShape, value, where);
    const one = (side: Traffic["action"], wanted: unknown, some: readonly unknown[] | undefined): Traffic[] => {
      const key = keyOf(wanted);
      const found = channels.get(key) ?? this.#as(channelShape, wanted, `${where}.channel`);
      const { address, servers = [], messages: all = {} } = found;
      if (typeof address !== "string" || address === "") return []; // known at run time only
      const bound = [found.bindings, bindings].flatMap((value) => namesOf(this.#resolve(value)));
      const protocols = servers.map((server) => this.#as(serverShape, server, `channels.${key}.servers`).protocol);
      const list = (some ?? Object.values(all)).map((message) => this.#message(message, where));
      return [{ action: side, address, channel: key, messages: list, protocols, bindings: bound }];
    };
    const answered = reply === undefined ? undefined : this.#as(replyShape, reply, `${where}.reply`);
    const other = action === "send" ? "receive" : "send";
    return [
      ...one(action, channel, messages),
      ...(answered?.channel === undefined ? [] : one(other, answered.channel, answered.messages)),
    ];
  }

  #message(value: unknown, where: string): Message {
    const { payload: given, contentType } = this.#as(messageShape, value, `${where}.messages`);
    const payload = this.#resolve(given);
    const { data } = z.looseObject({ schemaFormat: z.string(), schema: z.unknown().optional() }).safeParse(payload);
    if (data === undefined) return { contentType, payload };
    const isJson = /asyncapi|schema\+json|schema\+yaml|openapi/.test(data.schemaFormat);
    return { contentType, payload: isJson ? data.schema : undefined };
  }
}

const namesOf = (bindings: unknown): string[] =>
  typeof bindings === "object" && bindings !== null ? Object.keys(bindings) : [];

function referenceOf(value: unknown): string | undefined {
  const reference = typeof value === "object" && value !== null ? (value as { $ref?: unknown }).$ref : undefined;
  return typeof reference === "string" ? reference : undefined;
}

/** A fragment is percent-encoded. */
function pointerOf(reference: string): string {
  try {
    return decodeURIComponent(reference.slice(1));
  } catch {
    return reference.slice(1);
  }
}

/** Of a reference to a channel: its key. */
const keyOf = (value: unknown): string =>
  (
    pointerOf(referenceOf(value) ?? "#")
      .split("/")
      .at(-1) ?? ""
  )
    .replaceAll("~1", "/")
    .replaceAll("~0", "~");
