// Proofs of contract/shared/actions.ts. Effects have no text that a proof could choose, and may say the state after
// several actions: what is asked for is that something comes after an action, to all, equally often, and nowhere else.

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

/** What is on its way when one counts comes to one tab before the other: so for several times in a row. */
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
    const [ear, other] = [here.ears[0]!, there.ears[0]!];
    const [mark, otherMark] = [here.counts()[0]!, there.counts()[0]!];
    const startMs = performance.now();
    await actSeveralTimes(world, here);
    const tookMs = performance.now() - startMs;
    const [caused, leaked] = [since(here, ear, mark), since(there, other, otherMark)];
    // The control: the other room is heard on the same connection.
    await actAndHear(world, there);
    await world.settle();
    const known = new Set(there.effects(other).slice(0, otherMark));
    const foreign = leaked.find((body) => caused.includes(body) && !known.has(body));
    claim(foreign === undefined, `an effect was heard in another room: ${foreign?.slice(0, 120)}`);
    if (leaked.length < actsCount || !leaked.every((body) => caused.includes(body))) return;
    // Where effects say the same in all rooms, this one may have heard its own: it hears as many when nobody acts.
    const quietMark = there.counts()[0]!;
    await lookUntil(
      world,
      () => Promise.resolve(there.counts()[0]!),
      (count) => count > quietMark,
      tookMs,
    );
    claim(there.counts()[0]! > quietMark, `${leaked.length} effects were heard in a room in which nobody acted`);
  },
};
