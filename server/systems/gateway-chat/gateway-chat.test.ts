// The whole server, embedded, spoken to as strangers do: nobody logs in.

import { once } from "node:events";
import { SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import {
  demoSecret,
  rawPath,
  roomAlias,
  roomDestination,
  sendAliases,
  sendDestination,
} from "../../../systems/gateway-chat/wire.ts";
import { ask, openTestInstance, type TestInstance } from "../../fakes.ts";

let instance: TestInstance;
let base: string;
const open: WebSocket[] = [];

beforeAll(async () => {
  instance = await openTestInstance({ SYSTEMS: "gateway-chat,gateway-chat-secure", DRAIN_MS: "500" });
  base = instance.urls["gateway-chat"];
}, 60_000);

afterAll(async () => {
  for (const socket of open) socket.terminate();
  await instance[Symbol.asyncDispose]();
});

interface Said {
  id?: string;
  roomId?: string;
  sender?: string;
  content?: string;
  timestamp?: string;
  clientMsgId?: unknown;
  type?: string;
  message?: string;
}

/** A socket and what it got, in order. */
async function socketAt(path: string, options: { origin?: string } = {}, at = base) {
  const socket = new WebSocket(at.replace("http", "ws") + path, options);
  open.push(socket);
  const got: string[] = [];
  socket.on("message", (data: Buffer) => got.push(data.toString()));
  const closed = once(socket, "close") as Promise<[number, Buffer]>;
  await once(socket, "open");
  const until = async (count: number): Promise<string[]> => {
    while (got.length < count) await once(socket, "message");
    return got;
  };
  return { socket, got, until, closed };
}

async function rawIn(path: string) {
  const { socket, until, closed } = await socketAt(path);
  const say = (message: unknown): void => socket.send(typeof message === "string" ? message : JSON.stringify(message));
  return {
    socket,
    say,
    closed,
    until: async (count: number) => (await until(count)).map((text) => JSON.parse(text) as Said),
  };
}

const frame = (command: string, headers: Record<string, string>, body = ""): string =>
  `${command}\n${Object.entries(headers)
    .map(([name, value]) => `${name}:${value}\n`)
    .join("")}\n${body}\0`;

/** Connected without a credential, unless there is one. */
async function stompAt(path = "/chat", at = base, token?: string) {
  const { socket, until, got, closed } = await socketAt(path, { origin: "http://anywhere.test" }, at);
  const send = (command: string, headers: Record<string, string>, body?: unknown): void =>
    socket.send(frame(command, headers, body === undefined ? "" : JSON.stringify(body)));
  const credential = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  send("CONNECT", { "accept-version": "1.2", host: "x", ...credential });
  await until(1);
  return { send, until, got, closed };
}

const message = (roomId: string, content: string): Said => ({ roomId, sender: "user_A", content });
const bodyOf = (text: string): Said => JSON.parse(text.slice(text.indexOf("\n\n") + 2, -1)) as Said;

test("a message by any alias is heard once on each destination, whole, and by raw sockets of the room", async () => {
  const { send, until, got } = await stompAt();
  const raw = await rawIn(rawPath("r1"));
  send("SUBSCRIBE", { id: "s", destination: roomDestination("r1"), receipt: "1" });
  send("SUBSCRIBE", { id: "t", destination: roomAlias("r1"), receipt: "2" });
  await until(3);
  const sentTo = [sendDestination, ...sendAliases];
  for (const destination of sentTo)
    send("SEND", { destination }, { ...message("r1", destination), id: "mine", timestamp: "then", clientMsgId: "c-1" });
  send("SEND", { destination: sendDestination, receipt: "end" }, message("r1", "end"));
  await until(3 + 1 + 2 * (sentTo.length + 1));
  const heardAt = (destination: string): string[] =>
    got.filter((text) => text.startsWith("MESSAGE") && text.includes(`destination:${destination}\n`));
  for (const destination of [roomDestination("r1"), roomAlias("r1")])
    expect(heardAt(destination).map((text) => bodyOf(text).content)).toEqual([...sentTo, "end"]);
  const first = bodyOf(heardAt(roomDestination("r1"))[0]!);
  expect(first).toMatchObject({ roomId: "r1", sender: "user_A", clientMsgId: "c-1" });
  expect(first.id).not.toBe("mine");
  expect(Date.parse(first.timestamp!)).toBeGreaterThan(Date.now() - 60_000);
  expect((await raw.until(sentTo.length + 1)).map(({ content }) => content)).toEqual([...sentTo, "end"]);
});

test("a refused SEND is told on the error queue, one to a room itself ends the connection", async () => {
  const { send, until, closed } = await stompAt("/chat/websocket");
  send("SUBSCRIBE", { id: "e", destination: "/user/queue/errors", receipt: "1" });
  await until(2);
  send("SEND", { destination: sendDestination }, { roomId: "r2", content: "nobody's" });
  expect(bodyOf((await until(3))[2]!).message).toMatch(/^sender: /);
  send("SEND", { destination: roomDestination("r2") }, message("r2", "direct"));
  expect((await until(4))[3]).toMatch(/^ERROR\n/);
  expect((await closed)[0]).toBe(1002);
});

test.each([roomDestination("*"), roomDestination("a/b"), "/sub/**", "/sub/chat/room/", "/queue/x"])(
  "SUBSCRIBE to %s is refused",
  async (destination) => {
    const { send, closed } = await stompAt();
    send("SUBSCRIBE", { id: "s", destination });
    expect((await closed)[0]).toBe(1002);
  },
);

test("in a raw room the others hear, in order, and the sender does not; other rooms hear nothing", async () => {
  const [alice, bob, elsewhere, late] = await Promise.all([
    rawIn(rawPath("r3")),
    rawIn(rawPath("r3")),
    rawIn(rawPath("r4")),
    rawIn("/ws/chat"),
  ]);
  late.say(message("r3", "implicit"));
  const texts = Array.from({ length: 50 }, (_, at) => `한글 😀 ${at}`);
  await bob.until(1);
  for (const text of texts) alice.say(message("r3", text));
  expect((await bob.until(51)).map(({ content }) => content)).toEqual(["implicit", ...texts]);
  expect((await late.until(50)).map(({ content }) => content)).toEqual(texts);
  bob.say(message("r3", "fence"));
  expect((await alice.until(2)).map(({ content }) => content)).toEqual(["implicit", "fence"]);
  elsewhere.say("not json");
  expect((await elsewhere.until(1)).map(({ type }) => type)).toEqual(["ERROR"]);
});

test("what is wrong gets one ERROR, disturbs nobody, and the socket stays open", async () => {
  const [alice, bob] = await Promise.all([rawIn(rawPath("r5")), rawIn(rawPath("r5"))]);
  const wrong = [
    '{"roomId":"r5"',
    "",
    "null",
    message("r6", "another room"),
    { roomId: "r5", sender: "a" },
    { roomId: 5, sender: "a", content: "x" },
    message("r5", "  "),
    message("r5", "x".repeat(2_001)),
    message("r5", "\0"),
  ];
  for (const one of wrong) alice.say(one);
  alice.say(message("r5", "good"));
  expect((await alice.until(wrong.length)).map(({ type }) => type)).toEqual(wrong.map(() => "ERROR"));
  expect((await bob.until(1)).map(({ content }) => content)).toEqual(["good"]);
});

test("what cannot be stored is heard by nobody, and its sender hears so", async () => {
  await using other = await openTestInstance({ SYSTEMS: "gateway-chat", DRAIN_MS: "500" }, { breaks: true });
  const at = other.urls["gateway-chat"];
  const [alice, bob] = await Promise.all([socketAt(rawPath("r7"), {}, at), socketAt(rawPath("r7"), {}, at)]);
  const { send, until, closed } = await stompAt("/chat", at);
  other.breakDatabase("out of bounds");
  alice.socket.send(JSON.stringify(message("r7", "lost")));
  expect((await alice.until(1))[0]).toMatch(/^\{"type":"ERROR"/);
  send("SEND", { destination: sendDestination, receipt: "1" }, message("r7", "lost, too"));
  expect((await until(2))[1]).toMatch(/^ERROR\nmessage:Service unavailable\n/);
  expect((await closed)[0]).toBe(1011);
  expect(bob.got).toEqual([]);
  // The database of the other tests, which is used meanwhile, did not break with it.
  const [ann, ben] = await Promise.all([socketAt(rawPath("r8")), socketAt(rawPath("r8"))]);
  ann.socket.send(JSON.stringify(message("r8", "kept")));
  expect((await ben.until(1))[0]).toContain("kept");
});

test("a room whose name is none is refused", async () => {
  const { closed, until } = await rawIn("/ws/chat?roomId=a%2Fb");
  expect((await until(1))[0]).toMatchObject({ type: "ERROR" });
  expect((await closed)[0]).toBe(1008);
});

test("over xhr-polling a stranger is let in, too", async () => {
  const session = "/chat/000/guest1";
  const body = JSON.stringify([frame("CONNECT", { "accept-version": "1.2" })]);
  expect((await ask(base, "POST", `${session}/xhr`)).text).toBe("o\n");
  expect((await ask(base, "POST", `${session}/xhr_send`, { body })).status).toBe(204);
  expect((await ask(base, "POST", `${session}/xhr`)).text).toMatch(/^a\["CONNECTED/);
});

test("in secure mode CONNECT needs a token, and its user is the sender; there are no raw rooms", async () => {
  const secure = instance.urls["gateway-chat-secure"];
  const key = new TextEncoder().encode(demoSecret);
  const tokenOf = (claims: object, secret = key): Promise<string> =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: "HS512" }).sign(secret);
  const exp = Math.floor(Date.now() / 1_000) + 3_600;
  const refused = [
    undefined,
    "a.b.c",
    await tokenOf({ sub: "7" }),
    await tokenOf({ sub: "7", exp: exp - 3_660 }),
    await tokenOf({ exp }),
    await tokenOf({ sub: "7", exp }, new Uint8Array(64)),
  ];
  for (const token of refused) {
    const { got, closed } = await stompAt("/chat", secure, token);
    expect((await closed)[0]).toBe(1002);
    expect(got[0]).toMatch(/^ERROR\nmessage:Authentication required\n/);
  }
  const { send, until, got } = await stompAt("/chat", secure, await tokenOf({ sub: "7", nickname: "n", exp }));
  send("SUBSCRIBE", { id: "s", destination: roomDestination("r1"), receipt: "1" });
  await until(2);
  send("SEND", { destination: sendDestination }, message("r1", "mine"));
  await until(3);
  expect(bodyOf(got[2]!)).toMatchObject({ sender: "7", content: "mine" });
  expect((await ask(secure, "GET", rawPath("r1"))).status).toBe(404);
});

test("in secure mode a connection ends with its token", async () => {
  const key = new TextEncoder().encode(demoSecret);
  // Long enough for a busy machine to connect.
  const claims = { sub: "7", exp: Math.floor(Date.now() / 1_000) + 5 };
  const token = await new SignJWT(claims).setProtectedHeader({ alg: "HS512" }).sign(key);
  const { until, got, closed } = await stompAt("/chat", instance.urls["gateway-chat-secure"], token);
  await until(1);
  expect(got[0]).toMatch(/^CONNECTED\n/);
  expect((await closed)[0]).toBe(1008);
});

test("over HTTP there is nothing else", async () => {
  expect((await ask(base, "GET", rawPath("r1"))).status).toBe(426);
  expect((await ask(base, "GET", "/chat/info")).status).toBe(200);
  const { status, headers } = await ask(base, "GET", "/nothing", { headers: { origin: "http://anywhere.test" } });
  expect([status, headers["access-control-allow-origin"]]).toEqual([404, "http://anywhere.test"]);
});
