// How long after a server is back does `rollcall verify --watch` say that it is mended? A server that delivers twice is
// watched, ended and started again without the fault, so many times (9 unless told: `node tests/bench/watch.ts 3`);
// told is the time from when the new one listens to the line "fixed" on the screen. Another checkout, named behind,
// is watched in turns with this one, so that what slows the machine slows both.

import { createInterface } from "node:readline";
import { performance } from "node:perf_hooks";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { start, type ChildProcess } from "../../drivers/programs.ts";
import { startServer } from "../../targets/embedded.ts";
import { patch, startFaulty } from "../../targets/faulty.ts";

const system = "discodeit-1";
const here = fileURLToPath(new URL("../../", import.meta.url));
const rounds = Number(process.argv[2] ?? 9);
const checkouts = [here, ...process.argv.slice(3)];

const deliver = "for (const member of members) member.deliver(message);";
const twice = patch(
  "server/stomp/broker.ts",
  deliver,
  "for (const member of [...members, ...members]) member.deliver(message);",
);
/** As expensive as those of a server that is kept. */
const passwords = { PASSWORD_COST_LOG2: "14" };

/** Resolves with the moment of the first line of that kind; rejects when the watch ends before. */
function shown({ child, lines }: Watched, pattern: RegExp): Promise<number> {
  return new Promise((resolve, reject) => {
    lines.on("line", (line: string) => pattern.test(line) && resolve(performance.now()));
    child.once("exit", (code) => reject(new Error(`the watch ended with ${code}`)));
  });
}

interface Watched {
  child: ChildProcess;
  lines: ReturnType<typeof createInterface>;
}

/** Milliseconds from a server that listens to a screen that says so. */
async function timeOf(checkout: string): Promise<number> {
  const broken = await startFaulty({ patches: [twice], system, environment: passwords });
  const url = broken.urls[system];
  const args = ["verify", url, "--system", system, "--only", "subscribe.exactly-once", "--watch"];
  const child = start(process.execPath, [join(checkout, "cli/main.ts"), ...args], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const watched = { child, lines: createInterface({ input: child.stdout }) };
  await shown(watched, /^fail +subscribe\.exactly-once/);
  await broken.end();
  const fixed = shown(watched, /^fixed /);
  await using _ = await startServer({
    environment: { SYSTEMS: system, DISCODEIT_1_PORT: new URL(url).port, ...passwords },
  });
  const listensAtMs = performance.now();
  const tookMs = (await fixed) - listensAtMs;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  await ended;
  return tookMs;
}

const times = checkouts.map(() => [] as number[]);
for (let round = 0; round < rounds; round++)
  for (const [at, checkout] of checkouts.entries()) {
    const tookMs = await timeOf(checkout);
    times[at]!.push(tookMs);
    console.log(`round ${round + 1}: ${tookMs.toFixed(0)} ms ${checkout}`);
  }
for (const [at, checkout] of checkouts.entries()) {
  const sorted = times[at]!.toSorted((one, other) => one - other);
  const [median, worst] = [sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!];
  console.log(`${checkout}: fixed after ${median.toFixed(0)} ms, ${worst.toFixed(0)} ms at most, of ${rounds}`);
}
