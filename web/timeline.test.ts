import { expect, test } from "vitest";
import {
  emptyTimeline,
  instantKey,
  isLater,
  meets,
  withFile,
  withMessages,
  withPage,
  withUnsent,
  withUnsentAs,
  type Timeline,
  type Unsent,
} from "./timeline.ts";
import type { MessageDto, UserDto } from "./wire.ts";

const author = (id: string): UserDto => ({ id, username: id, email: "", profile: null, online: true, role: "USER" });

const message = (id: string, second: number, by = "ann"): MessageDto => ({
  id,
  createdAt: `2026-11-29T10:00:${String(second).padStart(2, "0")}.000001Z`,
  updatedAt: null,
  content: `text ${id}`,
  channelId: "room",
  author: author(by),
  attachments: [],
});

const unsent = (key: string, content: string): Unsent => ({ key, content, fileNames: [], atMs: 0, state: "sending" });
const idsOf = ({ messages }: Timeline): string[] => messages.map(({ id }) => id);

test("a message is shown once, in the order of history, however often and in whatever order it comes", () => {
  const live = withMessages(emptyTimeline, [message("b", 2), message("a", 1)], "me");
  const whole = withPage(live, { content: [message("c", 3), message("b", 2)], nextCursor: null, hasNext: false }, "me");
  expect(idsOf(whole)).toEqual(["a", "b", "c"]);
});

test("instants are compared to the microsecond, however many digits they have", () => {
  expect(isLater("2026-11-29T10:00:00.123457Z", "2026-11-29T10:00:00.123456789Z")).toBe(true);
  expect(isLater("2026-11-29T10:00:00Z", "2026-11-29T10:00:00.000Z")).toBe(false);
  expect(isLater("2026-11-29T10:00:00Z", null)).toBe(true);
  expect(isLater(null, "2026-11-29T10:00:00Z")).toBe(false);
  expect(instantKey("2026-11-29T10:00:00.5Z")).toBe("2026-11-29T10:00:00.500000000");
});

test("an own message that is heard confirms the oldest unsent one with its text, once", () => {
  const waiting = [unsent("1", "text a"), unsent("2", "text a"), unsent("3", "other")].reduce(
    withUnsent,
    emptyTimeline,
  );
  const heard = withMessages(waiting, [message("a", 1, "me")], "me");
  expect(heard.unsent.map(({ key }) => key)).toEqual(["2", "3"]);
  // The same message again, from history, confirms nothing more; nor does somebody else's.
  const again = withMessages(heard, [message("a", 1, "me"), { ...message("x", 2), content: "other" }], "me");
  expect(again.unsent.map(({ key }) => key)).toEqual(["2", "3"]);
});

test("what nobody confirmed before the connection went away is confirmed by history", () => {
  const unsure = withUnsentAs(withUnsent(emptyTimeline, unsent("1", "text a")), "1", "unsure");
  expect(withMessages(unsure, [message("a", 1, "me")], "me").unsent).toEqual([]);
});

test("scrolling goes on from the oldest page, not from one that was asked again", () => {
  const newest = { content: [message("d", 4), message("c", 3)], nextCursor: "3", hasNext: true };
  const older = { content: [message("b", 2), message("a", 1)], nextCursor: null, hasNext: false };
  const first = withPage(emptyTimeline, newest, "me");
  expect(first.older).toBe("3");
  const whole = withPage(first, older, "me");
  expect(whole.older).toBeNull();
  expect(withPage(whole, newest, "me").older).toBeNull();
});

test("meets() says whether a page reaches what is known", () => {
  const known = withMessages(emptyTimeline, [message("a", 1)], "me");
  const page = (ids: MessageDto[], hasNext: boolean) => ({ content: ids, nextCursor: null, hasNext });
  expect(meets(known, page([message("c", 3), message("a", 1)], true))).toBe(true);
  expect(meets(known, page([message("c", 3), message("b", 2)], true))).toBe(false);
  expect(meets(known, page([message("c", 3)], false))).toBe(true);
});

test("withFile() changes the file where it is, and nothing else", () => {
  const file = { id: "f", fileName: "a.txt", size: 1, contentType: "text/plain", status: "PROCESSING" };
  const timeline = withMessages(emptyTimeline, [{ ...message("a", 1), attachments: [file] }, message("b", 2)], "me");
  const ready = withFile(timeline, { ...file, status: "SUCCESS" });
  expect(ready.messages[0]!.attachments[0]).toMatchObject({ status: "SUCCESS" });
  expect(ready.messages[1]).toBe(timeline.messages[1]);
  expect(withFile(timeline, { ...file, id: "other" })).toBe(timeline);
});
