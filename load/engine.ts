// A load run without k6: one process for each 19,000 connections, and this one speaks. What it finds is what became of
// every delivery; what that means is for whoever asked. Units: ms.

import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { setTimeout as wait } from "node:timers/promises";
import type { Account } from "../checkers/deliveries.ts";
import { compileCacheFolder } from "../drivers/compile-cache.ts";
import { within } from "../drivers/deadline.ts";
import { HarnessError } from "../drivers/errors.ts";
import { startNode, type ChildProcess } from "../drivers/programs.ts";
import { closedEnvironment } from "../targets/environment.ts";
import { nowMs } from "./clock.ts";
import { noCounts, type CrowdCounts } from "./crowd.ts";
import { LatencyHistogram } from "./latencies.ts";
import type { Generator, Order, Word } from "./messages.ts";
import type { LoadPlan } from "./plan.ts";
import { Voice } from "./voice.ts";

/** Of one process: its limit of descriptors is 20,000. */
const connectionsPerProcess = 19_000;
/** Where nothing says when a SUBSCRIBE took effect. */
const settleMs = 2_000;
/** Behind the ramp, for those who are late. */
const rampGraceMs = 30_000;
/** After the last message: silence for so long is the end of what was under way, or its time is over. */
const quietMs = 3_000;
const drainMsMax = 60_000;
const lookEveryMs = 100;
const answerWithinMs = 60_000;

export interface EngineOptions {
  plan: LoadPlan;
  connections: number;
  rampMs: number;
  /** Messages, one each `everyMs`, rooms in turn. */
  messages: number;
  everyMs: number;
  /** When half of the messages are said, all who listen are dropped, and come back in this time. */
  storm?: { rampMs: number };
  ca?: string;
  /** Ends the run at once; what is known so far comes out. */
  signal: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

export interface Progress extends CrowdCounts {
  published: number;
}

export interface EngineResult {
  counts: CrowdCounts;
  published: number;
  /** Sent without an answer: once or never are both right. */
  unknown: number;
  account: Account;
  /** How connections ended that should not have, and how often; most first. */
  reasons: [how: string, count: number][];
  /** How the target ended the connection of whoever speaks; undefined: it did not. */
  publisherEnded: string | undefined;
  latencies: LatencyHistogram;
  /** From the drop until each was subscribed again; empty without a storm. */
  returns: LatencyHistogram;
  /** The worst of its processes, and how late a message was sent. */
  generator: Generator & { sentLateMsMax: number };
  interrupted: boolean;
}

/** Throws TargetError and TimeoutError when nobody can speak, HarnessError when a process of ours ends. */
export async function runEngine(options: EngineOptions): Promise<EngineResult> {
  const { plan, signal } = options;
  await using workers = startWorkers(options);
  const { startMs } = await workers.start(options);
  const voice = new Voice(plan, options.ca === undefined ? {} : { ca: options.ca });
  const progress = setInterval(() => options.onProgress?.(progressOf(workers, voice)), 1_000);
  try {
    await voice.ready();
    await ramp(workers, options, startMs);
    const firstMs = nowMs() + (plan.receipts ? 0 : settleMs);
    await speak(voice, options, firstMs, workers);
    if (options.storm !== undefined) await awaitReturn(workers, options.storm, signal);
    await drain(workers, signal);
    const settled = await workers.settle(voice.lanes);
    const latencies = new LatencyHistogram();
    const returns = new LatencyHistogram();
    for (const each of settled) {
      latencies.add(each.latencies);
      returns.add(each.returns);
    }
    return {
      counts: sumOf(settled.map(({ counts }) => counts)),
      published: voice.published,
      unknown: voice.unknown,
      reasons: reasonsOf(settled.map(({ reasons }) => reasons)),
      publisherEnded: voice.ended,
      account: accountOf(settled.map(({ account }) => account)),
      latencies,
      returns,
      generator: {
        loopDelayMsP99: Math.max(...settled.map(({ generator }) => generator.loopDelayMsP99)),
        cpu: Math.max(...settled.map(({ generator }) => generator.cpu)),
        sentLateMsMax: voice.lateMsMax,
      },
      interrupted: signal.aborted,
    };
  } finally {
    clearInterval(progress);
    voice.close();
  }
}

/** Until all are subscribed or refused, or that takes too long: what is said from then on is owed to those who are. */
async function ramp(workers: Workers, { connections, rampMs, signal }: EngineOptions, startMs: number): Promise<void> {
  const endMs = startMs + rampMs + rampGraceMs;
  while (nowMs() < endMs && !signal.aborted) {
    const { subscribed, refused, dropped } = workers.counts;
    if (subscribed + refused >= connections || dropped === connections) return;
    await Promise.race([wait(lookEveryMs, undefined, { signal }).catch(() => undefined), workers.broken]);
  }
}

/** Each message when it is due, whatever became of those before. Ends early when it is interrupted. */
async function speak(
  voice: Voice,
  { plan, messages, everyMs, storm, signal }: EngineOptions,
  firstMs: number,
  workers: Workers,
): Promise<void> {
  for (let count = 0; count < messages; count++) {
    const dueMs = firstMs + count * everyMs;
    const leftMs = dueMs - nowMs();
    if (leftMs > 0) await Promise.race([wait(leftMs, undefined, { signal }).catch(() => undefined), workers.broken]);
    if (signal.aborted || voice.isClosed) return;
    if (storm !== undefined && count === Math.floor(messages / 2)) workers.storm(storm.rampMs);
    voice.say(count % plan.rooms.length, dueMs);
  }
}

/** Until all are back, or that takes too long. */
async function awaitReturn(workers: Workers, { rampMs }: { rampMs: number }, signal: AbortSignal): Promise<void> {
  const endMs = nowMs() + rampMs + rampGraceMs;
  while (nowMs() < endMs && !signal.aborted) {
    const { left, returned } = workers.counts;
    if (left > 0 && returned >= left) return;
    await Promise.race([wait(lookEveryMs, undefined, { signal }).catch(() => undefined), workers.broken]);
  }
}

/** Until nothing comes any more. */
async function drain(workers: Workers, signal: AbortSignal): Promise<void> {
  const endMs = nowMs() + drainMsMax;
  let [heard, sinceMs] = [-1, nowMs()];
  while (nowMs() < endMs && nowMs() - sinceMs < quietMs && !signal.aborted) {
    if (workers.counts.heard !== heard) [heard, sinceMs] = [workers.counts.heard, nowMs()];
    await Promise.race([wait(lookEveryMs, undefined, { signal }).catch(() => undefined), workers.broken]);
  }
}

type Settled = Extract<Word, { type: "settled" }>;

/** One of our processes, and what it said. */
class Worker {
  counts: CrowdCounts = noCounts();
  readonly child: ChildProcess;
  readonly #ready = Promise.withResolvers<void>();
  readonly #settled = Promise.withResolvers<Settled>();

  constructor(child: ChildProcess) {
    this.child = child;
    child.on("message", (word: Word) => {
      if (word.type === "ready") return this.#ready.resolve();
      this.counts = word.counts;
      if (word.type === "settled") this.#settled.resolve(word);
    });
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get settled(): Promise<Settled> {
    return this.#settled.promise;
  }

  order(order: Order): void {
    this.child.send(order);
  }
}

class Workers implements AsyncDisposable {
  readonly #workers: readonly Worker[];
  /** Rejects when one ends that should not. */
  readonly broken: Promise<never>;
  #isOver = false;

  constructor(children: readonly ChildProcess[]) {
    this.#workers = children.map((child) => new Worker(child));
    const { promise, reject } = Promise.withResolvers<never>();
    this.broken = promise;
    promise.catch(() => undefined); // reported by whoever waits for something
    for (const child of children) {
      child.on("error", (error) => reject(new HarnessError(`Cannot load: ${error.message}`, { cause: error })));
      child.on("exit", (code, signal) => {
        if (!this.#isOver) reject(new HarnessError(`Cannot load: a process of ours ended with ${signal ?? code}`));
      });
    }
  }

  get counts(): CrowdCounts {
    return sumOf(this.#workers.map(({ counts }) => counts));
  }

  /** Resolves when each has begun to open its sockets. */
  async start({ plan, connections, rampMs, ca }: EngineOptions): Promise<{ startMs: number }> {
    await this.#within("start", Promise.all(this.#workers.map(({ ready }) => ready)));
    const startMs = nowMs();
    const count = this.#workers.length;
    for (const [number, worker] of this.#workers.entries()) {
      const [from, to] = [number, number + 1].map((each) => Math.floor((connections * each) / count));
      const share = { from: from!, to: to!, connections, rampMs, startMs, ...(ca === undefined ? {} : { ca }) };
      worker.order({ type: "start", plan, share });
    }
    return { startMs };
  }

  storm(rampMs: number): void {
    for (const worker of this.#workers) worker.order({ type: "storm", rampMs });
  }

  async settle(lanes: Voice["lanes"]): Promise<Settled[]> {
    for (const worker of this.#workers) worker.order({ type: "settle", lanes });
    const settled = await this.#within("answer", Promise.all(this.#workers.map((worker) => worker.settled)));
    this.#isOver = true;
    return settled;
  }

  /** Throws HarnessError when one of them ends, or they take too long. */
  async #within<T>(what: string, work: Promise<T>): Promise<T> {
    return await within(answerWithinMs, Promise.race([work, this.broken]), () => {
      throw new HarnessError(`Cannot load: our processes did not ${what} within ${answerWithinMs} ms`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(
      this.#workers.map(async ({ child }) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, "exit");
        if (child.connected) child.disconnect();
        else child.kill("SIGKILL");
        await ended;
      }),
    );
  }
}

function startWorkers({ connections }: EngineOptions): Workers {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const program = fileURLToPath(new URL(`./worker.${extension}`, import.meta.url));
  const children = Array.from({ length: Math.ceil(connections / connectionsPerProcess) }, () =>
    startNode(program, [], {
      env: closedEnvironment({ NODE_COMPILE_CACHE: compileCacheFolder }),
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    }),
  );
  return new Workers(children);
}

const progressOf = (workers: Workers, { published }: Voice): Progress => ({ ...workers.counts, published });

function sumOf(all: readonly CrowdCounts[]): CrowdCounts {
  const sum = noCounts();
  for (const counts of all) for (const name of Object.keys(sum) as (keyof CrowdCounts)[]) sum[name] += counts[name];
  return sum;
}

function reasonsOf(all: readonly ReadonlyMap<string, number>[]): EngineResult["reasons"] {
  const sum = new Map<string, number>();
  for (const reasons of all) for (const [how, count] of reasons) sum.set(how, (sum.get(how) ?? 0) + count);
  return [...sum].toSorted(([, one], [, other]) => other - one);
}

function accountOf([first, ...others]: readonly Account[]): Account {
  const sum = { ...first!, findings: [...first!.findings] };
  for (const { findings, ...counts } of others) {
    for (const name of Object.keys(counts) as (keyof typeof counts)[]) sum[name] += counts[name];
    sum.findings.push(...findings);
  }
  return sum;
}
