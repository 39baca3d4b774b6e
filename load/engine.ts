// A load run without k6: processes that hold the connections (load/shards.ts), and this one speaks. What it finds is what became of
// every delivery; what that means is for whoever asked. Units: ms.

import { setTimeout as wait } from "node:timers/promises";
import type { Account } from "../checkers/deliveries.ts";
import { CalledVoice } from "./called-voice.ts";
import { nowMs } from "./clock.ts";
import type { CrowdCounts } from "./crowd.ts";
import { LatencyHistogram } from "./latencies.ts";
import type { Generator } from "./messages.ts";
import { StompVoice } from "./stomp-voice.ts";
import { Choir, type Voice } from "./voice.ts";
import { startWorkers, sumOf, type CrowdOptions, type Workers } from "./workers.ts";

/** Where nothing says when a SUBSCRIBE took effect. */
const settleMs = 2_000;
/** Behind the ramp, for those who are late. */
const rampGraceMs = 30_000;
/** After the last message: silence for so long is the end of what was under way, or its time is over. */
const quietMs = 3_000;
const drainMsMax = 60_000;
const lookEveryMs = 100;
const tellEveryMs = 1_000;

export interface EngineOptions extends CrowdOptions {
  /** Ends the run at once; what is known so far comes out. */
  signal: AbortSignal;
  /** Says a text as one of the plan's publishers. Default: over STOMP. */
  publish?: ((publisher: number, text: string) => Promise<void>) | undefined;
  onProgress?: (progress: Progress) => void;
}

/** What is said, rooms in turn, whatever became of what was said before. */
export interface Speech {
  messages: number;
  everyMs: number;
  /** When half of the messages are said, all who listen are dropped, and come back in this time. */
  storm?: { rampMs: number };
}

/** How it stands, once a second. */
export interface Progress extends CrowdCounts {
  /** Since the first connection. */
  atMs: number;
  published: number;
  /** Of what was heard in this second. */
  deliveryMs: { p50: number; p99: number; max: number };
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
  /** From the drop until each was there again; empty without one. */
  returns: LatencyHistogram;
  /** Of what was missed and came afterwards: since its listener was there again. */
  replays: LatencyHistogram;
  /** The worst of its processes, and how late a message was sent. */
  generator: Generator & { sentLateMsMax: number };
  interrupted: boolean;
}

/**
 * Opens the connections, says all of it, and says what became of it. Throws TargetError and TimeoutError when nobody can
 * speak, HarnessError when one of our processes ends.
 */
export async function runEngine(options: EngineOptions & Speech): Promise<EngineResult> {
  await using engine = await Engine.open(options);
  await engine.say(options);
  return await engine.settle();
}

/** A crowd that listens and somebody who speaks, for as long as there is something to say. */
export class Engine implements AsyncDisposable {
  readonly #options: EngineOptions;
  readonly #workers: Workers;
  readonly #choir: Choir;
  readonly #progress: NodeJS.Timeout;
  readonly #startedMs: number;

  private constructor(options: EngineOptions, workers: Workers, choir: Choir) {
    this.#options = options;
    this.#workers = workers;
    this.#choir = choir;
    this.#startedMs = nowMs();
    this.#progress = setInterval(() => this.#tell(), tellEveryMs);
  }

  #tell(): void {
    const { recent, counts } = this.#workers;
    const [p50, p99, max] = [recent.msAt(50), recent.msAt(99), recent.maxMs];
    recent.reset();
    const atMs = Math.round(nowMs() - this.#startedMs);
    this.#options.onProgress?.({ ...counts, atMs, published: this.#choir.published, deliveryMs: { p50, p99, max } });
  }

  /** Resolves when all are subscribed, or were refused. */
  static async open(options: EngineOptions): Promise<Engine> {
    await using stack = new AsyncDisposableStack();
    const workers = stack.use(startWorkers(options));
    const { startMs } = await workers.start(options);
    const choir = new Choir(voicesOf(options));
    const engine = new Engine(options, workers, choir);
    stack.defer(() => engine.#close());
    await choir.ready();
    await ramp(workers, options, startMs);
    if (!options.plan.receipts || options.plan.streams !== undefined) await pause(settleMs, options.signal, workers);
    stack.move();
    return engine;
  }

  /** Each message when it is due. Ends early when it is interrupted, or the target ends the connection. */
  async say(speech: Speech): Promise<void> {
    await speak(this.#choir, this.#workers, speech, this.#options);
    if (speech.storm !== undefined) await awaitReturn(this.#workers, speech.storm, this.#options.signal);
  }

  /**
   * Waits until nothing comes any more. Counts are of all so far, times of what came since the last time; it can be
   * asked again.
   */
  async settle(): Promise<EngineResult> {
    const { signal, slowOneIn } = this.#options;
    if (slowOneIn !== undefined) this.#workers.wake();
    await drain(this.#workers, signal);
    const choir = this.#choir;
    const settled = await this.#workers.settle(choir.lanes);
    const latencies = new LatencyHistogram();
    const returns = new LatencyHistogram();
    const replays = new LatencyHistogram();
    for (const each of settled) {
      latencies.add(each.latencies);
      returns.add(each.returns);
      replays.add(each.replays);
    }
    return {
      counts: sumOf(settled.map(({ counts }) => counts)),
      published: choir.published,
      unknown: choir.unknown,
      reasons: reasonsOf(settled.map(({ reasons }) => reasons)),
      publisherEnded: choir.ended,
      account: accountOf(settled.map(({ account }) => account)),
      latencies,
      returns,
      replays,
      generator: {
        loopDelayMsP99: Math.max(...settled.map(({ generator }) => generator.loopDelayMsP99)),
        cpu: Math.max(...settled.map(({ generator }) => generator.cpu)),
        sentLateMsMax: choir.takeLateMsMax(),
      },
      interrupted: signal.aborted,
    };
  }

  #close(): void {
    clearInterval(this.#progress);
    this.#choir.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    await this.#workers[Symbol.asyncDispose]();
  }
}

const voicesOf = ({ plan, ca, publish }: EngineOptions): Voice[] =>
  plan.publishers.map((_, publisher) =>
    publish === undefined
      ? new StompVoice(plan, { publisher, ca })
      : new CalledVoice(plan, publisher, (text) => publish(publisher, text)),
  );

/** Until then, an interrupt, or the end of one of our processes, which throws. */
async function pause(ms: number, signal: AbortSignal, workers: Workers): Promise<void> {
  await Promise.race([wait(ms, undefined, { signal }).catch(() => undefined), workers.broken]);
}

/** Until all are subscribed or refused, or that takes too long: what is said from then on is owed to those who are. */
async function ramp(workers: Workers, { connections, rampMs, signal }: EngineOptions, startMs: number): Promise<void> {
  const endMs = startMs + rampMs + rampGraceMs;
  while (nowMs() < endMs && !signal.aborted) {
    const { subscribed, refused, dropped } = workers.counts;
    if (subscribed + refused >= connections || dropped === connections) return;
    await pause(lookEveryMs, signal, workers);
  }
}

async function speak(
  choir: Choir,
  workers: Workers,
  { messages, everyMs, storm }: Speech,
  { signal }: EngineOptions,
): Promise<void> {
  const firstMs = nowMs();
  for (let count = 0; count < messages; count++) {
    const dueMs = firstMs + count * everyMs;
    const leftMs = dueMs - nowMs();
    if (leftMs > 0) await pause(leftMs, signal, workers);
    if (signal.aborted || choir.isClosed) return;
    if (storm !== undefined && count === Math.floor(messages / 2)) workers.storm(storm.rampMs);
    choir.say(count, dueMs);
  }
}

/** Until all are back, or that takes too long. */
async function awaitReturn(workers: Workers, { rampMs }: { rampMs: number }, signal: AbortSignal): Promise<void> {
  const endMs = nowMs() + rampMs + rampGraceMs;
  while (nowMs() < endMs && !signal.aborted) {
    const { left, returned } = workers.counts;
    if (left > 0 && returned >= left) return;
    await pause(lookEveryMs, signal, workers);
  }
}

/** Until nothing comes any more. */
async function drain(workers: Workers, signal: AbortSignal): Promise<void> {
  const endMs = nowMs() + drainMsMax;
  let [heard, sinceMs] = [-1, nowMs()];
  while (nowMs() < endMs && nowMs() - sinceMs < quietMs && !signal.aborted) {
    if (workers.counts.heard !== heard) [heard, sinceMs] = [workers.counts.heard, nowMs()];
    await pause(lookEveryMs, signal, workers);
  }
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
