import { expect, test } from "vitest";
import { TargetError, TimeoutError } from "./errors.ts";
import { Inbox } from "./inbox.ts";

const inboxOf = (...texts: string[]): Inbox<{ text: string }> => {
  const inbox = new Inbox<{ text: string }>();
  for (const text of texts) inbox.push({ text });
  return inbox;
};

test("awaitItem() finds what came before it was asked", async () => {
  const inbox = inboxOf("a", "b", "a");
  expect(await inbox.awaitItem("an a", ({ text }) => text === "a", 10)).toBe(inbox.items[0]);
});

test("awaitItem() waits for what comes later, and each waiter gets it", async () => {
  const inbox = inboxOf("a");
  const waiters = [
    inbox.awaitItem("b", ({ text }) => text === "b", 1_000),
    inbox.awaitItem("any b", ({ text }) => text === "b", 1_000),
  ];
  inbox.push({ text: "x" });
  inbox.push({ text: "b" });
  expect((await Promise.all(waiters)).map(({ text }) => text)).toEqual(["b", "b"]);
  expect(inbox.items.map(({ text }) => text)).toEqual(["a", "x", "b"]);
});

test("push() stamps items in order", () => {
  const [first, second] = inboxOf("a", "b").items;
  expect(second!.atMs).toBeGreaterThanOrEqual(first!.atMs);
});

test("awaitCount() resolves with the first ones, in order", async () => {
  const inbox = inboxOf("1", "x", "2");
  const waiting = inbox.awaitCount("three numbers", ({ text }) => text !== "x", 3, 1_000);
  inbox.push({ text: "3" });
  inbox.push({ text: "4" });
  expect((await waiting).map(({ text }) => text)).toEqual(["1", "2", "3"]);
});

test("awaitCount() says how many came, and what did", async () => {
  const inbox = inboxOf("1");
  const error = await inbox.awaitCount("two", () => true, 2, 5).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TimeoutError);
  expect((error as TimeoutError).message).toBe("Cannot await two (1 of 2 came): nothing within 5 ms");
  expect((error as TimeoutError).received).toEqual(inbox.items);
});

test("end() reaches those who wait and those who come later; the first reason counts", async () => {
  const inbox = inboxOf("a");
  const waiting = inbox.awaitItem("b", ({ text }) => text === "b", 1_000);
  inbox.end("closed with 1002");
  inbox.end("closed with 1000");
  await expect(waiting).rejects.toThrow(/Cannot await b: closed with 1002 after \d+ ms/);
  await expect(inbox.awaitItem("b", ({ text }) => text === "b", 1_000)).rejects.toBeInstanceOf(TargetError);
  expect(await inbox.awaitItem("a", ({ text }) => text === "a", 1_000)).toMatchObject({ text: "a" });
  expect(inbox.ended).toBe("closed with 1002");
});

test("awaitItem() takes what comes with the end", async () => {
  const inbox = inboxOf();
  const waiting = inbox.awaitItem("b", () => true, 1_000);
  inbox.push({ text: "b" });
  inbox.end("closed");
  expect(await waiting).toMatchObject({ text: "b" });
});
