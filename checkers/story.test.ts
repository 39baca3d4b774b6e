import { expect, test } from "vitest";
import { judge } from "./judge.ts";
import { Ledger } from "./ledger.ts";
import { MadeUp } from "./made-up.ts";
import { storyOf, tell } from "./story.ts";

const history = (): MadeUp =>
  new MadeUp()
    .listen("bob")
    .listen("carol", { transport: "sse" })
    .listen("alice", { ownMessages: false })
    .listen("dora", { rooms: ["2"] })
    .close("bob")
    .fault("on")
    .wait(988)
    .say("a")
    .hear("carol", "a")
    .connect("bob")
    .confirm("bob")
    .fault("healed")
    .read("first", ["a"])
    .read("second", [])
    .read("other room", [], "history", "2")
    .read("events", ["a"], "events", "carol")
    .end();

test("storyOf() tells a lost message's way", () => {
  const { events } = history();
  const ledger = new Ledger();
  for (const event of events) ledger.add(event);
  const finding = judge(ledger).findings.find(({ anomaly }) => anomaly === "lost")!;
  const story = storyOf(events, finding);
  expect(story).toMatchObject({
    message: "a",
    finding,
    send: { sender: "alice", room: "1", place: "server-1", transport: "websocket", connection: "alice" },
    fate: { what: "acknowledged", id: "id of a" },
    listeners: [
      { subscription: "bob", owed: true, heard: [] },
      {
        subscription: "carol",
        owed: true,
        heard: [{ how: "pushed", epoch: 1, place: "server-1", event: "event of a" }],
      },
      { subscription: "alice", owed: false, heard: [] },
    ],
    connection: [
      { what: "opened", epoch: 1 },
      { what: "confirmed", epoch: 1 },
      { what: "closed", epoch: 1, because: "cut" },
      { what: "opened", epoch: 2 },
      { what: "confirmed", epoch: 2 },
    ],
    faults: [{ fault: "kill", text: "server-2 was killed" }],
    readers: [
      { reader: "first", position: 1, length: 1 },
      { reader: "second", length: 0 },
      { reader: "events", position: 1, length: 1 },
    ],
  });
  expect(JSON.parse(JSON.stringify(story))).toEqual(story);
  expect(tell(story)).toEqual([
    "lost: bob never heard a (sent 1.0 s after server-2 was killed)",
    "1.002 s  alice sent it to room 1 at server-1 over websocket (connection alice)",
    "1.003 s  it was acknowledged with id id of a",
    "fault: server-2 was killed, from 0.013 s to 1.007 s",
    "▶ bob (websocket) NEVER HEARD IT",
    "carol (sse) was pushed it at 1.004 s on connection 1 to server-1",
    "alice (websocket, not owed) did not hear it",
    "bob: 0.001 s connection 1 opened to server-1",
    "bob: 0.002 s connection 1 confirmed",
    "bob: 0.012 s connection 1 closed: cut",
    "bob: 1.005 s connection 2 opened to server-1",
    "bob: 1.006 s connection 2 confirmed",
    "first (history at server-1) has it as 1 of 1",
    "second (history at server-1) DOES NOT HAVE IT among 0",
    "events (events at server-1) has it as 1 of 1",
  ]);
});

test("storyOf() tells of a message that nobody sent, of one without an answer, and of one without a finding", () => {
  const ghost = storyOf(new MadeUp().listen("bob").hear("bob", "a").end().events, { message: "a" });
  expect(tell(ghost)).toEqual([
    "a",
    "nobody sent a",
    "bob (websocket, not owed) was pushed it at 0.003 s on connection 1 to server-1",
  ]);
  const unknown = storyOf(new MadeUp().send("a").giveUp("a").end().events, { message: "a" });
  expect(tell(unknown)[2]).toBe("0.001 s  it got no answer: cut");
  expect(storyOf(new MadeUp().send("a").giveUp("a").acknowledge("a").events, { message: "a" }).fate.what).toBe(
    "acknowledged",
  );
  expect(storyOf(new MadeUp().send("a").acknowledge("a").giveUp("a").events, { message: "a" }).fate.what).toBe(
    "acknowledged",
  );
});

test("tell() accuses nobody of a run that came to no end", () => {
  const cut = new MadeUp().listen("bob").say("a").read("first", []);
  const lines = tell(storyOf(cut.events, { message: "a" }));
  expect(lines[1]).toBe("the run came to no end: who has not heard it may have been about to");
  expect(lines.join()).not.toMatch(/NEVER|DOES NOT/);
  expect(tell(storyOf(cut.end().events, { message: "a" })).join()).toMatch(/NEVER HEARD IT.*DOES NOT HAVE IT/);
});

test("storyOf() names each event log of whoever the finding is about", () => {
  const history = new MadeUp().listen("bob", { transport: "sse" }).say("a").hear("bob", "a");
  history
    .read("log 1", ["a"], "events", "bob")
    .read("log 2", [], "events", "bob")
    .read("log 3", [], "events", "carol")
    .end();
  const finding = { anomaly: "lost", message: "a", subscription: "bob", atMs: 5, text: "" } as const;
  expect(storyOf(history.events, finding).readers).toMatchObject([
    { reader: "log 1", position: 1 },
    { reader: "log 2" },
  ]);
});

test("storyOf() says nothing of a log that was read from behind a later event", () => {
  const history = new MadeUp().listen("bob", { transport: "sse" }).say("a").hear("bob", "a").say("b").hear("bob", "b");
  history
    .read("whole", ["a", "b"], "events", "bob")
    .read("later", [], "events", "bob", "event of b")
    .read("in time", [], "events", "bob", "event of a")
    .end();
  const finding = { anomaly: "lost", message: "b", reader: "in time", atMs: 5, text: "in time lacks b" } as const;
  const subscription = { ...finding, subscription: "bob" };
  expect(tell(storyOf(history.events, subscription)).filter((line) => line.includes("(events at"))).toEqual([
    "whole (events at server-1) has it as 2 of 2",
    "later (events at server-1) was read from behind a later event",
    "▶ in time (events at server-1) DOES NOT HAVE IT among 0",
  ]);
});
