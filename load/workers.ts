// The processes of a load run, as one: what is ordered goes to each, and what they say is added up by whoever asked.
// Units: ms.

import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Lane } from "../checkers/deliveries.ts";
import { compileCacheFolder } from "../drivers/compile-cache.ts";
import { within } from "../drivers/deadline.ts";
import { HarnessError } from "../drivers/errors.ts";
import { startNode, type ChildProcess } from "../drivers/programs.ts";
import { closedEnvironment } from "../targets/environment.ts";
import { nowMs } from "./clock.ts";
import { noCounts, type CrowdCounts, type CrowdShare } from "./crowd.ts";
import { LatencyHistogram } from "./latencies.ts";
import type { Order, Word } from "./messages.ts";
import type { LoadPlan } from "./plan.ts";
import type { VisitsShape } from "./visits.ts";
import { shardsOf, type Machine, type Shard } from "./shards.ts";

const answerWithinMs = 60_000;
const endWithinMs = 3_000;

export interface CrowdOptions {
  plan: LoadPlan;
  connections: number;
  rampMs: number;
  /** Ports to one address; default: half of what Linux has. */
  machine?: Machine;
  /** Whoever loses its connection comes back. */
  returning?: boolean;
  /** One of so many reads slowly, or not at all. */
  slowOneIn?: number;
  /** Each closes its line after a while and opens it again; `returning` has to be set. */
  visits?: VisitsShape;
  ca?: string;
}

export type Settled = Extract<Word, { type: "settled" }>;

/** One of our processes, and what it said. */
class Worker {
  counts: CrowdCounts = noCounts();
  readonly child: ChildProcess;
  readonly #ready = Promise.withResolvers<void>();
  #settled = Promise.withResolvers<Settled>();

  constructor(child: ChildProcess, recent: LatencyHistogram) {
    this.child = child;
    child.on("message", (word: Word) => {
      if (word.type === "ready") return this.#ready.resolve();
      this.counts = word.counts;
      if (word.type === "counts") recent.addSparse(word.recent);
      if (word.type === "settled") this.#settled.resolve(word);
    });
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  order(order: Order): void {
    this.child.send(order);
  }

  async settle(lanes: readonly Lane[]): Promise<Settled> {
    this.#settled = Promise.withResolvers();
    this.order({ type: "settle", lanes });
    return await this.#settled.promise;
  }
}

export class Workers implements AsyncDisposable {
  readonly #workers: readonly Worker[];
  readonly #shards: readonly Shard[];
  /** What was heard lately: whoever reads it resets it. */
  readonly recent = new LatencyHistogram();
  /** Rejects when one ends that should not. */
  readonly broken: Promise<never>;
  #isOver = false;

  constructor(children: readonly ChildProcess[], shards: readonly Shard[]) {
    this.#shards = shards;
    this.#workers = children.map((child) => new Worker(child, this.recent));
    const { promise, reject } = Promise.withResolvers<never>();
    this.broken = promise;
    promise.catch(() => undefined); // reported by whoever waits for something
    for (const child of children) {
      child.on("error", (error) => reject(new HarnessError(`Cannot load: ${error.message}`, { cause: error })));
      child.on("exit", (code, signal) => {
        if (!this.#isOver) reject(new HarnessError(`Cannot load: one of our processes ended with ${signal ?? code}`));
      });
    }
  }

  get counts(): CrowdCounts {
    return sumOf(this.#workers.map(({ counts }) => counts));
  }

  /** Resolves when each has begun to open its sockets. */
  async start({ plan, connections, rampMs, returning = false, ...more }: CrowdOptions): Promise<{ startMs: number }> {
    await this.#within("start", Promise.all(this.#workers.map(({ ready }) => ready)));
    const startMs = nowMs();
    for (const [number, worker] of this.#workers.entries()) {
      const { from, to, localAddress } = this.#shards[number]!;
      const source = localAddress === undefined ? {} : { localAddress };
      const share = { from, to, connections, rampMs, startMs, returning, ...source, ...sharedOf(more) };
      worker.order({ type: "start", plan, share });
    }
    return { startMs };
  }

  wake(): void {
    for (const worker of this.#workers) worker.order({ type: "wake" });
  }

  storm(rampMs: number): void {
    for (const worker of this.#workers) worker.order({ type: "storm", rampMs });
  }

  /** What became of all that was said in these lanes; times are of what was heard since the last time. */
  async settle(lanes: readonly Lane[]): Promise<Settled[]> {
    return await this.#within("answer", Promise.all(this.#workers.map((worker) => worker.settle(lanes))));
  }

  /** Throws HarnessError when one of them ends, or they take too long. */
  async #within<T>(what: string, work: Promise<T>): Promise<T> {
    return await within(answerWithinMs, Promise.race([work, this.broken]), () => {
      throw new HarnessError(`Cannot load: our processes did not ${what} within ${answerWithinMs} ms`);
    });
  }

  /** Each says good-bye to the target; one that cannot is killed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(
      this.#workers.map(async ({ child }) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, "exit");
        if (child.connected) child.send({ type: "end" } satisfies Order, () => undefined);
        const tooLate = setTimeout(() => child.kill("SIGKILL"), endWithinMs);
        await ended;
        clearTimeout(tooLate);
      }),
    );
  }
}

export function startWorkers({ connections, plan, machine = { portsPerAddress: 14_000 } }: CrowdOptions): Workers {
  const shards = shardsOf(connections, plan.streams?.baseUrls ?? plan.webSocketUrls, machine);
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const program = fileURLToPath(new URL(`./worker.${extension}`, import.meta.url));
  const children = shards.map(() =>
    startNode(program, [], {
      env: closedEnvironment({ NODE_COMPILE_CACHE: compileCacheFolder }),
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    }),
  );
  return new Workers(children, shards);
}

type Shared = Pick<CrowdShare, "slowOneIn" | "visits" | "ca">;

const sharedOf = ({ slowOneIn, visits, ca }: Pick<CrowdOptions, keyof Shared>): Shared => ({
  ...(slowOneIn === undefined ? {} : { slowOneIn }),
  ...(visits === undefined ? {} : { visits }),
  ...(ca === undefined ? {} : { ca }),
});

export function sumOf(all: readonly CrowdCounts[]): CrowdCounts {
  const sum = noCounts();
  for (const counts of all) for (const name of Object.keys(sum) as (keyof CrowdCounts)[]) sum[name] += counts[name];
  return sum;
}
