// Proofs of contract/discodeit/reads.ts.

import { setTimeout as wait } from "node:timers/promises";
import type { reads as area } from "../../../contract/discodeit/reads.ts";
import type { ReadStatusDto } from "../../../systems/discodeit/shapes.ts";
import type { Answer } from "../../../drivers/rest.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { accepted } from "./accounts.ts";
import { microsOf } from "./messages.ts";
import { claim, claimShape, type Proofs } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { rely } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";

const listed = async (world: World, account: Account, channel: Channel): Promise<ReadStatusDto[]> =>
  (await world.system.readStatuses(account.rest, account.id)).filter(({ channelId }) => channelId === channel.id);

/** The one read status of a user and a channel. Some servers make those of a private channel after they answered. */
async function statusOf(world: World, account: Account, channel: Channel): Promise<ReadStatusDto> {
  const startMs = performance.now();
  for (;;) {
    const found = await listed(world, account, channel);
    rely("list read statuses", found.length <= 1, `a user has ${found.length} of one channel`);
    if (found.length === 1) return found[0]!;
    rely(
      "list read statuses",
      performance.now() - startMs < world.deadlineMs,
      `a participant has none of its private channel within ${world.deadlineMs} ms`,
    );
    await wait(50);
  }
}

interface Room {
  alice: Account;
  bob: Account;
  channel: Channel;
}

async function room(world: World): Promise<Room> {
  const [alice, bob] = await world.accounts(2);
  return { alice, bob, channel: await world.privateChannel(alice, bob) };
}

const readStatus = (world: World, answer: Answer): ReadStatusDto =>
  world.system.read(answer, world.system.schemas.readStatus, "write a read status");

/** Databases round to microseconds or milliseconds. */
const sameInstant = (one: string | undefined, other: string): boolean =>
  Math.abs(microsOf(one) - microsOf(other)) <= 1_000;

const ago = (world: World, seconds: number): string => new Date(world.now() - seconds * 1_000).toISOString();

export const reads: Proofs<typeof area> = {
  "reads.read-status-has-its-fields": async (world) => {
    const { alice, channel } = await room(world);
    const { id } = await statusOf(world, alice, channel);
    const list = await alice.rest.request("GET", `/api/readStatuses?userId=${alice.id}`);
    const own = (JSON.parse(list.text) as { id: string }[]).find((status) => status.id === id);
    claimShape(JSON.stringify(own), world.system.strict.readStatus, "a ReadStatusDto in the list");
  },

  "reads.private-channel-makes-them": async (world) => {
    const { alice, bob, channel } = await room(world);
    for (const account of [alice, bob]) {
      const status = await statusOf(world, account, channel);
      claim(
        status.userId === account.id && status.notificationEnabled === true,
        `a participant's read status is ${JSON.stringify(status)}`,
      );
    }
  },

  "reads.public-has-none": async (world) => {
    const [alice] = await world.accounts(1);
    const channel = await world.publicChannel();
    claim(
      (await listed(world, alice, channel)).length === 0,
      "a public channel has a read status before the user made one",
    );
    const status = readStatus(world, await world.system.readStatusAnswer(alice.rest, alice.id, channel.id));
    claim(!status.notificationEnabled, "a read status of a public channel is made with notifications enabled");
  },

  "reads.created": async (world) => {
    const [alice] = await world.accounts(1);
    const channel = await world.publicChannel();
    const lastReadAt = ago(world, 60);
    const answer = await world.system.readStatusAnswer(alice.rest, alice.id, channel.id, lastReadAt);
    claim(answer.status === 201, `answered ${answer.status}`);
    const status = readStatus(world, answer);
    claim(
      status.userId === alice.id && status.channelId === channel.id && sameInstant(status.lastReadAt, lastReadAt),
      () => `for lastReadAt ${lastReadAt} the answer is ${answer.text.slice(0, 300)}`,
    );
    claim(
      (await listed(world, alice, channel)).map(({ id }) => id).join() === status.id,
      "the list does not hold exactly the new read status",
    );
  },

  "reads.created-again": async (world) => {
    const { alice, channel } = await room(world);
    const status = await statusOf(world, alice, channel);
    const answer = await world.system.readStatusAnswer(alice.rest, alice.id, channel.id);
    claim(accepted(answer), `answered ${answer.status}`);
    claim(readStatus(world, answer).id === status.id, "the answer is another read status");
    claim((await listed(world, alice, channel)).length === 1, "a second read status was made");
  },

  "reads.updated": async (world) => {
    const { alice, channel } = await room(world);
    const { id } = await statusOf(world, alice, channel);
    const lastReadAt = ago(world, 30);
    for (const [what, changes, enabled] of [
      ["lastReadAt alone", { newLastReadAt: lastReadAt, newNotificationEnabled: null }, true],
      ["notificationEnabled alone", { newLastReadAt: null, newNotificationEnabled: false }, false],
      ["notificationEnabled back", { newLastReadAt: null, newNotificationEnabled: true }, true],
    ] as const) {
      const answer = await world.system.updateReadStatusAnswer(alice.rest, id, changes);
      claim(answer.status === 200, `a change of ${what} was answered ${answer.status}`);
      for (const status of [readStatus(world, answer), await statusOf(world, alice, channel)]) {
        claim(
          sameInstant(status.lastReadAt, lastReadAt) && status.notificationEnabled === enabled,
          `after a change of ${what} lastReadAt is ${status.lastReadAt} for ${lastReadAt}, notificationEnabled ${status.notificationEnabled}`,
        );
      }
    }
  },

  "reads.future-is-400": async (world) => {
    const { alice, channel } = await room(world);
    const before = await statusOf(world, alice, channel);
    const future = ago(world, -3_600);
    const changed = await world.system.updateReadStatusAnswer(alice.rest, before.id, {
      newLastReadAt: future,
      newNotificationEnabled: null,
    });
    claim(changed.status === 400, `PATCH with a lastReadAt an hour ahead was answered ${changed.status}`);
    const made = await world.system.readStatusAnswer(alice.rest, alice.id, channel.id, future);
    claim(made.status === 400, `POST with a lastReadAt an hour ahead was answered ${made.status}`);
    claim((await statusOf(world, alice, channel)).lastReadAt === before.lastReadAt, "a refused lastReadAt took effect");
  },

  "reads.others-are-403": async (world) => {
    const { alice, bob, channel } = await room(world);
    const status = await statusOf(world, alice, channel);
    for (const [what, answer] of [
      ["GET", await bob.rest.request("GET", `/api/readStatuses?userId=${alice.id}`)],
      [
        "PATCH",
        await world.system.updateReadStatusAnswer(bob.rest, status.id, {
          newLastReadAt: null,
          newNotificationEnabled: false,
        }),
      ],
      ["POST", await world.system.readStatusAnswer(bob.rest, alice.id, channel.id)],
    ] as const)
      claim(answer.status === 403, `${what} of another user's read status was answered ${answer.status}`);
    claim(
      (await statusOf(world, alice, channel)).notificationEnabled === true,
      "another user switched notifications off",
    );
  },
};
