import { expect, test } from "vitest";
import type { HistoryEvent, Transport } from "./history.ts";
import { exitCodeOfJudgement, judge, type Judgement } from "./judge.ts";
import { HistoryError, Ledger } from "./ledger.ts";
import { MadeUp } from "./made-up.ts";

function judged({ events }: { events: readonly HistoryEvent[] }): Judgement {
  const ledger = new Ledger();
  for (const event of events) ledger.add(event);
  return judge(ledger);
}

const found = (history: { events: readonly HistoryEvent[] }): string[] =>
  judged(history).findings.map(({ anomaly, message, subscription, reader }) =>
    [anomaly, message, subscription ?? reader ?? ""].join(" ").trim(),
  );

const texts = (history: MadeUp): string[] => judged(history).findings.map(({ text }) => text);

/** Bob hears what Alice says; what else happens is the test's. */
const bob = (): MadeUp => new MadeUp().listen("bob");
const sse = (): MadeUp => new MadeUp().listen("bob", { transport: "sse" });

test("judge() finds nothing in an empty history, and says that nothing was sent", () => {
  const judgement = judged(new MadeUp());
  expect(judgement).toMatchObject({
    complete: false,
    messages: { sent: 0 },
    findings: [],
    omitted: 0,
    erased: 0,
    availability: [],
  });
  expect(exitCodeOfJudgement(judgement)).toBe(2);
  expect(exitCodeOfJudgement(judged(new MadeUp().end()))).toBe(2);
  expect(exitCodeOfJudgement(judged(bob().send("a")))).toBe(2);
  expect(exitCodeOfJudgement(judged(bob().send("a").refuse("a").end()))).toBe(2);
  expect(exitCodeOfJudgement(judged(bob().send("a").giveUp("a").send("b").end()))).toBe(2);
  expect(exitCodeOfJudgement(judged(bob().say("a").end()))).toBe(1);
});

test("exitCodeOfJudgement() is 2 when nothing was read again or nothing was owed", () => {
  const said = (history: MadeUp): MadeUp => history.say("a").hear("bob", "a");
  expect(exitCodeOfJudgement(judged(said(bob()).read("first", ["a"]).end()))).toBe(0);
  expect(exitCodeOfJudgement(judged(said(bob()).end()))).toBe(2);
  const unconfirmed = said(bob()).read("first", ["a"]).end();
  expect(exitCodeOfJudgement(judged({ events: unconfirmed.events.filter(({ type }) => type !== "confirmed") }))).toBe(
    2,
  );
});

test("judge() counts once per message and subscription", () => {
  const history = bob()
    .listen("carol")
    .say("a")
    .say("b")
    .hear("bob", "a")
    .hear("carol", "a")
    .hear("bob", "b")
    .hear("carol", "b")
    .read("first", ["a", "b"])
    .end();
  expect(judged(history)).toMatchObject({
    complete: true,
    messages: { sent: 2, acknowledged: 2, refused: 0, unknown: 0 },
    deliveries: {
      once: 4,
      lost: 0,
      duplicate: 0,
      reordered: 0,
      foreign: 0,
      ghost: 0,
      mutated: 0,
      late: 0,
      unknown: 0,
      missed: 0,
    },
    findings: [],
  });
  expect(exitCodeOfJudgement(judged(history))).toBe(0);
});

// Each anomaly alone, and beside a message without an answer that is stored and heard, stored and not heard by Bob, or
// neither.
test.each<[string, (history: MadeUp) => MadeUp, string[]]>([
  ["lost", (h) => h.say("a").read("first", ["a"]), ["lost a bob"]],
  ["a duplicate", (h) => h.say("a").hear("bob", "a").hear("bob", "a").read("first", ["a"]), ["duplicate a bob"]],
  [
    "reordered",
    (h) => h.say("a").say("b").hear("bob", "b").hear("bob", "a").read("first", ["a", "b"]),
    ["reordered a bob"],
  ],
  ["foreign", (h) => h.say("a", { room: "2" }).hear("bob", "a"), ["foreign a bob"]],
  ["a refused ghost", (h) => h.send("a").refuse("a").hear("bob", "a"), ["ghost a bob"]],
  ["a ghost that nobody sent", (h) => h.hear("bob", "a"), ["ghost a bob"]],
  [
    "a ghost that is not in the history",
    (h) => h.send("a").giveUp("a").hear("bob", "a").read("first", []),
    ["ghost a bob"],
  ],
  ["a refused ghost in the history", (h) => h.send("a").refuse("a").read("first", ["a"]), ["ghost a first"]],
  ["a ghost in the history that nobody sent", (h) => h.read("first", ["a"]), ["ghost a first"]],
  ["mutated content", (h) => h.say("a").hear("bob", "a", { hash: "other" }).read("first", ["a"]), ["mutated a bob"]],
  ["a mutated id", (h) => h.say("a").hear("bob", "a", { id: "other" }).read("first", ["a"]), ["mutated a bob"]],
  ["a mutated room", (h) => h.say("a").hear("bob", "a", { room: "2" }).read("first", ["a"]), ["mutated a bob"]],
  [
    "a mutated id of the answer",
    (h) => h.send("a").acknowledge("a", "other").hear("bob", "a").read("first", ["a"]),
    ["mutated a"],
  ],
  ["erased", (h) => h.say("a").hear("bob", "a").read("first", ["a"]).read("second", []), ["erased a second"]],
  [
    "erased from the reference",
    (h) => h.say("a").hear("bob", "a").read("first", []).read("second", ["a"]),
    ["erased a first"],
  ],
  [
    "erased from the topic",
    (h) => h.say("a").hear("bob", "a").read("first", ["a"]).read("log", [], "topic"),
    ["erased a log"],
  ],
  ["erased everywhere", (h) => h.say("a").hear("bob", "a").read("first", []), ["erased a first"]],
  ["twice in the history", (h) => h.say("a").hear("bob", "a").read("first", ["a", "a"]), ["duplicate a first"]],
  ["a room's message in another's history", (h) => h.say("a", { room: "2" }).read("first", ["a"]), ["foreign a first"]],
])("judge() finds %s", (_, tell, findings) => {
  expect(found(tell(bob()).end())).toEqual(findings);
  const unanswered = bob()
    .listen("dora", { rooms: ["3"] })
    .send("u", { room: "3" })
    .giveUp("u");
  expect(found(tell(unanswered).end())).toEqual(findings);
  expect(
    found(
      tell(bob().send("u", { room: "3" }).giveUp("u"))
        .read("third", ["u"], "history", "3")
        .end(),
    ),
  ).toEqual(findings);
  expect(
    found(
      tell(
        bob()
          .listen("dora", { rooms: ["3"] })
          .send("u", { room: "3" })
          .hear("dora", "u"),
      )
        .read("third", ["u"], "history", "3")
        .end(),
    ),
  ).toEqual(findings);
});

test("judge() calls nothing lost or erased in a run that came to no end, but what was wrong stays wrong", () => {
  expect(judged(bob().say("a").read("first", []))).toMatchObject({
    complete: false,
    findings: [],
    deliveries: { lost: 0, unknown: 1, once: 0 },
    erased: 0,
  });
  expect(found(bob().say("a").hear("bob", "a").hear("bob", "a"))).toEqual(["duplicate a bob"]);
  expect(found(bob().say("a", { room: "2" }).hear("bob", "a"))).toEqual(["foreign a bob"]);
  expect(found(bob().send("a").giveUp("a").hear("bob", "a").read("first", []))).toEqual([]);
});

test("judge() without a history compares with the order of sending on one connection", () => {
  expect(found(bob().say("a").say("b").hear("bob", "b").hear("bob", "a"))).toEqual(["reordered a bob"]);
  expect(found(bob().say("a").say("b").hear("bob", "b").hear("bob", "a").end())).toEqual(["reordered a bob"]);
  expect(found(bob().say("a").say("b", { sender: "dan" }).hear("bob", "b").hear("bob", "a"))).toEqual([]);
  expect(found(bob().say("a").say("b", { connection: "second" }).hear("bob", "b").hear("bob", "a"))).toEqual([]);
  expect(
    found(bob().send("a", { transport: "rest" }).send("b", { transport: "rest" }).hear("bob", "b").hear("bob", "a")),
  ).toEqual([]);
});

test("judge() takes a message without an answer once or never, but not twice", () => {
  const unknown = (): MadeUp => bob().send("u").giveUp("u");
  expect(judged(unknown().end())).toMatchObject({
    findings: [],
    messages: { unknown: 1 },
    deliveries: { unknown: 1, once: 0, lost: 0 },
  });
  expect(judged(unknown().hear("bob", "u").read("first", ["u"]).end())).toMatchObject({
    findings: [],
    deliveries: { unknown: 1, once: 0 },
  });
  expect(found(unknown().hear("bob", "u").hear("bob", "u").end())).toEqual(["duplicate u bob"]);
  expect(found(unknown().read("first", ["u"]).read("second", []).end())).toEqual(["erased u second"]);
  expect(texts(unknown().read("first", ["u"]).read("second", []).end())).toEqual([
    "first has but second lacks u, which got no answer (sent at 0.0 s)",
  ]);
  // An acknowledgement that came after all wins.
  expect(found(unknown().acknowledge("u").end())).toEqual(["lost u bob"]);
  expect(found(unknown().refuse("u").acknowledge("u").giveUp("u").refuse("u").end())).toEqual(["lost u bob"]);
});

test("judge() owes what was sent since the first confirmation, to whom it concerns", () => {
  expect(found(new MadeUp().say("a").listen("bob").end())).toEqual([]);
  expect(found(bob().say("a", { room: "2" }).end())).toEqual([]);
  expect(found(bob().say("a", { sender: "bob" }).end())).toEqual(["lost a bob"]);
  expect(found(new MadeUp().listen("bob", { ownMessages: false }).say("a", { sender: "bob" }).end())).toEqual([]);
  expect(
    found(new MadeUp().listen("bob", { ownMessages: false }).say("a", { sender: "bob" }).hear("bob", "a").end()),
  ).toEqual(["foreign a bob"]);
});

test("judge() takes the history for what was sent between two connections, but not for what was sent on the one that lived", () => {
  const resumed = (): MadeUp => bob().close("bob").say("a").connect("bob").confirm("bob");
  expect(judged(resumed().hear("bob", "a", { how: "history" }).end())).toMatchObject({
    findings: [],
    deliveries: { once: 1 },
  });
  expect(texts(resumed().end())).toEqual(["bob never heard a (sent at 0.0 s)"]);
  const live = bob().say("a").hear("bob", "a", { how: "history" });
  expect(texts(live.end())).toEqual(["bob was never pushed a, it only found it in the history (sent at 0.0 s)"]);
  expect(
    found(bob().say("a").close("bob").connect("bob").confirm("bob").hear("bob", "a", { how: "history" }).end()),
  ).toEqual([]);
  // The last connection was never confirmed, the one before was closed: nothing is owed to either.
  expect(found(bob().say("a").close("bob").connect("bob").hear("bob", "a", { how: "history" }).end())).toEqual([]);
});

test("judge() allows a message once per connection, and on event streams once over all", () => {
  const again = (history: MadeUp): MadeUp =>
    history.say("a").hear("bob", "a").close("bob").connect("bob").confirm("bob").hear("bob", "a");
  expect(found(again(bob()).end())).toEqual([]);
  expect(found(again(bob()).hear("bob", "a", { how: "history" }).end())).toEqual([]);
  expect(found(again(sse()).end())).toEqual(["duplicate a bob"]);
  expect(found(again(sse()))).toEqual(["duplicate a bob"]);
  const resumed = sse().say("a").hear("bob", "a").close("bob").connect("bob").confirm("bob");
  expect(found(resumed.hear("bob", "a", { event: "other" }).end())).toEqual(["duplicate a bob"]);
  expect(judged(resumed).deliveries).toMatchObject({ once: 0, duplicate: 1, lost: 0 });
  expect(found(sse().say("a").hear("bob", "a").hear("bob", "a", { event: "other" }).end())).toEqual([
    "duplicate a bob",
  ]);
  expect(found(sse().say("a").say("b").hear("bob", "a").hear("bob", "b", { event: "event of a" }).end())).toEqual([
    "duplicate b bob",
  ]);
});

test("judge() wants the order of the history on each connection, and on event streams over all", () => {
  // Sent before anybody listened: nothing is owed, the order holds nevertheless.
  const turned = (transport: Transport): MadeUp =>
    new MadeUp()
      .say("a")
      .say("b")
      .listen("bob", { transport })
      .hear("bob", "b")
      .close("bob")
      .connect("bob")
      .confirm("bob")
      .hear("bob", "a")
      .read("first", ["a", "b"])
      .end();
  expect(found(turned("websocket"))).toEqual([]);
  expect(found(turned("sse"))).toEqual(["reordered a bob"]);
  expect(
    found(
      bob()
        .say("a")
        .say("b")
        .hear("bob", "b", { how: "history" })
        .hear("bob", "a")
        .hear("bob", "b")
        .read("first", ["a", "b"])
        .end(),
    ),
  ).toEqual([]);
});

test("judge() wants the history in the order of sending on each connection", () => {
  const both = (sender: string, transport: "websocket" | "rest"): MadeUp =>
    new MadeUp().send("a", { transport }).send("b", { sender, transport });
  expect(found(both("alice", "websocket").read("first", ["b", "a"]).end())).toEqual(["reordered a"]);
  expect(found(both("dan", "websocket").read("first", ["b", "a"]).end())).toEqual([]);
  // A request without an answer may arrive whenever it likes.
  expect(found(both("alice", "rest").read("first", ["b", "a"]).end())).toEqual([]);
  expect(found(both("alice", "rest").acknowledge("b").acknowledge("a").read("first", ["b", "a"]).end())).toEqual([
    "reordered a",
  ]);
});

test("judge() wants what was acknowledged before another was sent to stand before it", () => {
  const say = (): MadeUp => new MadeUp().say("a").say("b", { sender: "dan" }).say("c", { sender: "eve" });
  expect(found(say().read("first", ["a", "b", "c"]).end())).toEqual([]);
  expect(found(say().read("first", ["b", "a", "c"]).end())).toEqual(["reordered a"]);
  expect(found(say().read("first", ["b", "c", "a"]).end())).toEqual(["reordered a"]);
  expect(
    found(
      new MadeUp()
        .send("a")
        .send("b", { sender: "dan" })
        .acknowledge("a")
        .acknowledge("b")
        .read("first", ["b", "a"])
        .end(),
    ),
  ).toEqual([]);
  expect(found(new MadeUp().send("a").giveUp("a").say("b", { sender: "dan" }).read("first", ["b", "a"]).end())).toEqual(
    [],
  );
  const between = new MadeUp().send("u", { sender: "eve" }).say("a").say("b", { sender: "dan" });
  expect(found(between.read("first", ["b", "u", "a"]).end())).toEqual(["reordered a"]);
});

test("judge() wants all readers of a room to agree on the order; the topic may repeat itself", () => {
  const say = (): MadeUp => new MadeUp().send("a").send("b", { sender: "dan" }).acknowledge("a").acknowledge("b");
  expect(found(say().read("first", ["a", "b"]).read("second", ["b", "a"]).end())).toEqual(["reordered a second"]);
  expect(found(say().read("log", ["b", "a"], "topic").read("first", ["a", "b"]).end())).toEqual(["reordered a log"]);
  expect(found(say().read("first", ["a", "b"]).read("log", ["a", "b", "a", "b"], "topic").end())).toEqual([]);
  expect(found(say().read("log", ["a", "b"], "topic").end())).toEqual([]);
});

test("judge() wants an event stream to hold its user's log from the first event that both have", () => {
  const log = (messages: string[]): MadeUp =>
    sse()
      .say("a")
      .say("b")
      .say("c")
      .say("d", { room: "2" })
      .hear("bob", "b")
      .hear("bob", "c")
      .read("log", messages, "events", "bob");
  expect(found(log(["b", "c"]).end())).toEqual(["lost a bob"]);
  const late = (): MadeUp => new MadeUp().say("a").listen("bob", { transport: "sse" }).say("b").say("c");
  expect(found(late().hear("bob", "b").hear("bob", "c").read("log", ["a", "b", "c"], "events", "bob").end())).toEqual(
    [],
  );
  expect(
    found(late().hear("bob", "a").hear("bob", "b").hear("bob", "c").read("log", ["b", "c"], "events", "bob").end()),
  ).toEqual([]);
  expect(
    found(
      late().hear("bob", "a").hear("bob", "c").hear("bob", "b").read("log", ["a", "b", "c"], "events", "bob").end(),
    ),
  ).toEqual(["reordered b bob"]);
  const others = sse().say("b").say("c", { sender: "dan" }).hear("bob", "c").hear("bob", "b");
  expect(found(others.read("log", ["b", "c"], "events", "bob").end())).toEqual(["reordered b bob"]);
  expect(
    found(
      late()
        .send("u")
        .hear("bob", "b")
        .hear("bob", "c")
        .hear("bob", "u", { how: "history" })
        .read("log", ["b", "c", "u"], "events", "bob")
        .end(),
    ),
  ).toEqual(["lost u bob"]);
  // Sent before the confirmation, so not owed by that: the gap in the stream alone tells.
  const gap = new MadeUp().listen("bob", { transport: "sse", rooms: ["1", "2"] });
  expect(
    found(
      gap
        .send("a")
        .giveUp("a")
        .say("b")
        .hear("bob", "b")
        .send("u")
        .hear("bob", "b", { how: "history" })
        .read("log", ["b", "u"], "events", "bob")
        .end(),
    ),
  ).toEqual(["lost u bob"]);
  expect(found(late().hear("bob", "b").hear("bob", "c").read("log", ["b"], "events", "bob").end())).toEqual([
    "lost c bob",
  ]);
  expect(found(late().send("u").hear("bob", "b").hear("bob", "u").read("log", ["b"], "events", "bob").end())).toEqual([
    "lost c bob",
    "ghost u bob",
  ]);
  expect(found(late().hear("bob", "b").hear("bob", "c").read("log", ["b", "c", "c"], "events", "bob").end())).toEqual([
    "duplicate c log",
  ]);
  expect(found(late().hear("bob", "b").hear("bob", "c").read("log", ["a", "b"], "events", "somebody").end())).toEqual(
    [],
  );
});

test("judge() wants an event log that is read from behind an event to hold everything after it", () => {
  const heard = (): MadeUp => sse().say("a").say("b").say("c").hear("bob", "a").hear("bob", "b").hear("bob", "c");
  const resumed = (messages: string[], after = "event of a"): MadeUp =>
    heard().read("log", messages, "events", "bob", after).end();
  expect(found(resumed(["b", "c"]))).toEqual([]);
  expect(found(resumed(["c"]))).toEqual(["lost b bob"]);
  expect(found(resumed([]))).toEqual(["lost b bob", "lost c bob"]);
  expect(found(resumed([], "event of c"))).toEqual([]);
  expect(found(resumed(["b", "c"], "another event"))).toEqual([]);
});

test("judge() misses what a connection skipped, though the history told it later", () => {
  const again = (history: MadeUp): MadeUp => history.close("bob").connect("bob").confirm("bob");
  const skipped = (): MadeUp => bob().say("a").say("b").say("c").hear("bob", "a").hear("bob", "c");
  const caughtUp = (history: MadeUp): MadeUp =>
    again(history).hear("bob", "b", { how: "history" }).read("first", ["a", "b", "c"]).end();
  expect(found(caughtUp(skipped()))).toEqual(["lost b bob"]);
  expect(texts(caughtUp(skipped()))).toEqual([
    expect.stringMatching(/^bob was not pushed b on connection 1, but what came after it \(sent/),
  ]);
  // Not yet pushed when the connection broke.
  expect(
    found(
      again(bob().say("a").say("b").hear("bob", "a"))
        .hear("bob", "b", { how: "history" })
        .read("first", ["a", "b"])
        .end(),
    ),
  ).toEqual([]);
  // Sent before the connection was confirmed, or after it was closed.
  const early = bob()
    .close("bob")
    .connect("bob")
    .say("a")
    .confirm("bob")
    .say("b")
    .hear("bob", "b")
    .hear("bob", "a", { how: "history" });
  expect(found(early.read("first", ["a", "b"]).end())).toEqual([]);
  const late = again(bob().say("a").say("c").hear("bob", "a").hear("bob", "c").close("bob").say("b")).hear("bob", "b", {
    how: "history",
  });
  expect(found(late.read("first", ["a", "c", "b"]).end())).toEqual([]);
  // Nobody was told that it is stored.
  const unanswered = bob().say("a").send("b").say("c", { sender: "dan" }).hear("bob", "a").hear("bob", "c");
  expect(found(caughtUp(unanswered))).toEqual([]);
  const unordered: HistoryEvent = {
    type: "run",
    atMs: 0,
    schema: 1,
    run: "r",
    system: "s",
    seed: 0,
    startedAt: "",
    ordered: false,
  };
  expect(found({ events: [unordered, ...caughtUp(skipped()).events] })).toEqual([]);
});

test("judge() names an event that tells of no message by its id", () => {
  const history = sse().say("a").hear("bob", "a").read("log", ["a"], "events", "bob");
  history.add({ type: "read", atMs: history.nowMs, reader: "log", event: "e7" });
  expect(texts(history.end())).toEqual(["bob never heard event e7: log has it"]);
  const { nowMs: atMs } = history;
  const heard = sse()
    .say("a")
    .hear("bob", "a")
    .add({ type: "heard", atMs, subscription: "bob", epoch: 1, how: "pushed", event: "e7" });
  heard.read("log", ["a"], "events", "bob").add({ type: "read", atMs, reader: "log", event: "e7" });
  expect(texts(heard.end())).toEqual([]);
});

test("judge() counts as late what took over 5 s, a fault that was on meanwhile forgiven", () => {
  const late = (history: MadeUp): number => judged(history).deliveries.late;
  expect(late(bob().say("a").wait(4_990).hear("bob", "a").end())).toBe(0);
  expect(late(bob().say("a").wait(5_010).hear("bob", "a").end())).toBe(1);
  expect(judged(bob().say("a").wait(5_010).hear("bob", "a").end())).toMatchObject({
    findings: [],
    deliveries: { once: 1 },
  });
  expect(late(bob().say("a").fault("on").wait(9_000).hear("bob", "a").end())).toBe(0);
  expect(late(bob().fault("on").say("a").wait(9_000).fault("healed").wait(4_000).hear("bob", "a").end())).toBe(0);
  expect(late(bob().fault("on").say("a").wait(9_000).fault("healed").wait(6_000).hear("bob", "a").end())).toBe(1);
  expect(late(bob().fault("on").fault("healed").say("a").wait(6_000).hear("bob", "a").end())).toBe(1);
  expect(late(bob().say("a").wait(6_000).hear("bob", "a").fault("on").fault("healed").end())).toBe(1);
  expect(late(new MadeUp().say("a").listen("bob").wait(6_000).hear("bob", "a").end())).toBe(0);
});

test("judge() tells when by the faults that were near", () => {
  expect(texts(bob().fault("on").wait(1_199).say("a").fault("healed").end())).toEqual([
    "bob never heard a (sent 1.2 s after server-2 was killed)",
  ]);
  expect(texts(bob().say("a").wait(998).fault("on").end())).toEqual([
    "bob never heard a (sent 1.0 s before server-2 was killed)",
  ]);
  expect(texts(bob().fault("on").fault("healed").wait(9_998).say("a").end())).toEqual([
    "bob never heard a (sent 10.0 s after server-2 was killed)",
  ]);
  expect(texts(bob().fault("on").fault("healed").wait(20_000).say("a").end())).toEqual([
    "bob never heard a (sent at 20.0 s)",
  ]);
});

test("judge() reports what each fault cost", () => {
  const history = bob()
    .listen("carol")
    .listen("dora", { rooms: ["2"] });
  history
    .fault("on")
    .say("a")
    .hear("bob", "a")
    .send("b")
    .refuse("b")
    .send("c")
    .giveUp("c")
    .wait(2_000)
    .send("d")
    .wait(299)
    .acknowledge("d");
  const onAtMs = history.events.find(({ type }) => type === "fault")!.atMs;
  history
    .hear("bob", "d")
    .fault("healed")
    .wait(500)
    .hear("carol", "a")
    .hear("carol", "d")
    .say("e")
    .hear("bob", "e")
    .hear("carol", "e")
    .end();
  const { availability } = judged(history);
  expect(availability).toMatchObject([
    {
      fault: "kill",
      onAtMs,
      healedAtMs: onAtMs + 2_310,
      sends: { acknowledged: 2, refused: 1, unknown: 1 },
      acknowledgeMsMax: 300,
      subscriptions: 2,
      silentWorst: "carol",
    },
  ]);
  expect(availability[0]!.silenceMsWorst).toBe(2_811);
  expect(judged(bob().fault("on").say("a").hear("bob", "a")).availability[0]).not.toHaveProperty("healedAtMs");
});

test("judge() measures a silence within the window of a fault, where something was owed", () => {
  const silence = (history: MadeUp): unknown => {
    const { subscriptions, silenceMsMedian, silenceMsWorst, silentWorst } = judged(history).availability[0]!;
    return [subscriptions, silenceMsMedian, silenceMsWorst, silentWorst];
  };
  // What is found in the history ends no silence; the end of the traffic does.
  const fetched = (): MadeUp => bob().fault("on").say("a").wait(97).hear("bob", "a", { how: "history" });
  expect(silence(fetched().wait(99).hear("bob", "a").end())).toEqual([1, 200, 200, "bob"]);
  expect(silence(bob().fault("on").say("a").hear("bob", "a").wait(99).say("b").wait(1_000).end())).toEqual([
    1,
    100,
    100,
    "bob",
  ]);
  // 15 s after its healing a fault is over.
  expect(silence(bob().fault("on").say("a").hear("bob", "a").fault("healed").wait(60_000).say("b").end())).toEqual([
    1,
    15_001,
    15_001,
    "bob",
  ]);
  expect(
    silence(
      bob()
        .fault("on")
        .say("a")
        .hear("bob", "a")
        .fault("healed")
        .wait(60_000)
        .fault("on", "other")
        .fault("healed", "other")
        .end(),
    ),
  ).toEqual([1, 3, 3, "bob"]);
  // The silence of the next fault is its own.
  expect(
    silence(
      bob()
        .fault("on")
        .say("a")
        .hear("bob", "a")
        .fault("healed")
        .wait(9)
        .fault("on", "other")
        .wait(5_000)
        .say("b")
        .hear("bob", "b")
        .end(),
    ),
  ).toEqual([1, 11, 11, "bob"]);
  // Who came later was silent from then on; who was owed nothing does not count.
  expect(silence(new MadeUp().fault("on").wait(1_000).listen("bob").say("a").wait(50).hear("bob", "a").end())).toEqual([
    1,
    53,
    53,
    "bob",
  ]);
  expect(
    silence(new MadeUp().listen("alice", { ownMessages: false }).fault("on").say("a").listen("late").wait(50).end()),
  ).toEqual([0, 0, 0, ""]);
  expect(
    silence(
      bob()
        .listen("carol")
        .listen("dora")
        .fault("on")
        .say("a")
        .hear("bob", "a")
        .wait(7)
        .hear("carol", "a")
        .wait(89)
        .hear("dora", "a")
        .end(),
    ),
  ).toEqual([3, 98, 101, "dora"]);
});

test("judge() keeps the first 200 findings of an anomaly and counts the others", () => {
  const history = bob();
  for (let number = 0; number < 250; number++) history.say(`m${number}`);
  const judgement = judged(history.hear("bob", "nobody's").end());
  expect(judgement.findings.filter(({ anomaly }) => anomaly === "lost").map(({ message }) => message)).toEqual(
    Array.from({ length: 200 }, (_, number) => `m${number}`),
  );
  expect(judgement).toMatchObject({ omitted: 50, deliveries: { lost: 250, ghost: 1 } });
  expect(found(bob().listen("carol").say("a").say("b").hear("bob", "a").hear("carol", "b").end())).toEqual([
    "lost a carol",
    "lost b bob",
  ]);
});

test.each<[string, () => MadeUp]>([
  [
    "unknown subscription carol",
    () =>
      new MadeUp().add({
        type: "heard",
        atMs: 0,
        subscription: "carol",
        epoch: 1,
        how: "pushed",
        message: "a",
        room: "1",
        hash: "",
      }),
  ],
  ["bob never opened epoch 7", () => bob().hear("bob", "a", { epoch: 7 })],
  ["subscription bob begins twice", () => bob().listen("bob")],
  ["a is acknowledged, but was never sent", () => bob().acknowledge("a")],
  ["a is refused, but was never sent", () => bob().refuse("a")],
  ["a is sent after it was sent or heard", () => bob().send("a").send("a")],
  ["a is sent after it was sent or heard", () => bob().hear("bob", "a").send("a")],
  ["unknown reader first", () => bob().add({ type: "read", atMs: 0, reader: "first", message: "a" })],
  ["reader first begins twice", () => bob().read("first", []).read("first", [])],
  ["fault kill is on twice", () => bob().fault("on").fault("on")],
  ["fault kill is healed, but was not on", () => bob().fault("healed")],
  ["bob opens epoch 1 twice", () => bob().add({ type: "open", atMs: 0, subscription: "bob", epoch: 1, place: "" })],
  ['unknown type "lie"', () => bob().add({ type: "lie" } as unknown as HistoryEvent)],
])("Ledger.add() throws: %s", (message, history) => {
  expect(() => judged(history())).toThrow(new HistoryError(message));
});

/** The history of a target that promises this. */
function promising(promises: string[], history: MadeUp): { events: readonly HistoryEvent[] } {
  const run: HistoryEvent = {
    type: "run",
    atMs: 0,
    schema: 1,
    run: "r",
    system: "s",
    seed: 0,
    startedAt: "",
    ordered: false,
    promises,
  };
  return { events: [run, ...history.events] };
}

test("judge() without a history: what was sent while a subscription was away is missed, and no more", () => {
  const away = (): MadeUp => bob().say("a").hear("bob", "a").close("bob").say("b").connect("bob").confirm("bob");
  const whole = promising([], away().say("c").hear("bob", "c").end());
  expect(judged(whole)).toMatchObject({ findings: [], deliveries: { once: 2, missed: 1, lost: 0 } });
  // There is nothing that could be read again.
  expect(exitCodeOfJudgement(judged(whole))).toBe(0);
  expect(exitCodeOfJudgement(judged(promising(["history"], bob().say("a").hear("bob", "a").end())))).toBe(2);
  expect(found(promising([], away().say("c").end()))).toEqual(["lost c bob"]);
  expect(found(promising(["history"], away().say("c").hear("bob", "c").end()))).toEqual(["lost b bob"]);
  const resumes = (): MadeUp =>
    sse().say("a").hear("bob", "a").close("bob").say("b").connect("bob").confirm("bob").say("c").hear("bob", "c").end();
  expect(found(promising(["replay"], resumes()))).toEqual(["lost b bob"]);
  expect(found(promising([], resumes()))).toEqual([]);
});

test("judge() without a history: a connection is pushed what its sender said before, where that order is promised", () => {
  const skipped = (): MadeUp =>
    bob()
      .say("a")
      .say("b")
      .say("x", { sender: "dan" })
      .hear("bob", "b")
      .close("bob")
      .connect("bob")
      .confirm("bob")
      .end();
  expect(found(promising(["order-per-sender"], skipped()))).toEqual(["lost a bob"]);
  expect(found(promising([], skipped()))).toEqual([]);
});

test("judge() compares by the room's order where that is promised, else by each sender's", () => {
  const among = (): MadeUp =>
    bob()
      .say("a")
      .say("x", { sender: "dan" })
      .say("b")
      .hear("bob", "x")
      .hear("bob", "a")
      .hear("bob", "b")
      .read("first", ["a", "x", "b"])
      .end();
  expect(found(promising(["history", "order-per-room"], among()))).toEqual(["reordered a bob"]);
  expect(found(promising(["history", "order-per-sender"], among()))).toEqual([]);
  const within = bob().say("a").say("b").hear("bob", "b").hear("bob", "a").read("first", ["a", "b"]).end();
  expect(found(promising(["history", "order-per-sender"], within))).toEqual(["reordered a bob"]);
});

test("judge() with lossy-live: near a fault live may be missed what the history has", () => {
  const lossy = ["history", "order-per-sender", "lossy-live"];
  const cut = (stored: readonly string[]): MadeUp =>
    bob()
      .wait(10_000)
      .say("a")
      .hear("bob", "a")
      .fault("on")
      .say("b")
      .wait(1_000)
      .fault("healed")
      .wait(9_000)
      .say("c")
      .hear("bob", "c")
      .read("first", stored)
      .end();
  expect(judged(promising(lossy, cut(["a", "b", "c"])))).toMatchObject({
    findings: [],
    deliveries: { once: 2, missed: 1, lost: 0 },
  });
  expect(found(promising(["history", "order-per-sender"], cut(["a", "b", "c"])))).toEqual(["lost b bob"]);
  // Nor does the history have it: then it is lost, and erased.
  expect(found(promising(lossy, cut(["a", "c"])))).toEqual(["erased b first", "lost b bob"]);
  // Without a fault nothing excuses it, live or between two.
  const calm = bob().say("a").say("b").hear("bob", "b").wait(9_000).fault("on").fault("healed");
  expect(found(promising(lossy, calm.read("first", ["a", "b"]).end()))).toEqual(["lost a bob"]);
  const caught = bob().fault("on").say("a").fault("healed").hear("bob", "a", { how: "history" }).read("first", ["a"]);
  expect(judged(promising(lossy, caught.end()))).toMatchObject({ findings: [], deliveries: { missed: 1 } });
});

test("judge() takes what somebody says for somebody else's only where it must not come back", () => {
  const own = (more: { ownMayCome?: boolean }): MadeUp =>
    new MadeUp()
      .listen("bob", { ownMessages: false, ...more })
      .say("a", { sender: "bob" })
      .hear("bob", "a")
      .end();
  expect(found(own({}))).toEqual(["foreign a bob"]);
  expect(judged(own({ ownMayCome: true }))).toMatchObject({ findings: [], deliveries: { once: 0, lost: 0 } });
});

test("judge() with may-duplicate: what comes twice is no finding", () => {
  const twice = (): MadeUp => bob().say("a").hear("bob", "a").hear("bob", "a").read("first", ["a"]).end();
  expect(judged(promising(["history", "may-duplicate"], twice()))).toMatchObject({
    findings: [],
    deliveries: { once: 1, duplicate: 0 },
  });
  expect(found(promising(["history"], twice()))).toEqual(["duplicate a bob"]);
});
