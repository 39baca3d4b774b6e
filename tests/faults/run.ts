// One scenario: traffic, then the fault, then everything well again, then the final read; and what the checkers make of it.

import { setTimeout as wait } from "node:timers/promises";
import { request } from "undici";
import { judge, type Judgement } from "../../checkers/judge.ts";
import type { HistoryEvent } from "../../checkers/history.ts";
import { HarnessError } from "../../drivers/errors.ts";
import { troubleOfKafka } from "../../drivers/kafka.ts";
import { Network } from "../../drivers/network.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import type { Outage } from "../../targets/outages.ts";
import type { Target } from "../../targets/target.ts";
import { cleanUp, RunFile } from "../contract/clean-up.ts";
import { contextOf } from "../contract/run.ts";
import { World } from "../contract/world.ts";
import type { Scene } from "./client.ts";
import { Places } from "./places.ts";
import { Recorder } from "./recorder.ts";
import { Traffic } from "./traffic.ts";

export interface FaultRunOptions {
  target: Target;
  /** Aborted: the fault is undone, and what is known so far is judged. */
  signal: AbortSignal;
  /** Where the history is written. */
  historyFile?: string;
  seed?: number;
  everyMs?: number;
  onPhase?: (phase: string) => void;
}

/** One fault of a run. */
export interface PlannedFault {
  id: string;
  outage: Outage;
  holdMs: number;
}

export interface FaultRunResult {
  judgement: Judgement;
  events: readonly HistoryEvent[];
  durationMs: number;
}

/** Traffic before the first fault and after each. */
const calmMs = 1_500;
const wellDeadlineMs = 90_000;
const askEveryMs = 200;

/** Runs traffic through these faults, one after the other. Throws HarnessError when the target does not get well again. */
export async function runFaults(faults: AsyncIterable<PlannedFault> | Iterable<PlannedFault>, options: FaultRunOptions): Promise<FaultRunResult> {
  const startMs = performance.now();
  const { target, signal } = options;
  const secrets = new Secrets();
  const network = new Network(target.ca === undefined ? {} : { ca: target.ca });
  const recorder = new Recorder(options.historyFile);
  const context = contextOf({ target }, recorder.run, network, secrets);
  Object.assign(context.baseline, { receipts: true, ordered: true, greets: true, deadlineMs: 10_000 });
  const file = new RunFile(recorder.run, target, context);
  const over = new AbortController();
  const scene: Scene = {
    recorder,
    places: new Places(target),
    network,
    system: context.system,
    transcript: new Transcript(secrets, 200),
    kafka: target.kafka,
    over: over.signal,
  };
  recorder.note({ type: "run", schema: 1, run: recorder.run, system: target.system, seed: options.seed ?? 0, startedAt: new Date().toISOString() });
  try {
    await using world = new World(context, scene.transcript);
    options.onPhase?.("connecting");
    const traffic = await Traffic.start(world, scene, options.everyMs === undefined ? {} : { everyMs: options.everyMs });
    await wait(calmMs, undefined, { signal });
    for await (const fault of faults) {
      options.onPhase?.(fault.id);
      await strike(fault, scene, signal);
      await wait(calmMs, undefined, { signal });
    }
    options.onPhase?.("reading everything again");
    await traffic.finish();
    return { judgement: judge(recorder.ledger), events: recorder.events, durationMs: performance.now() - startMs };
  } finally {
    over.abort();
    await cleanUp(context, file, options.onPhase);
    await network.close();
    recorder.close();
  }
}

/** Begins the fault, holds it, undoes it in every case, and waits until the target says that it is well. */
async function strike({ id, outage, holdMs }: PlannedFault, scene: Scene, signal: AbortSignal): Promise<void> {
  const { recorder } = scene;
  recorder.note({ type: "fault", fault: id, what: "on", text: `${id} begins` });
  try {
    await outage.begin();
    await wait(holdMs, undefined, { signal });
  } finally {
    await outage.end();
  }
  await awaitWell(scene);
  recorder.note({ type: "fault", fault: id, what: "healed", text: `${id} is over` });
}

/** Every place answers a request that needs the database, and the broker has leaders. Throws HarnessError when that does not happen. */
async function awaitWell({ places, network, kafka }: Scene): Promise<void> {
  const untilMs = performance.now() + wellDeadlineMs;
  const questions: [string, () => Promise<string | undefined>][] = places.all.map((place) => [place, () => troubleAt(places.url(place), network)]);
  if (kafka !== undefined) questions.push(["Kafka", () => troubleOfKafka(kafka.brokers, `${kafka.topicPrefix}.messages`)]);
  await Promise.all(
    questions.map(async ([what, ask]) => {
      for (;;) {
        const because = await ask();
        if (because === undefined) return;
        if (performance.now() > untilMs) throw new HarnessError(`Cannot go on: ${what} is not well again within ${wellDeadlineMs} ms: ${because}`);
        await wait(askEveryMs);
      }
    }),
  );
}

async function troubleAt(url: string, network: Network): Promise<string | undefined> {
  try {
    const { statusCode, body } = await request(`${url}/api/users`, { dispatcher: network.dispatcher, headersTimeout: 2_000, bodyTimeout: 2_000 });
    await body.dump();
    return statusCode >= 500 ? `answered ${statusCode}` : undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
