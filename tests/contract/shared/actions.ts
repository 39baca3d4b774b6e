// Proofs of contract/shared/actions.ts. Effects have no text that a proof could choose, and may say the state after
// several actions: what is asked for is that something comes after an action, to all, equally often, and nowhere else.

import { setTimeout as wait } from "node:timers/promises";
import type { actions as area } from "../../../contract/shared/actions.ts";
import type { Subscription } from "../../../drivers/stomp.ts";
import { actAndHear, openStage, type Stage } from "../../../runner/actions.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import { rely } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { lookUntil } from "../steps/look.ts";

const actsCount = 3;

const deaf = (stage: Stage, hear: readonly boolean[]): string =>
  `of ${hear.length} subscribers ${hear.filter((heard) => !heard).length} heard nothing of ${stage.action}`;

/** A room with somebody who acts, and two tabs of somebody else that hear it. */
async function twoTabs(world: World): Promise<Stage> {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  const { stage, hear } = await openStage(world, channel, [alice, bob], 2);
  rely("hear an effect", hear.every(Boolean), deaf(stage, hear));
  return stage;
}

/** What an ear heard behind what it had heard. */
const since = (stage: Stage, ear: Subscription, mark: number): string[] => stage.effects(ear).slice(mark);

const countsOf = (items: readonly string[]): Map<string, number> =>
  new Map([...Map.groupBy(items, (item) => item)].map(([item, { length }]) => [item, length]));

/** The one of which there are the most. */
function mostOf(items: readonly string[]): [item: string, count: number] {
  const [most = ["", 0] as [string, number]] = [...countsOf(items)].toSorted(([, one], [, other]) => other - one);
  return most;
}

/**
 * A body that came to one ear more often than to another that heard it, too; undefined: none did. What only one heard says
 * nothing: a server may write to each receiver in its own words.
 */
function uneven(world: World, stage: Stage, marks: readonly number[]): string | undefined {
  const [one, other] = stage.ears.map((ear, at) => countsOf(since(stage, ear, marks[at]!)));
  return [...one!.keys()].find((body) => other!.has(body) && one!.get(body) !== other!.get(body));
}

/** Several actions, each heard by all before the next one: the last is the fence behind the others. */
async function actSeveralTimes(world: World, stage: Stage): Promise<void> {
  for (let count = 0; count < actsCount; count++) await actAndHear(world, stage);
  await world.settle();
}

/** Who tells effects apart says that none comes twice. */
async function claimIdentities(world: World, stage: Stage): Promise<void> {
  const marks = stage.counts();
  await actSeveralTimes(world, stage);
  for (const [at, ear] of stage.ears.entries()) {
    const [identity, count] = mostOf(
      since(stage, ear, marks[at]!).map((body) => world.speaker.identityOf(stage.action, body)!),
    );
    claim(
      count === 1,
      `the effect ${identity.slice(0, 120)} came ${count} times to one subscription`,
      diagnoses.duplicate,
    );
  }
}

/** What is on its way when one counts, or a clock that ticks meanwhile, says nothing: so for several times in a row. */
const triesMax = 3;

/** Of effects that are not told apart a room may hear the same one again, but then all hear it. */
async function claimEvenness(world: World, stage: Stage): Promise<void> {
  let found: string | undefined;
  for (let count = 0; count < triesMax; count++) {
    const marks = stage.counts();
    await actSeveralTimes(world, stage);
    found = await lookUntil(
      world,
      () => Promise.resolve(uneven(world, stage, marks)),
      (body) => body === undefined,
    );
    if (found === undefined) return;
  }
  claim(
    false,
    `of two subscriptions one heard an effect more often than the other: ${found?.slice(0, 120)}`,
    diagnoses.duplicate,
  );
}

/** From now on: what came to the ear of one room and with the same words to that of the other, too. */
function listenToBoth(here: Stage, there: Stage): () => string[] {
  const [mark, otherMark] = [here.counts()[0]!, there.counts()[0]!];
  return () => {
    const words = new Set(since(here, here.ears[0]!, mark));
    return since(there, there.ears[0]!, otherMark).filter((body) => words.has(body));
  };
}

/** Rooms may tell of themselves by one clock, in the same words: then both hear as much when nobody acts. */
async function isHeardUnasked(world: World, here: Stage, there: Stage, wanted: number): Promise<boolean> {
  // What the actions caused may still be on its way.
  await wait(world.deadlineMs);
  const inBoth = listenToBoth(here, there);
  const heard = await lookUntil(
    world,
    () => Promise.resolve(inBoth().length),
    (count) => count >= wanted,
  );
  // What nobody caused and does not come is not late.
  world.unseen = undefined;
  return heard >= wanted;
}

export const actions: Proofs<typeof area> = {
  "actions.reach-every-subscriber": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const { stage, hear } = await openStage(world, channel, [alice, bob], 2);
    claim(hear.every(Boolean), () => deaf(stage, hear));
    for (let count = 0; count < actsCount; count++) {
      const before = stage.counts();
      await stage.act();
      const heard = await lookUntil(
        world,
        () => Promise.resolve(stage.counts().map((number, at) => number > before[at]!)),
        (ears) => ears.every(Boolean),
      );
      rely("hear an effect", heard.some(Boolean), `no subscriber heard anything of ${stage.action}`);
      claim(heard.every(Boolean), () => deaf(stage, heard));
    }
  },

  "actions.effects-come-once": async (world) => {
    const stage = await twoTabs(world);
    const [first] = stage.effects(stage.ears[0]!);
    const areToldApart = world.speaker.identityOf(stage.action, first!) !== undefined;
    await (areToldApart ? claimIdentities(world, stage) : claimEvenness(world, stage));
  },

  "actions.other-rooms-are-silent": async (world) => {
    const [alice, bob, carol, dan] = await world.accounts(4);
    const channel = await world.privateChannel(alice, bob);
    const elsewhere = await world.privateChannel(carol, dan);
    const { stage: here } = await openStage(world, channel, [alice, bob], 1);
    const { stage: there } = await openStage(world, elsewhere, [carol, dan], 1);
    for (let count = 0; count < triesMax; count++) {
      const inBoth = listenToBoth(here, there);
      await actSeveralTimes(world, here);
      const leaked = inBoth();
      // The control: the other room is heard on the same connection.
      await actAndHear(world, there);
      await world.settle();
      if (leaked.length < actsCount) return;
      if (await isHeardUnasked(world, here, there, leaked.length)) return;
      claim(
        count + 1 < triesMax,
        `an effect was heard in another room, in which nobody acted: ${leaked[0]!.slice(0, 120)}`,
      );
    }
  },
};
