import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Flags } from "../answers.ts";
import { readAsyncApi } from "./document.ts";
import { knownOf, type Known } from "./known.ts";

const folder = mkdtempSync(join(tmpdir(), "rollcall-asyncapi-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function known(text: string, flags: Flags = {}): Promise<Known> {
  const file = join(folder, "asyncapi.yaml");
  writeFileSync(file, text);
  return knownOf(await readAsyncApi(file), flags);
}

type Fields = Record<string, string>;
const payload = (fields: Fields): string =>
  `{ type: object, properties: { ${Object.entries(fields)
    .map(([name, type]) => `${name}: ${type.startsWith("{") ? type : `{ type: ${type} }`}`)
    .join(", ")} } }`;

/** Operations by their address: "receive /app/x". */
const stomp = (operations: Record<string, Fields>, host = "localhost:8080/ws", protocol = "stomp"): string =>
  [
    "asyncapi: 3.0.0",
    "info: { title: Chat, version: '1' }",
    `servers: { main: { host: "${host}", protocol: ${protocol} } }`,
    "channels:",
    ...Object.entries(operations).map(
      ([name, fields]) =>
        `  "${name}": { address: "${name.split(" ")[1]}", messages: { one: { payload: ${payload(fields)} } } }`,
    ),
    "operations:",
    ...Object.keys(operations).map(
      (name, at) =>
        `  o${at}: { action: ${name.split(" ")[0]}, channel: { $ref: "#/channels/${name.replaceAll("/", "~1")}" } }`,
    ),
  ].join("\n");

test("the server's host may have the path behind it, a pathname, a scheme, or be one of several", async () => {
  const at = async (servers: string): Promise<unknown> =>
    (await known(`asyncapi: 3.0.0\nservers: { ${servers} }`)).flags;
  expect(await at("a: { host: localhost:8080/ws, protocol: stomp }")).toMatchObject({
    url: "http://localhost:8080",
    endpoint: "/ws",
  });
  expect(await at("a: { host: chat.example.org, pathname: /api/ws, protocol: wss }")).toMatchObject({
    url: "https://chat.example.org",
    transport: "raw",
    endpoint: "/api/ws",
  });
  expect(await at('a: { host: "wss://chat.example.org/ws/", protocol: stomp }')).toMatchObject({
    url: "https://chat.example.org",
    endpoint: "/ws",
  });
  expect(
    await at("a: { host: chat.example.org, protocol: stomp }, b: { host: 127.0.0.1:1/ws, protocol: stomp }"),
  ).toMatchObject({ url: "http://127.0.0.1:1", endpoint: "/ws" });
  expect(await at("a: { host: kafka:9092, protocol: kafka }")).toEqual({});
  expect(await at("a: { host: localhost:1/ws/websocket, protocol: stomp }")).toMatchObject({
    transport: "sockjs",
    endpoint: "/ws",
  });
});

test("what the server receives is sent, what it sends is heard, and the one text is the text", async () => {
  const { flags, extra } = await known(
    stomp({
      "receive /app/rooms/{roomId}/chat": { content: "string", sender: "string", sentAt: "string" },
      "send /topic/rooms/{roomId}": { id: "integer", content: "string", senderName: "string" },
      "send /topic/rooms/{roomId}/typing": { username: "string" },
      "send /user/queue/errors": { message: "string" },
    }),
  );
  expect(flags).toEqual({
    name: "chat",
    url: "http://localhost:8080",
    transport: "websocket",
    endpoint: "/ws",
    destination: "/topic/rooms/{room}",
    send: "/app/rooms/{room}/chat",
    text: "content",
  });
  expect(extra).toEqual({
    comments: {},
    heard: "content",
    body: [
      { path: "content", is: "text" },
      { path: "sender", is: "username" },
    ],
  });
});

test("a room in the body is filled in, as the number that it is", async () => {
  const { flags, extra } = await known(
    stomp({
      "receive /pub/messages": { content: "string", channelId: "integer", authorId: "string", isRead: "boolean" },
      "send /sub/channels/{id}": { message: "{ type: object, properties: { content: { type: string } } }" },
    }),
  );
  expect(flags).toMatchObject({ destination: "/sub/channels/{room}", send: "/pub/messages", text: "content" });
  expect(extra.heard).toBe("message.content");
  expect(extra.body).toEqual([
    { path: "content", is: "text" },
    { path: "channelId", is: "room number" },
    { path: "authorId", is: "id" },
    { path: "isRead", is: { value: true } },
  ]);
});

test("where two fields can be the text, none is taken and both are named", async () => {
  const { flags, extra, lines } = await known(
    stomp({
      "receive /app/{room}": { subject: "string", content: "string" },
      "send /topic/{room}": { subject: "string", content: "string" },
    }),
  );
  expect(flags).not.toHaveProperty("text");
  expect(extra.body).toBeUndefined();
  expect(extra.comments!.text).toContain("said: subject (string), content (string)");
  expect(lines.join("\n")).toContain("left --text: ");
});

test("where two destinations fit, none is taken and both are named; a flag decides", async () => {
  const text = stomp({
    "receive /app/{room}/say": { content: "string" },
    "receive /app/{room}/shout": { content: "string" },
    "send /topic/{room}": { content: "string" },
  });
  const { flags, extra } = await known(text);
  expect(flags).not.toHaveProperty("send");
  expect(extra.comments!.send).toBe("a client sends to /app/{room}/say, /app/{room}/shout");
  const decided = await known(text, { send: "/app/{room}/say", url: "http://localhost:1" });
  expect(decided.extra.comments).not.toHaveProperty("send");
  expect(decided.flags).not.toHaveProperty("url");
});

test("the prefix that Springwolf puts before @SendTo is taken away", async () => {
  const text = `asyncapi: 3.0.0
servers: { a: { host: localhost:1/ws, protocol: stomp } }
channels:
  in: { address: "/app/room/{id}", messages: { one: { payload: { properties: { text: { type: string } } } } } }
  out: { address: "/app/topic/room/{id}", messages: { one: { payload: { properties: { text: { type: string } } } } } }
operations:
  say:
    action: receive
    channel: { $ref: "#/channels/in" }
    reply: { channel: { $ref: "#/channels/out" } }`;
  expect((await known(text)).flags).toMatchObject({ destination: "/topic/room/{room}", send: "/app/room/{room}" });
});

test("actions that are the client's are turned round", async () => {
  const { flags, lines } = await known(
    stomp({ "send /app/{room}": { text: "string" }, "receive /topic/{room}": { text: "string" } }),
  );
  expect(flags).toMatchObject({ destination: "/topic/{room}", send: "/app/{room}", text: "text" });
  expect(lines).toContain("its actions are the client's, not the server's: \"send\" goes to /app/{room}");
});

test("a bare WebSocket names its room in the address", async () => {
  const { flags } = await known(
    stomp({ "receive /chat/{room}": { text: "string" }, "send /chat/{room}": { text: "string" } }, "localhost:1", "ws"),
  );
  expect(flags).toMatchObject({ transport: "raw", endpoint: "/chat/{room}", text: "text" });
});

test("streams of events alone need no transport", async () => {
  const { flags } = await known(stomp({ "send /events": { id: "string" } }, "localhost:1", "sse"));
  expect(flags).toEqual({ name: "chat", url: "http://localhost:1", transport: "none", events: "/events" });
});

test("what goes over a broker behind the server is none of the clients'", async () => {
  const text = stomp({ "receive /app/{room}": { text: "string" }, "send /topic/{room}": { text: "string" } });
  const { flags } = await known(
    `${text.replace("servers: {", "servers: { events: { host: 'kafka:9092', protocol: kafka },")}
  saved: { action: send, channel: { $ref: "#/channels/saved" }, bindings: { kafka: {} } }`.replace(
      "channels:",
      'channels:\n  saved: { address: "/topic/{id}.saved", messages: { one: { payload: { properties: { text: { type: string } } } } } }',
    ),
  );
  expect(flags).toMatchObject({ url: "http://localhost:8080", destination: "/topic/{room}", text: "text" });
});

test("a schema that holds itself ends", async () => {
  const text = stomp({ "receive /app/{room}": {}, "send /topic/{room}": {} }).replaceAll(
    "payload: { type: object, properties: {  } }",
    'payload: { $ref: "#/components/schemas/Node" }',
  );
  const { flags } = await known(
    `${text}\ncomponents: { schemas: { Node: { properties: { text: { type: string }, next: { $ref: "#/components/schemas/Node" } } } } }`,
  );
  expect(flags).toMatchObject({ destination: "/topic/{room}", text: "text" });
});

test("a schema that is all of itself, many times, ends", async () => {
  const text = stomp({ "receive /app/{room}": {}, "send /topic/{room}": {} }).replaceAll(
    "payload: { type: object, properties: {  } }",
    'payload: { $ref: "#/components/schemas/Node" }',
  );
  const self = '{ $ref: "#/components/schemas/Node" }';
  const { flags } = await known(
    `${text}\ncomponents: { schemas: { Node: { allOf: [${Array(60).fill(self).join(", ")}] } } }`,
  );
  expect(flags).toMatchObject({ send: "/app/{room}" });
});

test("a document that says of no channel who sends there is told so", async () => {
  const lines = async (text: string): Promise<string> => (await known(text)).lines.join("\n");
  expect(await lines("asyncapi: 3.0.0\nservers: { a: { host: h, protocol: kafka } }")).toMatch(
    /^it says of no channel/m,
  );
  expect(await lines(stomp({ "send /topic/a": { text: "string" } }))).not.toContain("it says of no channel");
});
