import { expect, test } from "vitest";
import { FairGate, type Turn } from "./fair-gate.ts";
import { BusyError } from "./gate.ts";

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A gate whose work ends on demand; `log` says who began, and who was refused. */
function opened(runningMax: number, waitingMax: number) {
  const gate = new FairGate(runningMax, waitingMax);
  const log: string[] = [];
  const running: (() => void)[] = [];
  const ask = (name: string, lane: Turn["lane"], key: string): void => {
    const work = (): Promise<void> => {
      log.push(name);
      return new Promise((resolve) => running.push(resolve));
    };
    gate
      .run({ lane, key }, work)
      .catch((error: unknown) => log.push(error instanceof BusyError ? `${name} refused` : String(error)));
  };
  const end = async (): Promise<void> => {
    running.shift()?.();
    await settled();
  };
  return { ask, end, log, gate };
}

test("FairGate runs as many as allowed, and keys of a lane in turn", async () => {
  const { ask, end, log } = opened(2, 10);
  for (const name of ["a1", "a2", "a3", "a4", "b1", "a5", "c1"]) ask(name, "stranger", name[0]!);
  await settled();
  expect(log).toEqual(["a1", "a2"]);
  for (let index = 0; index < 5; index += 1) await end();
  expect(log).toEqual(["a1", "a2", "a3", "b1", "c1", "a4", "a5"]);
});

test("FairGate lets lanes take turns, however much waits in one", async () => {
  const { ask, end, log } = opened(1, 10);
  for (let index = 0; index < 8; index += 1) ask(`flood${index}`, "stranger", `address${index}`);
  ask("seen", "seen", "office");
  ask("known", "known", "ann");
  ask("known too", "known", "ann");
  for (let index = 0; index < 5; index += 1) await end();
  expect(log).toEqual(["flood0", "known", "seen", "flood1", "known too", "flood2"]);
});

test("FairGate makes whoever has most waiting give way, and refuses who has no better claim", async () => {
  const { ask, end, log } = opened(1, 3);
  for (const name of ["a1", "a2", "a3", "a4", "a5"]) ask(name, "stranger", "a");
  await settled();
  expect(log).toEqual(["a1", "a5 refused"]);
  ask("b1", "stranger", "b");
  await settled();
  expect(log.slice(2)).toEqual(["a4 refused"]);
  ask("b2", "stranger", "b");
  ask("c1", "stranger", "c");
  await settled();
  expect(log.slice(3)).toEqual(["b2 refused", "a3 refused"]);
  // Another lane has its own places.
  ask("ann", "known", "ann");
  for (let index = 0; index < 4; index += 1) await end();
  expect(log.slice(5)).toEqual(["ann", "a2", "b1", "c1"]);
});

test("FairGate gives a place back after a failure", async () => {
  const { gate } = opened(1, 1);
  const turn: Turn = { lane: "known", key: "a" };
  await expect(gate.run(turn, () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  expect(await gate.run(turn, () => Promise.resolve("next"))).toBe("next");
});
