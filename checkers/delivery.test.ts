import fc from "fast-check";
import { expect, test } from "vitest";
import { checkDelivery, type Anomaly, type HeardMessage, type Listener, type SentMessage } from "./delivery.ts";

const sent = (marker: string, sequence: number, more: Partial<SentMessage> = {}): SentMessage => ({
  marker,
  sender: "A",
  room: "1",
  sequence,
  sentAtMs: 10 + sequence,
  fate: "acknowledged",
  ...more,
});
const listener = (heard: readonly string[], more: Partial<Listener> = {}): Listener => ({
  name: "B#1",
  room: "1",
  confirmedAtMs: 0,
  heard: heard.map((marker, at) => ({ marker, atMs: 100 + at })),
  ...more,
});
const found = (history: readonly SentMessage[], ...listeners: readonly Listener[]): string[] =>
  checkDelivery(history, listeners).map(({ anomaly, marker, listener: name }) => `${anomaly} ${marker} ${name}`);

const three = [sent("a", 0), sent("b", 1), sent("c", 2)];

test("checkDelivery() finds nothing in an empty history", () => {
  expect(found([])).toEqual([]);
  expect(found([], listener([]))).toEqual([]);
  expect(found(three)).toEqual([]);
});

test("checkDelivery() accepts exactly once, in order", () => {
  expect(found(three, listener(["a", "b", "c"]), listener(["a", "b", "c"], { name: "B#2" }))).toEqual([]);
});

test("checkDelivery() accepts senders that interleave", () => {
  const other = [sent("x", 0, { sender: "C" }), sent("y", 1, { sender: "C" })];
  expect(found([...three, ...other], listener(["a", "x", "b", "y", "c"]), listener(["x", "y", "a", "b", "c"], { name: "B#2" }))).toEqual([]);
});

test.each<[Anomaly, readonly SentMessage[], Listener, string[]]>([
  ["lost", three, listener(["a", "c"]), ["lost b B#1"]],
  ["duplicate", three, listener(["a", "b", "c", "b"]), ["duplicate b B#1"]],
  ["reordered", three, listener(["b", "a", "c"]), ["reordered a B#1"]],
  ["foreign", [...three, sent("d", 3, { room: "2" })], listener(["a", "b", "c", "d"]), ["foreign d B#1"]],
  ["ghost", [...three, sent("d", 3, { fate: "refused" })], listener(["a", "b", "c", "d"]), ["ghost d B#1"]],
  ["unknown-marker", three, listener(["a", "b", "c", "z"]), ["unknown-marker z B#1"]],
])("checkDelivery() finds %s, and once more beside a send of unknown fate", (anomaly, history, heard, findings) => {
  expect(found(history, heard)).toEqual(findings);
  const unknown = sent("u", 9, { fate: "unknown" });
  expect(found([...history, unknown], heard)).toEqual(findings);
  expect(found([...history, unknown], { ...heard, heard: [...heard.heard, { marker: "u", atMs: 999 }] })).toEqual(findings);
  const [finding] = checkDelivery(history, [heard]);
  expect(finding).toMatchObject({ anomaly, text: expect.stringMatching(/^B#1: (never )?heard /) as string });
});

test("checkDelivery() takes a send of unknown fate once or never, but not twice", () => {
  const history = [sent("u", 0, { fate: "unknown" })];
  expect(found(history, listener([]), listener(["u"], { name: "B#2" }))).toEqual([]);
  expect(found(history, listener(["u", "u"]))).toEqual(["duplicate u B#1"]);
});

test("checkDelivery() owes nothing before the confirmation and from the close on", () => {
  expect(found(three, listener(["b", "c"], { confirmedAtMs: 11 }))).toEqual([]);
  expect(found(three, listener(["a"], { closedAtMs: 11 }))).toEqual([]);
  expect(found(three, listener(["a", "b", "c"], { confirmedAtMs: 11, closedAtMs: 12 }))).toEqual([]);
  expect(found(three, listener([], { confirmedAtMs: 11, closedAtMs: 12 }))).toEqual(["lost b B#1"]);
});

interface History {
  sent: SentMessage[];
  listeners: Listener[];
}

/** Two senders in two rooms; each listener hears its room's messages in the order of their sending. */
const valid: fc.Arbitrary<History> = fc
  .record({
    rooms: fc.array(
      fc.record({
        room: fc.constantFrom("1", "2"),
        sender: fc.constantFrom("A", "C"),
        fate: fc.constantFrom("acknowledged", "acknowledged", "refused", "unknown"),
      }),
      { minLength: 4, maxLength: 40 },
    ),
    count: fc.integer({ min: 2, max: 5 }),
  })
  .map(({ rooms, count }) => {
    const history = rooms.map(({ room, sender, fate }, at) => sent(`m${at}`, at, { room, sender, fate, sentAtMs: at }));
    const listeners = Array.from({ length: count }, (_, at): Listener => {
      const room = at % 2 === 0 ? "1" : "2";
      return {
        name: `L${at}`,
        room,
        confirmedAtMs: 0,
        heard: history
          .filter((message) => message.room === room && message.fate === "acknowledged")
          .map(({ marker }, position) => ({ marker, atMs: 100 + position })),
      };
    });
    return { sent: history, listeners };
  });

test("checkDelivery() accepts every valid history", () => {
  fc.assert(fc.property(valid, (history) => checkDelivery(history.sent, history.listeners).length === 0));
});

type Injection = (heard: readonly HeardMessage[], listens: Listener, history: readonly SentMessage[], at: number) => HeardMessage[] | undefined;

const swapped: Injection = (heard, _, history, at) => {
  const [one, other] = [heard[at], heard[at + 1]].map((item) => history.find(({ marker }) => marker === item?.marker));
  if (one === undefined || other === undefined || one.sender !== other.sender) return undefined;
  return heard.with(at, heard[at + 1]!).with(at + 1, heard[at]!);
};

const added =
  (wanted: (message: SentMessage, listens: Listener) => boolean): Injection =>
  (heard, listens, history, at) => {
    const message = history.find((item) => wanted(item, listens));
    return message === undefined ? undefined : heard.toSpliced(at, 0, { marker: message.marker, atMs: 0 });
  };

const injections: Record<Anomaly, Injection> = {
  lost: (heard, _, __, at) => (heard.length === 0 ? undefined : heard.toSpliced(at, 1)),
  duplicate: (heard, _, __, at) => (heard.length === 0 ? undefined : [...heard, heard[at]!]),
  reordered: swapped,
  foreign: added((message, { room }) => message.room !== room),
  ghost: added((message, { room }) => message.room === room && message.fate === "refused"),
  "unknown-marker": (heard) => [...heard, { marker: "nobody's", atMs: 0 }],
};

test.each(Object.keys(injections) as Anomaly[])("checkDelivery() finds one injected anomaly in any valid history: %s", (anomaly) => {
  fc.assert(
    fc.property(valid, fc.nat(), fc.nat(), (history, who, where) => {
      const at = who % history.listeners.length;
      const listens = history.listeners[at]!;
      const heard = injections[anomaly](listens.heard, listens, history.sent, listens.heard.length === 0 ? 0 : where % listens.heard.length);
      fc.pre(heard !== undefined);
      const findings = checkDelivery(history.sent, history.listeners.with(at, { ...listens, heard }));
      expect(findings).toHaveLength(1);
      expect(findings[0]).toMatchObject({ anomaly, listener: listens.name });
    }),
  );
});
