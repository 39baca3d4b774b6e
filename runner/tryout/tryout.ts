// Does each function of a definition do what it is for? Each is tried once against the server, in the order in which a
// run needs them, so that a mistake is found in the line that has it. Terms: trial – one function, tried; stage – what
// earlier trials made: people, a room, connections. Nothing is judged here: what a server owes is for the clauses.

import { HarnessError, TargetError, TimeoutError } from "../../drivers/errors.ts";
import type { WireEvent } from "../../drivers/transcript.ts";
import type { World } from "../world.ts";
import type { RunContext } from "../rooms.ts";
import { leavingTrials, peopleTrials } from "./people.ts";
import { streamTrials } from "./streams.ts";
import { stompTrials } from "./stomp.ts";
import { storeTrials } from "./store.ts";
import { Wrong, type Stage, type Trial } from "./trial.ts";
import { webSocketTrials } from "./websocket.ts";

/** What one function got. */
export interface Tried {
  /** As in the definition: "accounts.logIn". */
  name: string;
  outcome: "ok" | "wrong" | "not tried";
  /** What it got, what is wrong with that, or what it waits for. */
  because: string;
  /** What was thrown, for whoever looks for its line. */
  error?: unknown;
  /** What was asked and answered, oldest first, where it is wrong. */
  wire: readonly WireEvent[];
}

/** Of a conversation the end matters. */
const wireMax = 4;

/**
 * Tries all that can be tried; a later trial may find an earlier one wrong after all. `onTried`: as they come. Throws
 * what is nobody's fault here.
 */
export async function tryDefinition(
  world: World,
  context: RunContext,
  onTried: (name: string) => void = () => {},
): Promise<Tried[]> {
  const stage: Stage = { world, people: [], deadlineMs: world.deadlineMs };
  return await tryAll(
    stage,
    [...peopleTrials(world, context), ...talkTrials(world), ...leavingTrials(world, context)],
    onTried,
  );
}

/** As `tryDefinition`, with people who are there already: what is left is how they talk. */
export async function tryTalking(world: World): Promise<Tried[]> {
  const people = await world.accounts(2);
  const room = await world.privateChannel(...people);
  const stage: Stage = { world, people: [...people], room, deadlineMs: world.deadlineMs };
  return await tryAll(stage, talkTrials(world), () => {});
}

const talkTrials = (world: World): Trial[] => [
  ...stompTrials(world),
  ...webSocketTrials(world),
  ...storeTrials(world),
  ...streamTrials(world),
];

async function tryAll(stage: Stage, trials: readonly Trial[], onTried: (name: string) => void): Promise<Tried[]> {
  const tried = new Map<string, Tried>();
  const names = new Set(trials.map(({ name }) => name));
  for (const trial of trials) {
    onTried(trial.name);
    const missing = trial.rests?.find((name) => names.has(name) && tried.get(name)?.outcome !== "ok");
    if (missing !== undefined) {
      const because = `${missing} must work first`;
      tried.set(trial.name, { name: trial.name, outcome: "not tried", because, wire: [] });
      continue;
    }
    const found = await tryOne(trial, stage);
    // What is to blame may have looked well before: then the last word counts.
    tried.set(found.name, found);
    if (found.name !== trial.name)
      tried.set(trial.name, {
        name: trial.name,
        outcome: "not tried",
        because: `${found.name} must work first`,
        wire: [],
      });
  }
  return [...tried.values()];
}

async function tryOne({ name, work }: Trial, stage: Stage): Promise<Tried> {
  const { transcript } = stage.world;
  const startMs = performance.now();
  try {
    return { name, outcome: "ok", because: await work(stage), wire: [] };
  } catch (error) {
    if (!isForTheAuthor(error)) throw error;
    const events = transcript.events.filter(({ atMs }) => atMs >= startMs);
    const wire = events.filter(({ direction }) => direction === "sent" || direction === "received").slice(-wireMax);
    const blamed = error instanceof Wrong ? (error.blamed ?? name) : name;
    return { name: blamed, outcome: "wrong", because: error.message, error, wire };
  }
}

const isForTheAuthor = (error: unknown): error is Error =>
  error instanceof Wrong || [HarnessError, TargetError, TimeoutError].some((known) => error instanceof known);
