import { expect, test } from "vitest";
import { ageOf, chosen, frameOf, Journal, timeOfId, type Kind } from "./journal.ts";

const all: ReadonlySet<Kind> = new Set<Kind>(["stomp", "event", "rest"]);

test("frameOf() reads command, headers and body, and a heart-beat is no frame", () => {
  expect(frameOf('MESSAGE\nmessage-id:7\ndestination:/sub/a:b\n\n{"text":"one\\n\\ntwo"}\0')).toEqual({
    command: "MESSAGE",
    headers: { "message-id": "7", destination: "/sub/a:b" },
    body: '{"text":"one\\n\\ntwo"}',
  });
  expect(frameOf("\n")).toBeUndefined();
});

test("no token and no password is kept", () => {
  const journal = new Journal(() => undefined);
  journal.noteFrame("out", "CONNECT\nAuthorization:Bearer eyJhbGciOi.x.y\naccept-version:1.2\n\n\0", "websocket");
  journal.note({
    way: "in",
    kind: "rest",
    title: "",
    id: "",
    instance: "",
    ageMs: undefined,
    text: '{"accessToken":"eyJa.b.c"}',
  });
  journal.noteFrame("out", "CONNECT\nlogin:demo\npasscode:eyJwd\n\n\0", "websocket");
  const kept = journal.entries.map(({ text }) => text).join("\n");
  expect(kept).not.toContain("eyJ");
  expect(kept).toContain("accept-version:1.2");
});

test("a frame without STOMP has its own id, and an age where it says when it was made", () => {
  const journal = new Journal(() => undefined);
  journal.noteText("in", `{"id":"7","createdAt":"${new Date(Date.now() - 60_000).toISOString()}"}`, "websocket");
  journal.noteText("out", '{"id":"8"}', "websocket");
  const [heard, said] = journal.entries;
  expect(heard).toMatchObject({ kind: "socket", way: "in", id: "7", instance: "websocket" });
  expect(heard!.ageMs).toBeGreaterThanOrEqual(60_000);
  expect(said).toMatchObject({ kind: "socket", way: "out", id: "", ageMs: undefined });
});

test("the journal keeps the last entries, and says each time that it changed", () => {
  let changes = 0;
  const journal = new Journal(() => (changes += 1));
  for (let count = 0; count < 450; count++) journal.noteEvent("ping", String(count), "{}", "server-1");
  expect(journal.entries).toHaveLength(400);
  expect(journal.entries.at(-1)).toMatchObject({ number: 450, id: "449", instance: "server-1" });
  expect(changes).toBe(450);
});

test("age comes from the message's instant, or from an id that holds a time", () => {
  const id = "01a2268d-6b79-734f-8ed2-cdcab94e1920";
  expect(timeOfId(id)).toBe(Number.parseInt("01a2268d6b79", 16));
  expect(timeOfId("8927e7b0-1c2d-4f6e-9a1b-0c9de6c5dd39")).toBeUndefined();
  expect(ageOf(timeOfId(id)! + 25, id, "")).toBe(25);
  expect(ageOf(Date.parse("2026-11-29T10:00:01Z"), "", '{"createdAt":"2026-11-29T10:00:00.750001Z"}')).toBe(250);
});

test("chosen() shows the newest first, of the kinds and words that are asked for", () => {
  const journal = new Journal(() => undefined);
  journal.noteEvent("channels.refresh", "1", "{}", "server-1");
  journal.noteFrame("in", "\n", "websocket");
  journal.noteFrame("in", "MESSAGE\nmessage-id:7\n\nhello\0", "websocket");
  const titles = (wanted: Partial<Parameters<typeof chosen>[1]>): string[] =>
    chosen(journal.entries, { kinds: all, heartBeats: false, text: "", ...wanted }).map(({ title }) => title);
  expect(titles({})).toEqual(["MESSAGE", "channels.refresh"]);
  expect(titles({ heartBeats: true })).toEqual(["MESSAGE", "♥", "channels.refresh"]);
  expect(titles({ text: "SERVER-1 refresh" })).toEqual(["channels.refresh"]);
  expect(titles({ kinds: new Set<Kind>(["stomp"]) })).toEqual(["MESSAGE"]);
});
