// One scenario: traffic, then the fault, then everything well again, then the final read; and what the checkers make of
// it.

import { EventEmitter } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { judge, type Judgement } from "../../checkers/judge.ts";
import type { HistoryEvent } from "../../checkers/history.ts";
import { HarnessError, TargetError, TimeoutError } from "../../drivers/errors.ts";
import { troubleOfKafka } from "../../drivers/kafka.ts";
import { Network } from "../../drivers/network.ts";
import type { RestClient } from "../../drivers/rest.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import { promisesOf } from "../../systems/define.ts";
import type { Target } from "../../systems/target.ts";
import { overAfter, RunFile } from "../clean-up.ts";
import { Violation } from "../proof.ts";
import { contextOf, endOf } from "../run.ts";
import type { RunContext } from "../rooms.ts";
import { World } from "../world.ts";
import { reasonOf, restAt, type Scene } from "./client.ts";
import { Places } from "./places.ts";
import { Recorder } from "./recorder.ts";
import { RawSender, Untold } from "./raw-clients.ts";
import { Sender, type SenderOptions } from "./sender.ts";
import type { Ground, Trouble } from "./scenarios.ts";
import { speaksRaw, Traffic } from "./traffic.ts";

export interface FaultBaseline {
  receipts: boolean;
  greets: boolean;
  ordered: boolean;
}

export interface FaultRunOptions {
  target: Target;
  /** Aborted: the fault is undone, and what is known so far is judged. */
  signal: AbortSignal;
  /** Where the history is written. */
  historyFile?: string;
  seed?: number;
  everyMs?: number;
  /** What was measured of a target that is not ours. */
  baseline?: FaultBaseline;
  onStart?: (run: string) => void;
  onLeftBehind?: (run: string, what: readonly string[]) => void;
  onPhase?: (phase: string) => void;
}

/** A fault is still on, or its victim did not come back: somebody has to see to it by hand. */
export class NotUndoneError extends HarnessError {
  override readonly name = "NotUndoneError";
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
  /** Whether the target was measured to keep one order per room. */
  ordered: boolean;
  /** false: the target did not recover from a fault. */
  isWell: boolean;
  durationMs: number;
}

/** Traffic before the first fault and after each. */
const calmMs = 1_500;
const wellDeadlineMs = 90_000;
const askEveryMs = 200;
const askDeadlineMs = 2_000;
const kafkaDeadlineMs = 5_000;
const violationsMax = 10;

/**
 * Runs traffic through these faults, one after the other. What ends it early is a violation if it is the target's
 * doing; else it is thrown (HarnessError, the signal's reason), unless something was found before: that is reported.
 */
export async function runFaults(
  faults: AsyncIterable<PlannedFault> | Iterable<PlannedFault>,
  options: FaultRunOptions,
): Promise<FaultRunResult> {
  const startMs = performance.now();
  const { target, signal } = options;
  const tooLate = overAfter(signal);
  const secrets = new Secrets();
  const network = new Network(target.ca === undefined ? {} : { ca: target.ca });
  const recorder = new Recorder(options.historyFile);
  const context = contextOf({ target }, recorder.run, network, secrets);
  const { ordered, ...answers } = baselineOf(options);
  const file = new RunFile(recorder.run, target, context);
  Object.assign(context.baseline, answers, { ordered, deadlineMs: 10_000 });
  const over = new AbortController();
  const violations: string[] = [];
  const scene = sceneOf(target, {
    recorder,
    network,
    speaker: context.speaker,
    transcript: new Transcript(secrets, 200),
    kafka: await kafkaOf(target, options.onPhase),
    blame: blameIn(violations),
    ...answers,
    denials: new EventEmitter(),
    over: over.signal,
  });
  noteRun(recorder, options, ordered);
  const result = (isWell: boolean): FaultRunResult => {
    const durationMs = performance.now() - startMs;
    const judgement = judge(recorder.ledger);
    return { judgement, violations, events: recorder.events, ordered, isWell, durationMs };
  };
  try {
    await using world = new World(context, scene.transcript);
    options.onPhase?.("connecting");
    const traffic = await Traffic.start(world, scene, options);
    await wait(calmMs, undefined, { signal });
    for await (const fault of faults) {
      options.onPhase?.(fault.id);
      const violation = await strike(fault, { world, scene, traffic }, signal);
      if (violation !== undefined) violations.push(violation);
      await wait(calmMs, undefined, { signal });
    }
    options.onPhase?.("reading everything again");
    await unlessAborted(signal, traffic.finish());
    return result(true);
  } catch (error) {
    if (error instanceof NotUndoneError) throw error;
    if (error instanceof TargetError || error instanceof TimeoutError) violations.push(error.message);
    const soFar = result(!(error instanceof TimeoutError));
    if (soFar.violations.length > 0 || soFar.judgement.findings.length > 0) return soFar;
    throw error;
  } finally {
    over.abort();
    await tidyUp(context, file, options, tooLate);
    await network.close();
    recorder.close();
  }
}

async function tidyUp(
  context: RunContext,
  file: RunFile,
  { onPhase, onLeftBehind }: FaultRunOptions,
  over: AbortSignal,
): Promise<void> {
  onLeftBehind?.(context.run, await endOf(context, file, { underWay: new Set(), onPhase, over }));
}

/** As it was measured. Over bare WebSocket no order is: there it is owed where it is promised. */
function baselineOf({ baseline, target: { system } }: FaultRunOptions): FaultBaseline {
  const measured = baseline ?? { receipts: true, greets: true, ordered: true };
  return speaksRaw(system) ? { ...measured, ordered: system.features.has("order-per-sender") } : measured;
}

const blameIn =
  (violations: string[]) =>
  (what: string): void => {
    if (violations.length < violationsMax && !violations.includes(what)) violations.push(what);
  };

function noteRun(recorder: Recorder, { target, seed = 0, onStart }: FaultRunOptions, ordered: boolean): void {
  const { run } = recorder;
  const startedAt = new Date().toISOString();
  const promises = promisesOf(target.system);
  recorder.note({ type: "run", schema: 1, run, system: target.system.name, seed, startedAt, ordered, promises });
  onStart?.(run);
}

/** The clients of a run, with a way to say something in the name of others. */
export function sceneOf(target: Target, parts: Omit<Scene, "places" | "speak" | "untold">): Scene {
  const scene: Scene = {
    ...parts,
    places: new Places(target),
    untold: new Untold(parts.recorder),
    async speak(room, except) {
      const account = room.members.find(({ username }) => username !== except.username)!;
      const options: SenderOptions = {
        name: `probe ${scene.recorder.marker()}`,
        account,
        rooms: [room],
        closedRooms: [],
        transport: "rest",
        place: scene.places.instance(0),
        everyMs: 0,
      };
      if (!speaksRaw(target.system)) return (await new Sender(scene, options).post(room)).message;
      // What it says is taken once it is heard: whoever waits for it knows.
      const speaker = new RawSender(scene, options);
      const message = await speaker.say(room);
      await speaker.close();
      return message;
    },
  };
  return scene;
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

/**
 * Begins the fault, holds it, undoes it in every case, and waits until the target says that it is well. Returns what
 * was not kept.
 */
async function strike(
  { id, trouble, holdMs }: PlannedFault,
  ground: Ground,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { recorder } = ground.scene;
  const it = trouble(ground);
  const beganAtMs = recorder.nowMs();
  let inEffect = "";
  recorder.note({ type: "fault", fault: id, what: "on", text: `${id} began` });
  try {
    let failure: { error: unknown } | undefined;
    try {
      await it.begin();
      inEffect = `, in effect after ${Math.round(recorder.nowMs() - beganAtMs)} ms`;
      await wait(holdMs, undefined, { signal });
    } catch (error) {
      failure = { error };
    }
    await undo(id, it, signal.aborted ? undefined : failure);
    if (failure !== undefined) throw failure.error;
    await awaitWell(ground, signal);
    await it.check?.();
    return undefined;
  } catch (error) {
    if (error instanceof Violation) return `${id}: ${error.message}`;
    throw error;
  } finally {
    recorder.note({ type: "fault", fault: id, what: "healed", text: `${id} was over${inEffect}` });
  }
}

async function undo(id: string, it: Trouble, failure: { error: unknown } | undefined): Promise<void> {
  try {
    await it.end();
  } catch (error) {
    const before = failure === undefined ? "" : `; before that: ${reasonOf(failure.error)}`;
    throw new NotUndoneError(`${id} could not be undone: ${reasonOf(error)}${before}`, { cause: error });
  }
}

/**
 * The target's Kafka, if its topic is there: with `--kafka` somebody may have named a broker whose topics are others.
 */
async function kafkaOf({ kafka }: Target, onPhase: FaultRunOptions["onPhase"]): Promise<Target["kafka"]> {
  if (kafka === undefined) return undefined;
  const untilMs = performance.now() + kafkaDeadlineMs;
  for (;;) {
    const trouble = await troubleOfKafka(kafka.brokers, `${kafka.topicPrefix}.messages`);
    if (trouble === undefined) return kafka;
    if (performance.now() > untilMs) {
      onPhase?.(`the topic ${kafka.topicPrefix}.messages is left out: ${trouble}`);
      return undefined;
    }
    await wait(askEveryMs);
  }
}

/**
 * Every place answers what needs the database, and the broker has leaders. Throws TimeoutError, or
 * NotUndoneError when it is the broker that does not.
 */
async function awaitWell({ scene, traffic }: Ground, signal: AbortSignal): Promise<void> {
  const { places, kafka } = scene;
  const untilMs = performance.now() + wellDeadlineMs;
  const account = traffic.rooms[0]!.members[0]!;
  // What needs a login needs the database.
  const wellPath = scene.speaker.system.http?.guarded?.[0] ?? scene.speaker.alivePath;
  const until = async (ask: () => Promise<string | undefined>, give: (because: string) => Error): Promise<void> => {
    for (;;) {
      const because = await ask();
      if (because === undefined) return;
      if (performance.now() > untilMs) throw give(because);
      await wait(askEveryMs, undefined, { signal });
    }
  };
  const within = `within ${wellDeadlineMs} ms of the fault's end`;
  await Promise.all([
    ...places.all.map((place) =>
      until(
        () => troubleAt(restAt(scene, account, place), wellPath, scene.denials),
        (because) => new TimeoutError(`${place} was not well again ${within}: ${because}`),
      ),
    ),
    ...(kafka === undefined
      ? []
      : [
          until(
            () => troubleOfKafka(kafka.brokers, `${kafka.topicPrefix}.messages`),
            (because) => new NotUndoneError(`Cannot go on: Kafka is not well again ${within}: ${because}`),
          ),
        ]),
  ]);
}

async function troubleAt(rest: RestClient, path: string, denials: Scene["denials"]): Promise<string | undefined> {
  const late = wait(askDeadlineMs, undefined, { ref: false }).then(() => `no answer within ${askDeadlineMs} ms`);
  const asked = rest.request("GET", path).then(
    ({ status }) => {
      if (status === 401) denials.emit("denied");
      return status === 200 ? undefined : `answered ${status}`;
    },
    (error: unknown) => reasonOf(error),
  );
  return await Promise.race([asked, late]);
}
