// One scenario: traffic, then the fault, then everything well again, then the final read; and what the checkers make of it.

import { setTimeout as wait } from "node:timers/promises";
import { request } from "undici";
import { judge, type Judgement } from "../../checkers/judge.ts";
import type { HistoryEvent } from "../../checkers/history.ts";
import { HarnessError } from "../../drivers/errors.ts";
import { troubleOfKafka } from "../../drivers/kafka.ts";
import { Network } from "../../drivers/network.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import type { Target } from "../../targets/target.ts";
import { cleanUp, RunFile } from "../contract/clean-up.ts";
import { Violation } from "../contract/proof.ts";
import { contextOf } from "../contract/run.ts";
import { World } from "../contract/world.ts";
import type { Scene } from "./client.ts";
import { Places } from "./places.ts";
import { Recorder } from "./recorder.ts";
import { Sender } from "./sender.ts";
import type { Ground, Trouble } from "./scenarios.ts";
import { Traffic } from "./traffic.ts";

export interface FaultRunOptions {
  target: Target;
  /** Aborted: the fault is undone, and what is known so far is judged. */
  signal: AbortSignal;
  /** Where the history is written. */
  historyFile?: string;
  seed?: number;
  everyMs?: number;
  /** What was measured of a target that is not ours. */
  baseline?: { receipts: boolean; greets: boolean };
  onPhase?: (phase: string) => void;
}

/** One fault of a run. */
export interface PlannedFault {
  id: string;
  /** What it does, once there is traffic. */
  trouble: (ground: Ground) => Trouble;
  holdMs: number;
}

export interface FaultRunResult {
  judgement: Judgement;
  /** What a fault demanded beside that, and the target did not do. */
  violations: string[];
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
  const { receipts, greets } = options.baseline ?? { receipts: true, greets: true };
  Object.assign(context.baseline, { receipts, ordered: true, greets, deadlineMs: 10_000 });
  const file = new RunFile(recorder.run, target, context);
  const over = new AbortController();
  const scene: Scene = {
    recorder,
    places: new Places(target),
    network,
    system: context.system,
    transcript: new Transcript(secrets, 200),
    kafka: target.kafka,
    receipts,
    greets,
    async speak(room, except) {
      const account = room.members.find(({ id }) => id !== except.id)!;
      const speaker = new Sender(scene, {
        name: `probe ${recorder.marker()}`,
        account,
        rooms: [room],
        closedRooms: [],
        transport: "rest",
        place: scene.places.instance(0),
        everyMs: 0,
      });
      return (await speaker.post(room)).message;
    },
    over: over.signal,
  };
  recorder.note({ type: "run", schema: 1, run: recorder.run, system: target.system, seed: options.seed ?? 0, startedAt: new Date().toISOString() });
  const violations: string[] = [];
  try {
    await using world = new World(context, scene.transcript);
    options.onPhase?.("connecting");
    const traffic = await Traffic.start(world, scene, options.everyMs === undefined ? {} : { everyMs: options.everyMs });
    await wait(calmMs, undefined, { signal });
    for await (const fault of faults) {
      options.onPhase?.(fault.id);
      const violation = await strike(fault, { world, scene, traffic }, signal);
      if (violation !== undefined) violations.push(violation);
      await wait(calmMs, undefined, { signal });
    }
    options.onPhase?.("reading everything again");
    await unlessAborted(signal, traffic.finish());
    return { judgement: judge(recorder.ledger), violations, events: recorder.events, durationMs: performance.now() - startMs };
  } finally {
    over.abort();
    await cleanUp(context, file, options.onPhase);
    await network.close();
    recorder.close();
  }
}

/** The work's outcome, or the abort if that comes first; the work is then left to end by itself. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  work.catch(() => undefined);
  try {
    signal.throwIfAborted();
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Begins the fault, holds it, undoes it in every case, and waits until the target says that it is well. Returns what was not kept. */
async function strike({ id, trouble, holdMs }: PlannedFault, ground: Ground, signal: AbortSignal): Promise<string | undefined> {
  const { recorder } = ground.scene;
  const it = trouble(ground);
  const beganAtMs = recorder.nowMs();
  let inEffect = "";
  recorder.note({ type: "fault", fault: id, what: "on", text: `${id} began` });
  try {
    try {
      await it.begin();
      inEffect = `, in effect after ${Math.round(recorder.nowMs() - beganAtMs)} ms`;
      await wait(holdMs, undefined, { signal });
    } finally {
      await it.end();
    }
    await awaitWell(ground.scene, signal);
    await it.check?.();
    return undefined;
  } catch (error) {
    if (error instanceof Violation) return `${id}: ${error.message}`;
    throw error;
  } finally {
    recorder.note({ type: "fault", fault: id, what: "healed", text: `${id} was over${inEffect}` });
  }
}

/** Every place answers a request that needs the database, and the broker has leaders. Throws HarnessError when that does not happen. */
async function awaitWell({ places, network, kafka }: Scene, signal: AbortSignal): Promise<void> {
  const untilMs = performance.now() + wellDeadlineMs;
  const questions: [string, () => Promise<string | undefined>][] = places.all.map((place) => [place, () => troubleAt(places.url(place), network)]);
  if (kafka !== undefined) questions.push(["Kafka", () => troubleOfKafka(kafka.brokers, `${kafka.topicPrefix}.messages`)]);
  await Promise.all(
    questions.map(async ([what, ask]) => {
      for (;;) {
        const because = await ask();
        if (because === undefined) return;
        if (performance.now() > untilMs) throw new HarnessError(`Cannot go on: ${what} is not well again within ${wellDeadlineMs} ms: ${because}`);
        await wait(askEveryMs, undefined, { signal });
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
