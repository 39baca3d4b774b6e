import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

test("Turns: several at a time, and who had company knows it", async () => {
  const turns = new Turns<string>();
  const one = await turns.begin("one");
  expect([one.wasAlone, turns.underWay]).toEqual([true, ["one"]]);
  const two = await turns.begin("two");
  expect([one.wasAlone, two.wasAlone, turns.underWay]).toEqual([false, false, ["one", "two"]]);
  one[Symbol.dispose]();
  two[Symbol.dispose]();
  using three = await turns.begin("three");
  expect([three.wasAlone, turns.underWay]).toEqual([true, ["three"]]);
});

test("Turns: who wants to be alone waits for the others, and others wait for it", async () => {
  const turns = new Turns<string>();
  const order: string[] = [];
  const first = await turns.begin("first");
  const turn = async (id: string, alone: boolean): Promise<void> => {
    using own = await turns.begin(id, { alone });
    order.push(`${id} ${own.wasAlone}: ${turns.underWay.join()}`);
    await Promise.resolve();
  };
  const all = Promise.all([turn("accused", true), turn("accused, too", true), turn("later", false)]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual([]);
  first[Symbol.dispose]();
  await all;
  expect(order).toEqual(["accused true: accused", "accused, too true: accused, too", "later true: later"]);
});
