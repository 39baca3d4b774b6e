// Actions whose effect a room hears, as a definition's `actions` says them. Terms: ear – a subscription of somebody to
// where effects are heard; effect – a MESSAGE there that the definition takes for one.

import type { StompFrame } from "../drivers/codecs/stomp.ts";
import { TimeoutError } from "../drivers/errors.ts";
import type { StompConnection, Subscription } from "../drivers/stomp.ts";
import type { Account } from "./account-pool.ts";
import type { Channel } from "./rooms.ts";
import { step } from "./steps.ts";
import type { World } from "./world.ts";

/** A room in which somebody acts, and ears that are known to hear it. */
export class Stage {
  /** The one that is tried: the first that may be repeated. */
  readonly action: string;
  readonly ears: readonly Subscription[];
  readonly #world: World;
  readonly #channel: Channel;
  readonly #actor: Account;
  readonly #connection: StompConnection;
  /** Frames that were looked at: a room may hear of itself many times a second. */
  readonly #areEffects = new WeakMap<StompFrame, boolean>();

  constructor(world: World, channel: Channel, actor: Account, connection: StompConnection, ears: Subscription[]) {
    this.action = world.speaker.repeatableAction;
    this.ears = ears;
    this.#world = world;
    this.#channel = channel;
    this.#actor = actor;
    this.#connection = connection;
  }

  async act(): Promise<void> {
    const actor = { ...this.#actor, rest: this.#world.rest(this.#actor) };
    const send = (destination: string, body: string, headers: Record<string, string>): void =>
      this.#connection.sendFrame("SEND", { destination, ...headers }, body);
    await this.#world.speaker.act(this.action, actor, this.#channel.room, send);
  }

  /** What an ear heard so far, in the order in which it came. */
  effects(ear: Subscription): string[] {
    this.#world.transcript.look(ear.connection);
    return ear.messages().flatMap((frame) => (this.#isEffect(frame) ? frame.body : []));
  }

  #isEffect(frame: StompFrame): boolean {
    let isEffect = this.#areEffects.get(frame);
    if (isEffect === undefined) {
      isEffect = this.#world.speaker.isEffect(this.action, frame.body);
      this.#areEffects.set(frame, isEffect);
    }
    return isEffect;
  }

  counts(): number[] {
    return this.ears.map((ear) => this.effects(ear).length);
  }

  /** Waits until each ear heard more than that; resolves with whether each did. */
  async heardMore(than: readonly number[], waitMs: number): Promise<boolean[]> {
    const hearsMore = async (ear: Subscription, count: number): Promise<boolean> => {
      const isMore = (): boolean => this.effects(ear).length > count;
      if (isMore()) return true;
      try {
        await ear.awaitMessage(`an effect of ${this.action}`, isMore, waitMs);
        return true;
      } catch (error) {
        if (error instanceof TimeoutError) return false;
        throw error;
      }
    };
    return await Promise.all(this.ears.map((ear, at) => hearsMore(ear, than[at]!)));
  }
}

/**
 * `actor` acts in the channel, and `listener` has `tabs` connections that listen. Whoever acts listens, too, as clients
 * do. Acts until all hear, for without receipts nobody knows since when a subscription is live. Resolves with which of
 * them hear; throws TimeoutError when none does.
 */
export async function openStage(
  world: World,
  channel: Channel,
  [actor, listener]: readonly [Account, Account],
  tabs: number,
): Promise<{ stage: Stage; hear: boolean[] }> {
  const connection = await world.stomp(actor);
  const { room, destination } = channel;
  const at = world.speaker.effectDestination(world.speaker.repeatableAction, room);
  for (const heard of new Set([destination, at])) connection.sendSubscribe(heard);
  const ears: Subscription[] = [];
  for (let tab = 0; tab < tabs; tab++) ears.push((await world.stomp(listener)).sendSubscribe(at));
  const stage = new Stage(world, channel, actor, connection, ears);
  const hear = await step("hear an effect", () => actUntilHeard(world, stage));
  await world.settle();
  return { stage, hear };
}

async function actUntilHeard(world: World, stage: Stage): Promise<boolean[]> {
  const startMs = performance.now();
  const none = stage.ears.map(() => 0);
  for (let attempt = 0; ; attempt++) {
    await stage.act();
    const hear = await stage.heardMore(none, Math.min(world.deadlineMs, 250 * 2 ** attempt));
    if (hear.every(Boolean)) return hear;
    if (performance.now() - startMs <= world.deadlineMs) continue;
    if (hear.some(Boolean)) return hear;
    throw new TimeoutError(
      `Cannot await an effect of ${stage.action} on ${stage.ears[0]!.destination}: none within ${world.deadlineMs} ms`,
    );
  }
}

/** Acts once, and waits until each ear heard of it. Throws TimeoutError when one does not. */
export async function actAndHear(world: World, stage: Stage): Promise<void> {
  await step("hear an effect", async () => {
    const before = stage.counts();
    await stage.act();
    const hear = await stage.heardMore(before, world.deadlineMs);
    if (!hear.every(Boolean))
      throw new TimeoutError(`Cannot await an effect of ${stage.action}: none within ${world.deadlineMs} ms`);
  });
}
