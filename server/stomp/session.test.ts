import { setImmediate as turn } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { Broker } from "./broker.ts";
import { destinationOf, FakeConnection, FakePorts, messageRecord, principal, refusalOf } from "../realtime/fakes.ts";
import { ByteBudget } from "../security/budget.ts";
import { Turns } from "../turns.ts";
import { StompSession, type SessionHost } from "./session.ts";

function open(overrides: Partial<SessionHost> = {}, connection = new FakeConnection()) {
  const ports = new FakePorts();
  const broker = new Broker();
  const log: string[] = [];
  const host: SessionHost = {
    ports,
    broker,
    inbound: new ByteBudget(64 * 1024 * 1024),
    turns: new Turns(),
    admit: () => log.push("admitted") > 0,
    dismiss: () => void log.push("dismissed"),
    onCutOff: () => void log.push("cut off"),
    onFault: () => void log.push("fault"),
    ...overrides,
  };
  const session = new StompSession(host, connection, () => void log.push("ended"));
  const say = async (...texts: string[]): Promise<void> => {
    for (const text of texts) session.onData(Buffer.from(text));
    for (let turns = 0; turns < 20; turns += 1) await turn();
  };
  return { ports, broker, connection, session, log, say };
}

const connect = "CONNECT\naccept-version:1.0,1.1,1.2\nAuthorization:Bearer ann\n\n\0";
const room = destinationOf("c1");
const subscribe = `SUBSCRIBE\nid:s1\ndestination:${room}\nreceipt:r1\n\n\0`;

test("StompSession connects with the highest common version and its heart-beat", async () => {
  for (const [accept, version] of [
    ["1.0,1.1,1.2", "1.2"],
    ["1.2,1.1,1.0", "1.2"],
    ["1.1,9.9", "1.1"],
    ["1.1, 1.2", "1.2"],
    ["1.0", "1.0"],
  ]) {
    const { connection, say, session } = open();
    await say(`CONNECT\naccept-version:${accept}\nAuthorization:Bearer ann\n\n\0`);
    expect(connection.frames).toMatchObject([
      { command: "CONNECTED", headers: { version, "heart-beat": "10000,10000" } },
    ]);
    session.onClose();
  }
});

test("StompSession treats STOMP as CONNECT, and no accept-version as 1.0", async () => {
  const { connection, say } = open();
  await say("STOMP\nAuthorization:Bearer ann\n\n\0");
  expect(connection.frames).toMatchObject([{ command: "CONNECTED", headers: { version: "1.0" } }]);
});

const refusedFirst: [string, string][] = [
  ["no token", "CONNECT\naccept-version:1.2\n\n\0"],
  ["a bad token", "CONNECT\naccept-version:1.2\nAuthorization:Bearer bad\n\n\0"],
  ["a bad token by STOMP", "STOMP\naccept-version:1.2\nAuthorization:Bearer bad\n\n\0"],
  ["the header in lower case", "CONNECT\naccept-version:1.2\nauthorization:Bearer ann\n\n\0"],
  ["another scheme", "CONNECT\naccept-version:1.2\nAuthorization:Basic ann\n\n\0"],
  ["no common version", "CONNECT\naccept-version:2.1\nAuthorization:Bearer ann\n\n\0"],
  ["a malformed heart-beat", "CONNECT\naccept-version:1.2\nAuthorization:Bearer ann\nheart-beat:abc\n\n\0"],
  ["SEND before CONNECT", "SEND\ndestination:/pub/messages\n\n{}\0"],
  ["SUBSCRIBE before CONNECT", subscribe],
  ["an HTTP request", "GET / HTTP/1.1\r\nHost: x\r\n\r\n\0"],
];

for (const [name, text] of refusedFirst) {
  test(`StompSession refuses ${name}: ERROR, close, never CONNECTED`, async () => {
    const { connection, ports, log, say } = open();
    await say(text, subscribe);
    expect(connection.commands).toEqual(["ERROR"]);
    expect(connection.closed).toMatchObject([[1002, expect.any(String)]]);
    expect(ports.sent).toEqual([]);
    expect(log).toEqual(["ended"]);
  });
}

test("StompSession reports a CONNECT without a good token, and no other refusal", async () => {
  const { ports, say } = open();
  await say("CONNECT\naccept-version:1.2\nAuthorization:Bearer bad\n\n\0");
  expect(ports.refusedConnects).toEqual(["bad from 192.0.2.1"]);
  const other = open();
  await other.say("CONNECT\naccept-version:2.1\nAuthorization:Bearer ann\n\n\0");
  expect(other.ports.refusedConnects).toEqual([]);
});

const refusedLater: [string, string][] = [
  ["a second CONNECT", connect],
  ["a forbidden destination", "SUBSCRIBE\nid:s\ndestination:/sub/channels.secret.messages\nreceipt:R\n\n\0"],
  ["a pattern", "SUBSCRIBE\nid:s\ndestination:/sub/**\nreceipt:R\n\n\0"],
  ["SUBSCRIBE without id", `SUBSCRIBE\ndestination:${room}\nreceipt:R\n\n\0`],
  ["SUBSCRIBE without destination", "SUBSCRIBE\nid:s\nreceipt:R\n\n\0"],
  ["ack modes", `SUBSCRIBE\nid:s\nack:client\ndestination:${room}\nreceipt:R\n\n\0`],
  ["SEND to a broker destination", `SEND\ndestination:${room}\nreceipt:R\n\n{}\0`],
  ["SEND without destination", "SEND\nreceipt:R\n\n{}\0"],
  ["SEND in a transaction", "SEND\ndestination:/pub/messages\ntransaction:t\nreceipt:R\n\n{}\0"],
  ["ACK", "ACK\nid:1\nreceipt:R\n\n\0"],
  ["BEGIN", "BEGIN\ntransaction:t\nreceipt:R\n\n\0"],
  ["a server's verb", `MESSAGE\ndestination:${room}\nreceipt:R\n\n\0`],
  ["an unknown verb", "FOO\nreceipt:R\n\n\0"],
  ["a lower-case verb", "send\ndestination:/pub/messages\nreceipt:R\n\n\0"],
  ["a body on SUBSCRIBE", `SUBSCRIBE\nid:s\ndestination:${room}\nreceipt:R\n\nx\0`],
  ["an undefined escape", "SEND\ndestination:/pub/messages\nx:\\t\n\n{}\0"],
];

for (const [name, text] of refusedLater) {
  test(`StompSession refuses ${name}: ERROR with receipt-id, close, nothing after it`, async () => {
    const { connection, ports, broker, log, say } = open();
    await say(connect, `${text}SEND\ndestination:/pub/messages\nreceipt:after\n\n{}\0`);
    expect(connection.commands).toEqual(["CONNECTED", "ERROR"]);
    expect(connection.frames[1]?.headers["receipt-id"]).toBe(text.includes("receipt:R") ? "R" : undefined);
    expect(connection.closed.map(([code]) => code)).toEqual([1002]);
    expect(ports.sent).toEqual([]);
    expect(broker.subscriptionCount).toBe(0);
    expect(log).toEqual(["admitted", "dismissed", "ended"]);
  });
}

test("StompSession delivers to each subscription, after its RECEIPT", async () => {
  const { connection, broker, say } = open();
  await say(connect, subscribe, subscribe.replaceAll("s1", "s\\c2"));
  expect(connection.commands).toEqual(["CONNECTED", "RECEIPT", "RECEIPT"]);
  expect(broker.deliver(messageRecord("m1"))).toBe(2);
  expect(broker.deliver(messageRecord("m1"))).toBe(0);
  const messages = connection.frames.slice(3);
  expect(new Set(messages.map(({ headers }) => headers["subscription"]))).toEqual(new Set(["s1", "s:2"]));
  expect(new Set(messages.map(({ headers }) => headers["message-id"])).size).toBe(2);
  expect(messages[0]).toMatchObject({
    command: "MESSAGE",
    headers: { destination: room, "content-type": "application/json", "content-length": "11" },
    body: '{"id":"m1"}',
  });
});

test("StompSession refuses a live subscription id, and takes it again after UNSUBSCRIBE", async () => {
  const { connection, broker, say } = open();
  await say(connect, subscribe, "UNSUBSCRIBE\nid:s1\nreceipt:u\n\n\0", subscribe);
  expect(broker.subscriptionCount).toBe(1);
  await say(subscribe);
  expect(connection.commands).toEqual(["CONNECTED", "RECEIPT", "RECEIPT", "RECEIPT", "ERROR"]);
  expect(broker.subscriptionCount).toBe(0);
});

test("StompSession takes no more than 100 subscriptions", async () => {
  const { connection, say } = open();
  const many = Array.from({ length: 101 }, (_, index) => `SUBSCRIBE\nid:s${index}\ndestination:${room}\n\n\0`);
  await say(connect, many.join(""));
  expect(connection.frames.at(-1)?.headers["message"]).toBe("Too many subscriptions");
});

test("StompSession confirms SEND after the commit, in order, and reports refusals on the error queue", async () => {
  const { connection, ports, say } = open();
  ports.onSend = async (body) => {
    if (body.includes("slow")) for (let turns = 0; turns < 5; turns += 1) await turn();
    return body.includes("wrong") ? refusalOf("wrong") : undefined;
  };
  const send = (text: string): string => `SEND\ndestination:/pub/messages\nreceipt:${text}\n\n${text}\0`;
  await say(
    connect,
    "SUBSCRIBE\nid:e\ndestination:/user/queue/errors\n\n\0",
    send("slow") + send("wrong") + send("quick"),
  );
  expect(ports.sent).toEqual(["ann: slow", "ann: quick"]);
  expect(
    connection.frames
      .slice(1)
      .map(({ command, headers }) => [command, headers["receipt-id"] ?? headers["destination"]]),
  ).toEqual([
    ["RECEIPT", "slow"],
    ["MESSAGE", "/user/queue/errors"],
    ["RECEIPT", "quick"],
  ]);
  expect(JSON.parse(connection.frames[2]?.body ?? "")).toMatchObject({ code: "REFUSED", message: "wrong" });
  expect(connection.closed).toEqual([]);
});

test("StompSession does not store a body that is not UTF-8", async () => {
  const { ports, session, say } = open();
  await say(connect);
  session.onData(
    Buffer.concat([Buffer.from("SEND\ndestination:/pub/messages\ncontent-length:1\n\n"), Buffer.from([0xff, 0])]),
  );
  await say("");
  expect(ports.sent).toEqual([]);
});

test("StompSession says ERROR and closes when the store is away", async () => {
  const { connection, ports, log, say } = open();
  ports.onSend = () => Promise.reject(new Error("password=hunter2"));
  await say(connect, "SEND\ndestination:/pub/messages\nreceipt:R\n\n{}\0");
  expect(connection.frames.at(-1)).toMatchObject({
    command: "ERROR",
    headers: { message: "Service unavailable", "receipt-id": "R" },
  });
  expect(connection.closed.map(([code]) => code)).toEqual([1011]);
  expect(log).toContain("fault");
});

test("StompSession answers DISCONNECT last and ignores what follows", async () => {
  const { connection, ports, broker, say } = open();
  await say(
    connect,
    subscribe,
    "SEND\ndestination:/pub/messages\n\n{}\0DISCONNECT\nreceipt:bye\n\n\0SEND\ndestination:/pub/messages\n\nlate\0",
  );
  expect(ports.sent).toEqual(["ann: {}"]);
  expect(connection.frames.at(-1)).toMatchObject({ command: "RECEIPT", headers: { "receipt-id": "bye" } });
  expect(connection.closed).toEqual([[1000, ""]]);
  expect(broker.subscriptionCount).toBe(0);
});

test("StompSession does the frames that came before a sudden close, then leaves nothing behind", async () => {
  const { ports, broker, session, log, say } = open();
  await say(connect, subscribe);
  session.onData(Buffer.from("SEND\ndestination:/pub/messages\n\nlast\0"));
  session.onClose();
  await say("");
  expect(ports.sent).toEqual(["ann: last"]);
  expect(broker.subscriptionCount).toBe(0);
  expect(log).toEqual(["admitted", "dismissed", "ended"]);
});

test("StompSession cuts off a reader that does not keep up", async () => {
  const { connection, broker, log, say } = open();
  await say(connect, subscribe);
  connection.queued = 2 * 1024 * 1024;
  broker.deliver(messageRecord("m1"));
  expect(connection.closed.map(([code]) => code)).toEqual([4500]);
  expect(log).toContain("cut off");
  expect(broker.subscriptionCount).toBe(0);
});

test("StompSession refuses a user with too many connections by 1013", async () => {
  const { connection, say } = open({ admit: () => false });
  await say(connect);
  expect(connection.commands).toEqual(["ERROR"]);
  expect(connection.closed.map(([code]) => code)).toEqual([1013]);
});

test("StompSession ends with its login, and drains by 1001 after the frames that came", async () => {
  const first = open();
  await first.say(connect);
  first.session.endLogin();
  expect(first.connection.commands).toEqual(["CONNECTED", "ERROR"]);
  expect(first.connection.closed.map(([code]) => code)).toEqual([1008]);
  const second = open();
  await second.say(connect);
  second.session.onData(Buffer.from("SEND\ndestination:/pub/messages\nreceipt:r\n\n{}\0"));
  await second.session.drain();
  expect(second.connection.commands).toEqual(["CONNECTED", "RECEIPT"]);
  expect(second.connection.closed.map(([code]) => code)).toEqual([1001]);
});

test("StompSession lets a 1.0 client subscribe without an id", async () => {
  const { connection, broker, say } = open();
  await say("CONNECT\nAuthorization:Bearer ann\n\n\0", `SUBSCRIBE\ndestination:${room}\n\n\0`);
  broker.deliver(messageRecord("m1"));
  expect(connection.frames[1]?.headers["subscription"]).toBeUndefined();
  await say(`UNSUBSCRIBE\ndestination:${room}\nreceipt:u\n\n\0`);
  expect(broker.subscriptionCount).toBe(0);
});

test("StompSession pauses a peer that sends faster than the work is done", async () => {
  const { connection, ports, say } = open();
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  ports.onSend = () => gate.then(() => undefined);
  await say(connect);
  await say(`SEND\ndestination:/pub/messages\n\n${"x".repeat(1_000)}\0`.repeat(200));
  expect(connection.paused).toBe(true);
  release();
  await say("");
  await say("");
  expect(connection.paused).toBe(false);
  expect(ports.sent.length).toBe(200);
});

test("StompSession cuts off a client that asks for receipts and reads none", async () => {
  const { connection, log, say } = open();
  await say(connect);
  connection.queued = 2 * 1024 * 1024;
  await say("UNSUBSCRIBE\nid:x\nreceipt:r\n\n\0");
  expect(connection.closed.map(([code]) => code)).toEqual([4500]);
  expect(log).toContain("cut off");
});

test("StompSession takes no more than 64 KiB before CONNECT, of line feeds, of frames, or of a message that is not whole", async () => {
  for (const text of ["\n".repeat(70_000), `CONNECT\n${"a:b\n".repeat(20)}${"x".repeat(70_000)}`]) {
    const { connection, session, log, say } = open();
    await say(text);
    expect(connection.closed.map(([code]) => code)).toEqual([1002]);
    expect(session.onData(Buffer.from("x"))).toBe(true);
    expect(log).toEqual(["ended"]);
  }
  const { connection, session, say } = open();
  await say("CONNECT\nreceipt:r1\n");
  session.onPartial(60_000);
  expect(connection.closed).toEqual([]);
  session.onPartial(70_000);
  expect(connection.closed.map(([code]) => code)).toEqual([1002]);
  expect(connection.frames.at(-1)).toMatchObject({ command: "ERROR", headers: { "receipt-id": "r1" } });
});

test("StompSession keeps no more than 1 MiB that waits for a slow store, and gives it all back", async () => {
  const inbound = new ByteBudget(64 * 1024 * 1024);
  const { connection, ports, session, say } = open({ inbound });
  ports.onSend = () => new Promise(() => undefined);
  await say(connect);
  const large = Buffer.from(`SEND\ndestination:/pub/messages\n\n${"x".repeat(60_000)}\0`);
  const answers: boolean[] = [];
  for (let count = 0; count < 20 && connection.closed.length === 0; count += 1) {
    answers.push(session.onData(large));
    expect(inbound.totalBytes).toBeLessThanOrEqual(1024 * 1024);
  }
  expect(connection.paused).toBe(true);
  expect(answers.at(-1)).toBe(false);
  expect(answers.indexOf(false)).toBe(answers.length - 1);
  expect(connection.closed.map(([code]) => code)).toEqual([1013]);
  expect(inbound.totalBytes).toBe(0);
});

test("StompSession refuses bytes above the share of its user over all connections", async () => {
  const inbound = new ByteBudget(64 * 1024 * 1024);
  const other = inbound.open({ key: "ann", bytesMax: Infinity });
  other.take(16 * 1024 * 1024);
  const { connection, say } = open({ inbound });
  await say(connect);
  expect(connection.commands).toEqual(["CONNECTED"]);
  await say("SEND\n");
  expect(connection.closed.map(([code]) => code)).toEqual([1013]);
});

test("StompSession names the receipt of a frame that it cannot read, when that header can be read", async () => {
  const receipt = "receipt:r\\c1\n";
  for (const bad of [
    `SEND\n${receipt}destination:/pub/messages\ncontent-length:1\n\nab\0`,
    `SEND\n${receipt}x:\\t\n\n{}\0`,
    `SEND\n${receipt}nocolon\n\n{}\0`,
    `SEND\n${receipt}content-length:-1\n\n\0`,
    `SEND\n${receipt}destination:/pub/messages\n\n${"x".repeat(70_000)}\0`,
    `SEND\n${receipt}${"a:b\n".repeat(70)}\n\0`,
  ]) {
    const { connection, say } = open();
    await say(connect);
    await say(bad);
    expect(connection.frames.at(-1)).toMatchObject({ command: "ERROR", headers: { "receipt-id": "r:1" } });
  }
  const { connection, say } = open();
  await say(`SEND\n${receipt}destination:/pub/messages\n\n{}\0`);
  expect(connection.frames.at(-1)).toMatchObject({ command: "ERROR", headers: { "receipt-id": "r:1" } });
});

test("StompSession ends a client whose frame does not come whole in 30 s, however many bytes come", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const { connection, session, say } = open();
    await say(connect);
    await say("SEND\ndestination:/pub/messages\nreceipt:r1\n\n{");
    for (let second = 0; second < 29; second += 1) {
      vi.advanceTimersByTime(1_000);
      session.onData(Buffer.from("x"));
    }
    expect(connection.closed).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(connection.closed.map(([code]) => code)).toEqual([4500]);
    expect(connection.frames.at(-1)).toMatchObject({ command: "ERROR", headers: { "receipt-id": "r1" } });
    const another = open();
    await another.say(connect);
    await another.say("SEND\ndestination:/pub/messages\n\n{");
    await another.say("}\0\n");
    vi.advanceTimersByTime(60_000);
    expect(another.connection.closed).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});

test("StompSession lets other work go on between the frames of a burst", async () => {
  const { ports, say, session } = open();
  ports.onSend = () => {
    for (const until = performance.now() + 1; performance.now() < until;);
    return Promise.resolve(undefined);
  };
  await say(connect);
  let rounds = 0;
  const count = (): void => {
    rounds += 1;
    if (ports.sent.length < 50) setImmediate(count);
  };
  setImmediate(count);
  session.onData(Buffer.from("SEND\ndestination:/pub/messages\n\n{}\0".repeat(50)));
  await vi.waitFor(() => expect(ports.sent.length).toBe(50), 10_000);
  expect(rounds).toBeGreaterThan(5);
});

test("StompSession asks for no token where the handshake said who it is", async () => {
  const ports = new FakePorts();
  const connection = Object.assign(new FakeConnection(), { principal: principal("ann") });
  const asked = vi.spyOn(ports, "authenticate");
  const { say } = open({ ports }, connection);
  await say("CONNECT\naccept-version:1.2\n\n\0");
  expect(connection.commands).toEqual(["CONNECTED"]);
  expect(asked).not.toHaveBeenCalled();
});

test("StompSession says once of each subscription that it began and that it ended", async () => {
  const heard: string[] = [];
  const ports = Object.assign(new FakePorts(), {
    listening: (_: object, { username }: { username: string }, at: string) => void heard.push(`${username} + ${at}`),
    stoppedListening: (_: object, __: object, at: string) => void heard.push(`- ${at}`),
  });
  const { say, session } = open({ ports });
  await say(connect, subscribe, subscribe.replace("s1", "s2"), "UNSUBSCRIBE\nid:s1\n\n\0");
  session.onClose();
  session.onClose();
  expect(heard).toEqual([`ann + ${room}`, `ann + ${room}`, `- ${room}`, `- ${room}`]);
});

test("StompSession answers a SUBSCRIBE once its beginning is known everywhere", async () => {
  const known = Promise.withResolvers<void>();
  const ports = Object.assign(new FakePorts(), { listening: () => known.promise });
  const { connection, say } = open({ ports });
  await say(connect, subscribe);
  expect(connection.commands).toEqual(["CONNECTED"]);
  known.resolve();
  await say();
  expect(connection.commands).toEqual(["CONNECTED", "RECEIPT"]);
});

test("StompSession.checkSubscriptions() ends what its user may not hear any more", async () => {
  const { ports, broker, connection, say, session } = open();
  await say(connect, subscribe, subscribe.replace("s1", "s2").replace(room, destinationOf("c2")));
  vi.spyOn(ports, "maySubscribe").mockImplementation((_, destination) => Promise.resolve(destination !== room));
  await session.checkSubscriptions();
  expect(broker.deliver(messageRecord("m1"))).toBe(0);
  expect(broker.deliver(messageRecord("m2", "c2"))).toBe(1);
  expect(connection.closed).toEqual([]);
});

test("StompSession.checkSubscriptions() ends the session where nobody can tell", async () => {
  const { ports, connection, say, session } = open();
  await say(connect, subscribe);
  vi.spyOn(ports, "maySubscribe").mockRejectedValue(new Error("the store is away"));
  await session.checkSubscriptions();
  expect(connection.closed).toMatchObject([[1011, expect.any(String)]]);
});

test("StompSession refuses a SUBSCRIBE whose right was lost while it was asked for", async () => {
  const { ports, broker, connection, say, session } = open();
  await say(connect);
  const first = Promise.withResolvers<boolean>();
  const asked = vi.spyOn(ports, "maySubscribe");
  asked.mockReturnValueOnce(first.promise).mockResolvedValue(false);
  await say(subscribe);
  await session.checkSubscriptions();
  first.resolve(true);
  await say();
  expect(connection.commands).toEqual(["CONNECTED", "ERROR"]);
  expect(broker.deliver(messageRecord("m1"))).toBe(0);
});
