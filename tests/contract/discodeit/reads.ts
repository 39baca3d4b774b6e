// Proofs of contract/discodeit/reads.ts.

import type { reads as area } from "../../../contract/discodeit/reads.ts";
import type { ReadStatusDto } from "../../../systems/discodeit/shapes.ts";
import type { Answer } from "../../../drivers/rest.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { lookUntil, says } from "../steps/look.ts";
import { accepted } from "../steps/tokens.ts";
import { microsOf } from "./messages.ts";
import { claim, claimShape, jsonIn, type Proofs } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { rely, step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { discodeitOf } from "../steps/discodeit.ts";

const listed = async (world: World, account: Account, channel: Channel): Promise<ReadStatusDto[]> =>
  (await discodeitOf(world).readStatuses(account.rest, account.id)).filter(({ channelId }) => channelId === channel.id);

/** The one read status of a user and a channel. Some servers make those of a private channel after they answered. */
export async function statusOf(world: World, account: Account, channel: Channel): Promise<ReadStatusDto> {
  const found = await lookUntil(
    world,
    () => listed(world, account, channel),
    ({ length }) => length > 0,
  );
  rely(
    "list read statuses",
    found.length === 1,
    `after ${world.deadlineMs} ms a participant has ${found.length} of its private channel, not one`,
  );
  return found[0]!;
}

/** Changes both fields: that each may be left alone is for reads.updated to say. */
export async function switchNotifications(
  world: World,
  account: Account,
  channel: Channel,
  enabled: boolean,
): Promise<void> {
  const { id, lastReadAt, notificationEnabled } = await statusOf(world, account, channel);
  if (notificationEnabled === enabled) return;
  const newLastReadAt = Number.isNaN(Date.parse(lastReadAt ?? "")) ? ago(world, 5) : lastReadAt!;
  const changes = { newLastReadAt, newNotificationEnabled: enabled };
  const answer = await discodeitOf(world).updateReadStatusAnswer(account.rest, id, changes);
  rely("change a read status", accepted(answer), `switching notifications was answered ${answer.status}`);
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
  discodeitOf(world).read(answer, discodeitOf(world).schemas.readStatus, "write a read status");

/** Databases round to microseconds or milliseconds. */
const sameInstant = (one: string | undefined, other: string): boolean =>
  one === undefined || Math.abs(microsOf(one) - microsOf(other)) <= 1_000;

export const ago = (world: World, seconds: number): string => new Date(world.now() - seconds * 1_000).toISOString();

export const reads: Proofs<typeof area> = {
  "reads.read-status-has-its-fields": async (world) => {
    const { alice, channel } = await room(world);
    const { id } = await statusOf(world, alice, channel);
    const list = await alice.rest.request("GET", `/api/readStatuses?userId=${alice.id}`);
    const rows = jsonIn(list.text);
    rely("list read statuses", Array.isArray(rows), `when it was read again, the list was answered ${list.status}`);
    const own = (rows as { id?: unknown }[]).find((status) => status.id === id);
    claimShape(JSON.stringify(own), discodeitOf(world).strict.readStatus, "a ReadStatusDto in the list");
  },

  "reads.private-channel-makes-them": async (world) => {
    const { alice, bob, channel } = await room(world);
    for (const account of [alice, bob]) {
      const status = await statusOf(world, account, channel);
      claim(
        says(status.userId, account.id) && says(status.notificationEnabled, true),
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
    const answer = await discodeitOf(world).readStatusAnswer(alice.rest, alice.id, channel.id);
    const status = await step("make a read status", () => Promise.resolve(readStatus(world, answer)));
    claim(!status.notificationEnabled, "a read status of a public channel is made with notifications enabled");
  },

  "reads.created": async (world) => {
    const [alice] = await world.accounts(1);
    const channel = await world.publicChannel();
    const lastReadAt = ago(world, 60);
    const answer = await discodeitOf(world).readStatusAnswer(alice.rest, alice.id, channel.id, lastReadAt);
    claim(answer.status === 201, `answered ${answer.status}`);
    const status = readStatus(world, answer);
    claim(
      says(status.userId, alice.id) && says(status.channelId, channel.id) && sameInstant(status.lastReadAt, lastReadAt),
      () => `for lastReadAt ${lastReadAt} the answer is ${answer.text.slice(0, 300)}`,
    );
    const seen = await lookUntil(
      world,
      () => listed(world, alice, channel),
      ({ length }) => length > 0,
    );
    claim(seen.map(({ id }) => id).join() === status.id, "the list does not hold exactly the new read status");
  },

  "reads.created-again": async (world) => {
    const { alice, channel } = await room(world);
    const status = await statusOf(world, alice, channel);
    const answer = await discodeitOf(world).readStatusAnswer(alice.rest, alice.id, channel.id);
    claim(accepted(answer), `answered ${answer.status}`);
    claim(readStatus(world, answer).id === status.id, "the answer is another read status");
    claim((await listed(world, alice, channel)).length === 1, "a second read status was made");
  },

  "reads.updated": async (world) => {
    const { alice, channel } = await room(world);
    const { id, notificationEnabled } = await statusOf(world, alice, channel);
    const lastReadAt = ago(world, 30);
    for (const [what, changes, enabled] of [
      ["lastReadAt alone", { newLastReadAt: lastReadAt, newNotificationEnabled: null }, notificationEnabled],
      ["notificationEnabled alone", { newLastReadAt: null, newNotificationEnabled: false }, false],
      ["notificationEnabled back", { newLastReadAt: null, newNotificationEnabled: true }, true],
    ] as const) {
      const answer = await discodeitOf(world).updateReadStatusAnswer(alice.rest, id, changes);
      claim(answer.status === 200, `a change of ${what} was answered ${answer.status}`);
      const isSo = (status: ReadStatusDto): boolean =>
        sameInstant(status.lastReadAt, lastReadAt) && says(status.notificationEnabled, enabled);
      const seen = await lookUntil(world, () => statusOf(world, alice, channel), isSo);
      for (const [where, status] of [
        ["answer", readStatus(world, answer)],
        ["list", seen],
      ] as const)
        claim(
          isSo(status),
          `after a change of ${what} the ${where} has lastReadAt ${status.lastReadAt} (wanted: ${lastReadAt}) and notificationEnabled ${status.notificationEnabled} (wanted: ${enabled})`,
        );
    }
  },

  "reads.future-is-400": async (world) => {
    const { alice, channel } = await room(world);
    const before = await statusOf(world, alice, channel);
    const future = ago(world, -3_600);
    const changed = await discodeitOf(world).updateReadStatusAnswer(alice.rest, before.id, {
      newLastReadAt: future,
      newNotificationEnabled: before.notificationEnabled ?? true,
    });
    claim(changed.status === 400, `PATCH with a lastReadAt an hour ahead was answered ${changed.status}`);
    const made = await discodeitOf(world).readStatusAnswer(alice.rest, alice.id, channel.id, future);
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
        await discodeitOf(world).updateReadStatusAnswer(bob.rest, status.id, {
          newLastReadAt: ago(world, 5),
          newNotificationEnabled: false,
        }),
      ],
      ["POST", await discodeitOf(world).readStatusAnswer(bob.rest, alice.id, channel.id)],
    ] as const)
      claim(answer.status === 403, `${what} of another user's read status was answered ${answer.status}`);
    claim(
      (await statusOf(world, alice, channel)).notificationEnabled === status.notificationEnabled,
      "another user switched notifications off",
    );
  },
};
