// What do others notice while one client, without a login, sends the worst of a kind? Per attack: the time of /healthz,
// the way of a chat message (SEND to MESSAGE, 20 a second, each must arrive once), and the memory of the server, beside
// the same without an attack.
// `node tests/bench/attacks.ts [SECONDS] [KIND]`; wanted: healthz p99 <= max(3 x quiet, 50 ms), message p99 <= max(3 x
// quiet, 100 ms),
// memory <= + 64 MiB, nothing lost. Both sides run in one go, quiet before and after, because machines differ and are
// noisy.

import { fork, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Network } from "../../drivers/network.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import { startServer } from "../../targets/embedded.ts";
import type { Target } from "../../systems/target.ts";
import { contextOf } from "../../runner/run.ts";
import { World } from "../../runner/world.ts";
import { attackers } from "./attackers.ts";
import { discodeitSystems } from "../../systems/discodeit/definition.ts";

interface Sample {
  healthMs: number[];
  messageMs: number[];
  lost: number;
  memoryMiB: number;
}

const seconds = Number(process.argv[2] ?? 10);
const only = process.argv[3];
await using server = await startServer({ environment: { SYSTEMS: "discodeit-1" } });
const url = server.urls["discodeit-1"];
const target: Target = {
  name: "attacked",
  system: discodeitSystems["discodeit-1"],
  instances: [url],
  capabilities: new Set(),
  throwAway: true,
};
const network = new Network();
const context = contextOf({ target }, "attack", network, new Secrets());
Object.assign(context.baseline, { receipts: true, ordered: true, greets: true, deadlineMs: 10_000 });
const world = new World(context, new Transcript(new Secrets()));

const memoryMiB = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1]) / 1_024;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

const [ann, bob] = await world.accounts(2);
const channel = await world.privateChannel(ann, bob);
const [speaks, hears] = [await world.stomp(ann), await world.stomp(bob)];
const heard = await world.subscribe(hears, channel);

async function say(sample: Sample): Promise<void> {
  const marker = world.marker();
  const from = performance.now();
  world.sendMessage(speaks, ann, channel, marker);
  try {
    await world.hear(heard, marker, 10_000);
    sample.messageMs.push(performance.now() - from);
  } catch {
    sample.lost += 1;
  }
}

/** For so long: /healthz again and again, and 20 messages a second. */
async function observe(): Promise<Sample> {
  const sample: Sample = { healthMs: [], messageMs: [], lost: 0, memoryMiB: 0 };
  const until = performance.now() + seconds * 1_000;
  const said: Promise<void>[] = [];
  const health = (async () => {
    while (performance.now() < until) {
      sample.healthMs.push(await timed(async () => (await fetch(`${url}/healthz`)).text()));
      sample.memoryMiB = Math.max(sample.memoryMiB, memoryMiB());
      await pause(10);
    }
  })();
  while (performance.now() < until) {
    said.push(say(sample));
    await pause(50);
  }
  await Promise.all([health, ...said]);
  return sample;
}

const p99 = (times: number[]): number =>
  times.toSorted((one, other) => one - other)[Math.floor(times.length * 0.99)] ?? Number.NaN;
const shown = (name: string, sample: Sample, before: number): string =>
  [
    name.padEnd(26),
    `healthz p99 ${p99(sample.healthMs).toFixed(1).padStart(7)} ms`,
    `message p99 ${p99(sample.messageMs).toFixed(1).padStart(7)} ms`,
    `${sample.messageMs.length} heard, ${sample.lost} lost`,
    `memory ${sample.memoryMiB - before >= 0 ? "+" : ""}${(sample.memoryMiB - before).toFixed(0)} MiB`,
  ].join(" · ");

function attack(kind: string): ChildProcess {
  return fork(fileURLToPath(new URL("attackers.ts", import.meta.url)), [kind, url], { stdio: "ignore" });
}

// Warm: the first messages compile what the later ones use.
await observe();
console.log(shown("quiet", await observe(), memoryMiB()));
for (const kind of Object.keys(attackers).filter((name) => only === undefined || name === only)) {
  const before = memoryMiB();
  const attacker = attack(kind);
  await pause(500);
  console.log(shown(kind, await observe(), before));
  attacker.kill("SIGKILL");
  await pause(3_000);
}
console.log(shown("quiet again", await observe(), memoryMiB()));
await world[Symbol.asyncDispose]();
await network.close();
