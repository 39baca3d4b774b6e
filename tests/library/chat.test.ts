// The library as a team's own tests use it: what it says of a server that is right, and of one that is not.

import { expect, test } from "vitest";
import { judge, Ledger, openChat, openEventStream, openStomp, TargetError, type HistoryEvent } from "../../index.ts";
import "../../vitest.ts";
import { startServer } from "../../targets/embedded.ts";
import { toy } from "../verifier/toy/definition.ts";
import { startToy } from "../verifier/toy/server.ts";

const anomaliesOf = (history: readonly HistoryEvent[]): string[] => {
  const ledger = new Ledger();
  for (const event of history) ledger.add(event);
  return [...new Set(judge(ledger).findings.map(({ anomaly }) => anomaly))];
};

test("every tab of a room hears every message once, also one that was away", async () => {
  await using server = await startToy();
  await using chat = await openChat({ system: toy, urls: [server.url] });
  const [ann, ben, eve] = await chat.people(3);
  const room = await chat.room(ann, ben);
  const tabs = [await chat.tab(ben, room), await chat.tab(ben, room), await chat.tab(ann, room)];
  expect(await chat.eavesdrop(eve, room)).toBe("refused");
  await Promise.all(["one", "two", "three"].map((text) => chat.say(ann, room, text)));
  tabs[0]!.break();
  const message = await chat.say(ben, room, "while one of us was away");
  expect(await Promise.all(tabs.map((tab) => tab.hears(message)))).toEqual([true, true, true]);
  const history = await chat.finish();
  expect(history).toBeDeliveredExactlyOnce();
  expect(history.filter(({ type }) => type === "acknowledged")).toHaveLength(4);
  await chat[Symbol.asyncDispose]();
  expect(server.members()).toEqual([]);
});

test.each([
  ["doubles", ["duplicate"]],
  ["leaks", ["foreign"]],
] as const)("a server that %s is found", async (mistake, anomalies) => {
  await using server = await startToy(mistake);
  await using chat = await openChat({ system: toy, urls: [server.url] });
  const [ann, ben] = await chat.people(2);
  const [room, other] = [await chat.room(ann, ben), await chat.room(ben, ann)];
  await chat.tab(ben, room);
  await chat.tab(ann, other);
  await chat.say(ann, room, "hello");
  const history = await chat.finish();
  expect(anomaliesOf(history)).toEqual(anomalies);
  expect(() => expect(history).toBeDeliveredExactlyOnce()).toThrow(anomalies[0]);
});

test("a history in which nobody had to hear anything does not pass", async () => {
  await using server = await startToy();
  await using chat = await openChat({ system: toy, urls: [server.url] });
  const [ann, ben] = await chat.people(2);
  await chat.say(ann, await chat.room(ann, ben), "is anybody there?");
  const history = await chat.finish();
  expect(() => expect(history).toBeDeliveredExactlyOnce()).toThrow("nothing was owed to anybody");
});

test("a built-in system over SockJS, and its event streams", async () => {
  await using server = await startServer({ environment: { SYSTEMS: "discodeit-2" } });
  await using chat = await openChat({ system: "discodeit-2", urls: [server.urls["discodeit-2"]] });
  const [ann, ben] = await chat.people(2);
  const room = await chat.room(ann, ben);
  const stream = await chat.stream(ben);
  await chat.tab(ben, room, { over: "xhr-streaming" });
  for (const text of ["one", "two", "three"]) await chat.say(ann, room, text);
  stream.break();
  const message = await chat.say(ann, room, "four");
  expect(await stream.hears(message)).toBe(true);
  expect(await chat.finish()).toBeDeliveredExactlyOnce();
});

test("mistakes in a test are named", async () => {
  await expect(openChat({ system: "discord", urls: ["http://127.0.0.1:9"] })).rejects.toThrow(
    'unknown system "discord"',
  );
  await expect(openChat({ system: toy, urls: [] })).rejects.toThrow("name a URL");
  await using server = await startToy();
  await using chat = await openChat({ system: toy, urls: [server.url] });
  const [ann, ben, eve] = await chat.people(3);
  const room = await chat.room(ann, ben);
  await expect(chat.tab(eve, room)).rejects.toThrow("is not in room-1; chat.eavesdrop() tries it");
  expect(() => expect([1]).toBeDeliveredExactlyOnce()).toThrow("unknown type");
  await chat.finish();
  await expect(chat.say(ann, room, "too late")).rejects.toThrow("finished");
});

test("the drivers by themselves: a STOMP session and an event stream that resumes", async () => {
  await using server = await startToy();
  await using chat = await openChat({ system: toy, urls: [server.url] });
  const [ann, ben] = await chat.people(2);
  const room = await chat.room(ann, ben);
  await using stomp = await openStomp(`${server.url}/ws`, { connect: { Authorization: `Bearer ${ann.bearer}` } });
  const heard = await stomp.subscribeWithReceipt(room.destination, 2_000);
  const message = await chat.say(ben, room, "hello");
  await heard.awaitMessage("hello", ({ body }) => body.includes(message), 2_000);

  const url = `${server.url}/events?token=${ann.bearer}`;
  await using stream = openEventStream(url, { lastEventId: "0" });
  const event = await stream.awaitEvent("the room", ({ name }) => name === "room", 2_000);
  await using resumed = openEventStream(url, { lastEventId: event.id! });
  await resumed.head;
  await chat.room(ann, ben);
  expect((await resumed.awaitEvent("another room", () => true, 2_000)).id).not.toBe(event.id);
  await expect(openEventStream(`${server.url}/events`).head).rejects.toThrow(TargetError);
  await expect(openStomp(`${server.url}/nowhere`)).rejects.toThrow(TargetError);
});
