import { expect, test } from "vitest";
import { Lobby, type Waiting } from "./lobby.ts";

const evicted: string[] = [];
const member = (address: string, name: string): Waiting => ({ address, evict: () => void evicted.push(name) });

test("Lobby makes room by the oldest of the address that has the most", () => {
  evicted.length = 0;
  const lobby = new Lobby(3);
  lobby.enter(member("one", "first"));
  lobby.enter(member("many", "a"));
  lobby.enter(member("many", "b"));
  lobby.enter(member("many", "c"));
  lobby.enter(member("two", "second"));
  expect(evicted).toEqual(["a", "b"]);
  expect(lobby.count).toBe(3);
});

test("Lobby lets a newcomer push out only its own when its address has as many as any", () => {
  evicted.length = 0;
  const lobby = new Lobby(2);
  lobby.enter(member("one", "first"));
  lobby.enter(member("one", "second"));
  lobby.enter(member("one", "third"));
  expect(evicted).toEqual(["first"]);
});

test("Lobby counts nobody who connected or ended", () => {
  evicted.length = 0;
  const lobby = new Lobby(1);
  const first = member("one", "first");
  lobby.enter(first);
  lobby.leave(first);
  lobby.leave(first);
  lobby.enter(member("one", "second"));
  expect(evicted).toEqual([]);
  expect(lobby.count).toBe(1);
});
