import { expect, test } from "vitest";
import { readFrames, type ShownFrame } from "../realtime/fakes.ts";
import type { OutgoingMessage } from "../realtime/connection.ts";
import type { StompVersion } from "./codec.ts";
import { Desk } from "./desk.ts";
import { Exchange } from "./exchange.ts";

type Headers = Record<string, string>;

/** A client that keeps what it hears, and gives up when it is told to. */
class Hearer {
  readonly transport = "websocket";
  readonly heard: ShownFrame[] = [];
  readonly desk: Desk;
  isCutOff = false;
  /** Its session ends while this is delivered. */
  endsAt: string | undefined;

  constructor(exchange: Exchange, version: StompVersion = "1.2", owner = "ann") {
    this.desk = new Desk(exchange, this, owner, version);
  }
  deliver({ bytes }: OutgoingMessage): void {
    const [frame] = readFrames(bytes);
    this.heard.push(frame!);
    if (frame!.body === this.endsAt) this.desk.close();
  }
  cutOff(): void {
    this.isCutOff = true;
    this.desk.close();
  }
  do(command: string, headers: Headers = {}, body: string | Buffer = ""): void {
    this.desk.perform(command, new Map(Object.entries(headers)), Buffer.from(body));
  }
  subscribe(destination: string, headers: Headers = {}): void {
    this.do("SUBSCRIBE", { id: destination, destination, ...headers });
  }
  send(destination: string, body: string | Buffer, headers: Headers = {}): void {
    this.do("SEND", { destination, ...headers }, body);
  }
  /** Acknowledges what it heard as the nth. */
  ack(at: number, command = "ACK", headers: Headers = {}): void {
    this.do(command, { id: this.heard[at]!.headers["ack"]!, ...headers });
  }
  get texts(): string[] {
    return this.heard.map(({ body }) => body);
  }
}

const queue = "/queue/a";
const topic = "/topic/a";
const individual = { ack: "client-individual" };
const many = (count: number): string[] => Array.from({ length: count }, (_, at) => String(at));

function open() {
  const exchange = new Exchange();
  return { exchange, one: new Hearer(exchange), other: new Hearer(exchange), sender: new Hearer(exchange) };
}

test("a topic keeps nothing, a queue does, and each of its messages goes to one, in turn", () => {
  const { exchange, one, other, sender } = open();
  for (const text of many(2)) {
    sender.send(topic, text);
    sender.send(queue, text);
  }
  for (const hearer of [one, other]) hearer.subscribe(topic);
  one.subscribe(queue);
  other.subscribe(queue);
  for (const text of ["2", "3", "4", "5"]) sender.send(queue, text);
  sender.send(topic, "t");
  expect(one.texts).toEqual(["0", "1", "3", "5", "t"]);
  expect(other.texts).toEqual(["2", "4", "t"]);
  expect(exchange.keptBytes).toBe(0);
});

test("a queue is full at 1,000 messages, or at 8 MiB, whichever comes first", () => {
  const { exchange, one, sender } = open();
  for (const text of many(1_000)) sender.send(queue, text);
  expect(() => sender.send(queue, "one too many")).toThrow("The queue is full");
  const large = Buffer.alloc(64_000, "x");
  const fits = Math.floor((8 * 1024 * 1024) / (large.length + "/queue/b".length));
  for (const _ of many(fits)) sender.send("/queue/b", large);
  expect(() => sender.send("/queue/b", large)).toThrow("The queue is full");
  for (const name of [queue, "/queue/b"]) one.subscribe(name);
  expect(one.heard.length).toBe(1_000 + fits);
  expect(exchange.keptBytes).toBe(0);
});

test("what one user keeps is bounded over all queues, and is another's to keep again when it is gone", () => {
  const { exchange, sender } = open();
  const large = Buffer.alloc(60_000, "x");
  const fits = Math.floor((64 * 1024 * 1024) / (large.length + "/queue/0".length + 512));
  for (const at of many(fits)) sender.send(`/queue/${Number(at) % 10}`, large);
  expect(() => sender.send("/queue/0", large)).toThrow("Too much is kept");
  expect(exchange.keptBytes).toBeLessThanOrEqual(64 * 1024 * 1024);
  const ben = new Hearer(exchange, "1.2", "ben");
  ben.send("/queue/ben", "goes on");
  sender.subscribe("/queue/0");
  sender.send("/queue/1", large);
});

test("no more than 100 messages, or 1 MiB, or prefetch-count, are unacknowledged", () => {
  const { one, other, sender } = open();
  one.subscribe(queue, individual);
  for (const text of many(150)) sender.send(queue, text);
  expect(one.heard.length).toBe(100);
  one.ack(50);
  expect(one.texts.slice(100)).toEqual(["100"]);
  other.subscribe("/queue/b", { ...individual, "prefetch-count": "2" });
  for (const text of many(5)) sender.send("/queue/b", text);
  expect(other.texts).toEqual(["0", "1"]);
  const third = new Hearer(new Exchange());
  third.subscribe(queue, individual);
  const large = Buffer.alloc(60_000, "x");
  for (const _ of many(30)) third.send(queue, large);
  expect(third.heard.length).toBe(Math.floor((1024 * 1024) / (large.length + queue.length)));
});

test("what is unacknowledged goes back to the head, in its order, and says that it was there before", () => {
  const { one, other, sender } = open();
  one.subscribe(queue, individual);
  for (const text of many(3)) sender.send(queue, text);
  one.ack(1);
  one.desk.close();
  sender.send(queue, "3");
  other.subscribe(queue);
  expect(other.texts).toEqual(["0", "2", "3"]);
  expect(other.heard.map(({ headers }) => headers["redelivered"])).toEqual(["true", "true", undefined]);
});

test("UNSUBSCRIBE and NACK give back, the fifth delivery is the last, and nothing is kept of it but a dead letter", () => {
  const { exchange, one, other, sender } = open();
  one.subscribe(queue, individual);
  sender.send(queue, "m", { "x-of": "ann" });
  for (const at of [0, 1, 2]) one.ack(at, "NACK");
  one.do("UNSUBSCRIBE", { id: queue });
  one.subscribe(queue, individual);
  expect(one.texts).toEqual(["m", "m", "m", "m", "m"]);
  one.ack(4, "NACK");
  expect(one.heard.length).toBe(5);
  other.subscribe("/queue/dead-letter");
  expect(other.texts).toEqual(["m"]);
  expect(other.heard[0]!.headers).toMatchObject({ "original-destination": queue, "x-of": "ann" });
  expect(exchange.keptBytes).toBe(0);
});

test("a subscriber of a topic who does not acknowledge is sent a window, then waits, then is cut off", () => {
  const { exchange, one, other, sender } = open();
  one.subscribe(topic, individual);
  other.subscribe(topic);
  for (const text of many(1_100)) sender.send(topic, text);
  expect(one.heard.length).toBe(100);
  expect(one.isCutOff).toBe(false);
  sender.send(topic, "one too many");
  expect(one.isCutOff).toBe(true);
  expect(other.heard.length).toBe(1_101);
  expect(exchange.keptBytes).toBe(0);
});

test("ACK is cumulative in mode client alone, and refuses what is not awaited", () => {
  const { one, other, sender } = open();
  one.subscribe(queue, { ack: "client" });
  for (const text of many(4)) sender.send(queue, text);
  one.ack(2);
  for (const at of [0, 2]) expect(() => one.ack(at)).toThrow("There is no such message");
  expect(() => other.do("ACK", { id: one.heard[3]!.headers["ack"]! })).toThrow("There is no such message");
  expect(() => one.do("ACK", { id: "nonsense" })).toThrow("There is no such message");
  expect(() => one.do("ACK", {})).toThrow("need the id");
  one.desk.close();
  other.subscribe(queue);
  expect(other.texts).toEqual(["3"]);
});

test("1.0 and 1.1 acknowledge by message-id, and only 1.2 is sent a header ack", () => {
  const exchange = new Exchange();
  for (const version of ["1.0", "1.1"] as const) {
    const client = new Hearer(exchange, version);
    client.subscribe(queue, { ...individual, id: "s:1" });
    client.send(queue, "m");
    const { headers } = client.heard[0]!;
    expect(headers["ack"]).toBeUndefined();
    client.do("ACK", { "message-id": headers["message-id"]!, ...(version === "1.1" && { subscription: "s:1" }) });
    client.desk.close();
    expect(exchange.keptBytes).toBe(0);
  }
  const client = new Hearer(exchange, "1.1");
  expect(() => client.do("ACK", { "message-id": "any" })).toThrow("need a subscription");
});

test("a transaction happens at COMMIT, in its order, and not at ABORT, nor when its connection is lost", () => {
  const { exchange, one, sender } = open();
  one.subscribe(topic);
  for (const [id, end] of [
    ["t1", "ABORT"],
    ["t2", "COMMIT"],
  ] as const) {
    sender.do("BEGIN", { transaction: id });
    for (const text of many(3)) sender.send(topic, id + text, { transaction: id });
    expect(one.texts).toEqual([]);
    sender.do(end, { transaction: id });
  }
  expect(one.texts).toEqual(["t20", "t21", "t22"]);
  expect(one.heard[0]!.headers["transaction"]).toBeUndefined();
  sender.do("BEGIN", { transaction: "t3" });
  sender.send(queue, "lost", { transaction: "t3" });
  expect(exchange.keptBytes).toBeGreaterThan(0);
  sender.desk.close();
  expect(exchange.keptBytes).toBe(0);
});

test.each([
  ["BEGIN without an id", (s: Hearer) => s.do("BEGIN")],
  ["COMMIT of none", (s: Hearer) => s.do("COMMIT", { transaction: "t" })],
  ["ABORT of none", (s: Hearer) => s.do("ABORT", { transaction: "t" })],
  ["SEND in none", (s: Hearer) => s.send(topic, "m", { transaction: "t" })],
  ["BEGIN twice", (s: Hearer) => ["t", "t"].forEach((transaction) => s.do("BEGIN", { transaction }))],
  ["a seventeenth", (s: Hearer) => many(17).forEach((transaction) => s.do("BEGIN", { transaction }))],
  [
    "more than 1,000 frames",
    (s: Hearer) => {
      s.do("BEGIN", { transaction: "t" });
      for (const text of many(1_001)) s.send(topic, text, { transaction: "t" });
    },
  ],
  [
    "more than 1 MiB",
    (s: Hearer) => {
      s.do("BEGIN", { transaction: "t" });
      for (const _ of many(18)) s.send(topic, Buffer.alloc(60_000), { transaction: "t" });
    },
  ],
])("a transaction refuses %s", (_, work) => {
  const { sender } = open();
  expect(() => work(sender)).toThrow(/ransaction/);
});

test("a COMMIT that cannot be done in whole is done in no part", () => {
  const { exchange, one, sender } = open();
  one.subscribe(topic);
  one.subscribe("/queue/b", individual);
  sender.send("/queue/b", "held");
  for (const text of many(999)) sender.send(queue, text);
  const keptBytes = exchange.keptBytes;
  one.do("BEGIN", { transaction: "t" });
  one.ack(0, "ACK", { transaction: "t" });
  for (const destination of [topic, queue, queue]) one.send(destination, "m", { transaction: "t" });
  expect(() => one.do("COMMIT", { transaction: "t" })).toThrow("The queue is full");
  expect(one.texts).toEqual(["held"]);
  expect(exchange.keptBytes).toBe(keptBytes);
  one.ack(0);
});

test("ACKs of a transaction count at COMMIT, once, and are refused when they were given otherwise meanwhile", () => {
  const { one, other, sender } = open();
  one.subscribe(queue, individual);
  for (const text of many(2)) sender.send(queue, text);
  one.do("BEGIN", { transaction: "t" });
  one.ack(0, "ACK", { transaction: "t" });
  one.ack(0, "ACK", { transaction: "t" });
  expect(() => one.do("COMMIT", { transaction: "t" })).toThrow("acknowledged already");
  one.do("BEGIN", { transaction: "t" });
  one.ack(0, "ACK", { transaction: "t" });
  one.do("COMMIT", { transaction: "t" });
  one.desk.close();
  other.subscribe(queue);
  expect(other.texts).toEqual(["1"]);
});

test("a session that ends in the middle of its own COMMIT has committed all of it", () => {
  const { exchange, one, other, sender } = open();
  one.subscribe(queue, individual);
  one.subscribe(topic);
  other.subscribe(topic);
  for (const text of many(2)) sender.send(queue, text);
  one.do("BEGIN", { transaction: "t" });
  one.ack(0, "ACK", { transaction: "t" });
  one.ack(1, "NACK", { transaction: "t" });
  for (const text of ["a", "b"]) one.send(topic, text, { transaction: "t" });
  one.endsAt = "a";
  one.do("COMMIT", { transaction: "t" });
  expect(other.texts).toEqual(["a", "b"]);
  sender.subscribe(queue);
  expect(sender.texts).toEqual(["1"]);
  expect(exchange.keptBytes).toBe(0);
});

test("a delivery that ends its session goes to the next subscriber", () => {
  const { exchange, one, other, sender } = open();
  one.endsAt = "m";
  one.subscribe(queue, individual);
  other.subscribe(queue, individual);
  sender.send(queue, "m");
  expect([one.texts, other.texts]).toEqual([["m"], ["m"]]);
  expect(other.heard[0]!.headers["redelivered"]).toBe("true");
  other.ack(0);
  expect(exchange.keptBytes).toBe(0);
});

test("headers of the sender go on, those of the server do not, and values are escaped as the version says", () => {
  const { exchange, one, sender } = open();
  const old = new Hearer(exchange, "1.1");
  one.subscribe(topic);
  old.subscribe(topic);
  const headers = { "x-a": "b:c\r\n", "content-type": "text/x", "message-id": "mine", ack: "mine", receipt: "r" };
  sender.send(topic, "m", headers);
  expect(one.heard[0]!.headers).toMatchObject({ "x-a": "b:c\r\n", "content-type": "text/x", "content-length": "1" });
  expect(one.heard[0]!.headers["message-id"]).not.toBe("mine");
  expect(Object.keys(one.heard[0]!.headers)).not.toContain("ack");
  expect(Object.keys(one.heard[0]!.headers)).not.toContain("receipt");
  expect(old.heard[0]!.headers["x-a"]).toBe("b:c \n");
});

test.each([
  ["no destination", { destination: "" }, "needs a destination"],
  ["another destination", { destination: "/other/a" }, "no such destination"],
  ["a prefix alone", { destination: "/topic/" }, "no such destination"],
  ["no id", { id: "" }, "needs an id"],
  ["an unknown mode", { ack: "sometimes" }, "Unknown ack mode"],
  ["a window of nothing", { "prefetch-count": "0" }, "Malformed prefetch-count"],
])("SUBSCRIBE with %s is refused", (_, headers, because) => {
  const { one } = open();
  expect(() => one.subscribe(topic, headers as unknown as Headers)).toThrow(because);
});

test("SEND refuses what is no destination, and subscriptions are bounded", () => {
  const { one } = open();
  expect(() => one.send("/other/a", "m")).toThrow("no such destination");
  for (const id of many(100)) one.do("SUBSCRIBE", { id, destination: topic });
  expect(() => one.do("SUBSCRIBE", { id: "100", destination: topic })).toThrow("Too many subscriptions");
  expect(() => one.do("SUBSCRIBE", { id: "5", destination: topic })).toThrow("in use");
});
