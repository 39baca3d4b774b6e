import { expect, test } from "vitest";
import { Rounds } from "./rounds.ts";

test("Rounds.next() gives everybody a round that began after they asked, one at a time", async () => {
  const begun: PromiseWithResolvers<void>[] = [];
  const rounds = new Rounds(() => {
    const round = Promise.withResolvers<void>();
    begun.push(round);
    return round.promise;
  });
  const first = rounds.next();
  const [second, third] = [rounds.next(), rounds.next()];
  expect(begun).toHaveLength(1);
  expect(second).toBe(third);
  begun[0]!.reject(new Error("away"));
  await expect(first).rejects.toThrow("away");
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toHaveLength(2);
  begun[1]!.resolve();
  await expect(Promise.all([second, third])).resolves.toEqual([undefined, undefined]);
});

test("Rounds.next() between two rounds is given the one that begins, not a third", async () => {
  let running = 0;
  let most = 0;
  const rounds = new Rounds(async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
  });
  const first = rounds.next();
  const queued = rounds.next();
  await Promise.all([first.then(() => rounds.next()), queued]);
  expect(most).toBe(1);
});
