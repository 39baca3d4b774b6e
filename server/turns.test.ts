import { setImmediate as round } from "node:timers/promises";
import { expect, test } from "vitest";
import { Entrance, Intake, Pace, Turns } from "./turns.ts";

test("Turns lets what came meanwhile go first when a slice is used up, and sessions in the order of asking", async () => {
  const turns = new Turns();
  const order: string[] = [];
  const session = async (name: string): Promise<void> => {
    // Work that never waits for anything outside of the process.
    for (let frame = 0; frame < 3; frame += 1) {
      for (const until = performance.now() + 6; performance.now() < until;);
      order.push(name);
      await turns.next();
    }
  };
  const others = (async () => {
    for (let count = 0; count < 4; count += 1) {
      await round();
      order.push("other");
    }
  })();
  await Promise.all([session("a"), session("b"), others]);
  expect(order.slice(0, 2)).toEqual(["a", "b"]);
  // Never two frames of one session behind each other, and something else between them.
  expect(order.join(" ")).not.toMatch(/a a|b b/);
  expect(order.indexOf("other")).toBeLessThan(order.indexOf("a", 1));
});

test("Turns costs nothing within a slice", async () => {
  const turns = new Turns();
  await turns.next();
  const [first, second] = [turns.next(), turns.next()];
  expect([first, second].filter((wait) => wait === undefined).length).toBeGreaterThan(0);
});

test("Pace lets so many begin a round of the event loop, in the order of asking", async () => {
  const pace = new Pace(2);
  const begun: number[] = [];
  const rounds: number[][] = [];
  const all = Promise.all([0, 1, 2, 3, 4].map(async (who) => void begun.push((await pace.next(), who))));
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setImmediate(resolve));
    rounds.push([...begun]);
  }
  await all;
  expect(rounds).toEqual([
    [0, 1],
    [0, 1, 2, 3],
    [0, 1, 2, 3, 4],
  ]);
});

test("Entrance lets so many requests begin a round, at once or in the order of coming", async () => {
  const entrance = new Entrance(2);
  const begun: string[] = [];
  const enter = (name: string): void => entrance.enter({}, () => void begun.push(name));
  for (const name of ["a", "b", "c", "d", "e"]) enter(name);
  expect(begun).toEqual(["a", "b"]);
  await round();
  expect(begun).toEqual(["a", "b", "c", "d"]);
  // Nobody goes past who waits, and who began in this round counts.
  enter("f");
  enter("g");
  await round();
  expect(begun).toEqual(["a", "b", "c", "d", "e", "f"]);
  await round();
  expect(begun).toEqual(["a", "b", "c", "d", "e", "f", "g"]);
  await round();
  enter("h");
  expect(begun.at(-1)).toBe("h");
});

test("Entrance lets one request of a connection wait, and keeps their order", async () => {
  const entrance = new Entrance(1);
  const begun: string[] = [];
  const enter = (connection: object, name: string): void => entrance.enter(connection, () => void begun.push(name));
  const [ann, bob] = [{}, {}];
  enter(ann, "ann 1");
  enter(bob, "bob 1");
  enter(ann, "ann 2");
  enter(ann, "ann 3");
  expect(begun).toEqual(["ann 1", "ann 2"]);
  await round();
  await round();
  expect(begun).toEqual(["ann 1", "ann 2", "bob 1", "ann 3"]);
});

test("Intake lets so many pieces a round be taken, and those who wait take turns by key", async () => {
  const intake = new Intake(2);
  let taken: string[] = [];
  const takes = async (key: string): Promise<void> => {
    for (let piece = 0; piece < 3; piece += 1) {
      taken.push(key);
      await intake.next(key);
    }
  };
  const all = Promise.all([...Array.from({ length: 9 }, () => "mob"), "ann"].map(takes));
  const rounds: string[][] = [];
  for (let count = 0; count < 16; count += 1) {
    await round();
    rounds.push(taken);
    taken = [];
  }
  await all;
  // What came in the first round nobody let in. Then Ann is not behind all of the mob.
  expect(rounds[1]).toEqual(["mob", "ann"]);
  expect(Math.max(...rounds.slice(1).map(({ length }) => length))).toBe(2);
});

test("Intake costs nothing while there is room", async () => {
  const intake = new Intake(3);
  expect([intake.next("ann"), intake.next("ann")]).toEqual([undefined, undefined]);
  expect(intake.next("ann")).toBeInstanceOf(Promise);
  await round();
  await round();
  expect(intake.next("ann")).toBeUndefined();
});
