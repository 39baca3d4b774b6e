// Proofs of contract/discodeit/channels.ts.

import { randomBytes } from "node:crypto";
import type { channels as area } from "../../../contract/discodeit/channels.ts";
import type { ChannelDto } from "../../../systems/discodeit/shapes.ts";
import type { Answer } from "../../../drivers/rest.ts";
import { idIn } from "../../../systems/discodeit/client.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { lookUntil, says } from "../steps/look.ts";
import { accepted, refused } from "../steps/tokens.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { microsOf } from "./messages.ts";
import { claim, claimShape, Unsupported, type Proofs } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { rely, step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { discodeitOf, posted } from "../steps/discodeit.ts";

const listed = async (world: World, account: Account, id: string): Promise<ChannelDto | undefined> =>
  (await discodeitOf(world).channels(account.rest, account.id)).find((channel) => channel.id === id);

/** A user's channel in its list, once it fits: lists may come from a cache that is renewed later. */
const listedSo = (
  world: World,
  account: Account,
  id: string,
  fits: (channel: ChannelDto | undefined) => boolean,
): Promise<ChannelDto | undefined> => lookUntil(world, () => listed(world, account, id), fits);

const isThere = async (world: World, account: Account, id: string): Promise<boolean> =>
  (await listedSo(world, account, id, (channel) => channel !== undefined)) !== undefined;

const isGone = async (world: World, account: Account, id: string): Promise<boolean> =>
  (await listedSo(world, account, id, (channel) => channel === undefined)) === undefined;

/** A channel is in a user's list, where that it is there is another's to say. */
async function relyOnListed(world: World, account: Account, id: string): Promise<void> {
  rely("list channels", await isThere(world, account, id), "a channel of the user is not in the list");
}

/** Notes what a creation made, whatever else its answer says. */
export function noted(world: World, answer: Answer, owner: Account): void {
  const id = idIn(answer);
  if (accepted(answer) && id !== undefined) world.keep(id, owner);
}

/** Reads a ChannelDto of a creation; whatever was made is deleted at the end. */
function created(world: World, answer: Answer, owner: Account): ChannelDto {
  noted(world, answer, owner);
  return discodeitOf(world).read(answer, discodeitOf(world).schemas.channel, "create a channel");
}

/** A creation that must be refused: what it made nevertheless is noted for the clean-up. */
function refusedCreation(world: World, what: string, answer: Answer, owner: Account): void {
  noted(world, answer, owner);
  claim(refused(answer), `${what} was answered ${answer.status}`);
}

/** Servers of the field allow a name of 20 characters, or of 30. */
const shortName = (): string => `rc-${randomBytes(6).toString("hex")}`;

/** A user's POST /api/channels/public; returns the answer when nothing came of it. */
async function forbiddenCreation(world: World, user: Account): Promise<Answer> {
  const name = shortName();
  const answer = await discodeitOf(world).publicChannelAnswer(user.rest, name, "made by rollcall");
  const made = (await discodeitOf(world).channels(user.rest, user.id)).find((channel) => channel.name === name);
  if (made !== undefined) world.keep(made.id, world.has("admin") ? await world.manager() : user);
  claim(made === undefined, `a user's POST /api/channels/public was answered ${answer.status} and made a channel`);
  return answer;
}

/** A stranger's DELETE of a private channel; returns the answer when the channel is still there. */
async function deletionByStranger(world: World): Promise<Answer> {
  const [alice, bob, mallory] = await world.accounts(3);
  const channel = await world.privateChannel(alice, bob);
  await world.privateChannel(mallory, bob); // the control: Mallory's other requests are accepted
  await relyOnListed(world, alice, channel.id);
  const answer = await discodeitOf(world).deleteChannelAnswer(mallory.rest, channel.id);
  const isLeft = (await listed(world, alice, channel.id)) !== undefined;
  if (!isLeft) world.forget(channel.id);
  claim(
    isLeft,
    `a stranger's DELETE of a private channel was answered ${answer.status} and took effect`,
    diagnoses.privateLeak,
  );
  return answer;
}

/** A deletion that was answered well takes one channel from the lists of those two, and leaves the other. */
async function onlyGone(world: World, accounts: readonly Account[], gone: Channel, stays: Channel): Promise<void> {
  world.forget(gone.id);
  for (const account of accounts) {
    claim(await isGone(world, account, gone.id), "the channel is still in a participant's list");
    claim(await isThere(world, account, stays.id), "another channel of the two went too");
  }
}

async function unchanged(
  world: World,
  account: Account,
  channel: Channel & { name: string },
  what: string,
): Promise<void> {
  const now = await listed(world, account, channel.id);
  if (now === undefined) world.forget(channel.id);
  claim(
    now !== undefined && says(now.name, channel.name) && says(now.description, "made by rollcall"),
    `${what} took effect: the channel is ${JSON.stringify(now?.name)}, ${JSON.stringify(now?.description)}`,
  );
}

export const channels: Proofs<typeof area> = {
  "channels.channel-has-its-fields": async (world) => {
    // Of three: some servers know a pair's channel already.
    const [alice, bob, carol] = await world.accounts(3);
    const answer = await step("create a private channel", async () => {
      const made = await discodeitOf(world).privateChannelAnswer(alice.rest, [alice.id, bob.id, carol.id]);
      created(world, made, alice);
      return made;
    });
    claimShape(answer.text, discodeitOf(world).strict.channel, "the ChannelDto");
  },

  "channels.private-is-created": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const ids = [alice.id, bob.id, carol.id].toSorted();
    const answer = await discodeitOf(world).privateChannelAnswer(alice.rest, ids);
    noted(world, answer, alice);
    claim(answer.status === 201, `answered ${answer.status}`);
    const dto = discodeitOf(world).read(answer, discodeitOf(world).schemas.channel, "create a channel");
    const named = dto.participants?.map(({ id }) => id).toSorted();
    claim(
      says(dto.type, "PRIVATE") && says(named?.join(), ids.join()),
      `the ChannelDto is ${dto.type} and names ${named?.length} participants`,
    );
    const isWhole = (channel: ChannelDto | undefined): boolean =>
      channel !== undefined && says(channel.participants?.length, 3);
    for (const account of [alice, bob, carol])
      claim(
        isWhole(await listedSo(world, account, dto.id, isWhole)),
        "the channel is not in each participant's list with its three participants",
      );
  },

  "channels.private-needs-two": async (world) => {
    const [alice, bob] = await world.accounts(2);
    await world.privateChannel(alice, bob); // the control
    for (const ids of [[], [alice.id]]) {
      const what = `a private channel of ${ids.length === 0 ? "nobody" : "the caller alone"}`;
      refusedCreation(world, what, await discodeitOf(world).privateChannelAnswer(alice.rest, ids), alice);
    }
  },

  "channels.private-names-each-once": async (world) => {
    const [alice, bob] = await world.accounts(2);
    await world.privateChannel(alice, bob); // the control
    const answer = await discodeitOf(world).privateChannelAnswer(alice.rest, [alice.id, alice.id]);
    refusedCreation(world, "a private channel of the caller, named twice,", answer, alice);
  },

  "channels.private-includes-the-caller": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const answer = await discodeitOf(world).privateChannelAnswer(alice.rest, [bob.id, carol.id]);
    noted(world, answer, bob);
    claim(answer.status === 400, `answered ${answer.status}`);
  },

  "channels.private-is-not-changed": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    await relyOnListed(world, bob, channel.id);
    const before = await listed(world, bob, channel.id);
    const answer = await discodeitOf(world).updateChannelAnswer(alice.rest, channel.id, shortName(), "changed");
    claim(refused(answer), `answered ${answer.status}`);
    const after = await listed(world, bob, channel.id);
    claim(after?.name === before?.name && after?.description === before?.description, "a refused change took effect");
  },

  "channels.private-is-deleted": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const [channel, stays] = [await world.privateChannel(alice, bob), await world.privateChannel(alice, bob)];
    let answer = await discodeitOf(world).deleteChannelAnswer(alice.rest, channel.id);
    if (refused(answer)) {
      if (!world.has("admin")) throw new Unsupported("admin");
      answer = await discodeitOf(world).deleteChannelAnswer((await world.manager()).rest, channel.id);
    }
    claim(accepted(answer), `a participant was refused, and a channel manager was answered ${answer.status}`);
    await onlyGone(world, [alice, bob], channel, stays);
  },

  "channels.private-is-deleted-by-a-participant": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const stays = await world.privateChannel(alice, bob);
    const answer = await discodeitOf(world).deleteChannelAnswer(bob.rest, channel.id);
    claim(accepted(answer), `answered ${answer.status}`);
    await onlyGone(world, [alice, bob], channel, stays);
  },

  "channels.private-is-not-deleted-by-others": async (world) => {
    const answer = await deletionByStranger(world);
    claim(refused(answer), `answered ${answer.status}`);
  },

  "channels.public-is-created": async (world) => {
    const manager = await world.manager();
    const [observer] = await world.accounts(1);
    const name = shortName();
    const answer = await discodeitOf(world).publicChannelAnswer(manager.rest, name, "made by rollcall");
    noted(world, answer, manager);
    claim(answer.status === 201, `answered ${answer.status}`);
    const dto = discodeitOf(world).read(answer, discodeitOf(world).schemas.channel, "create a channel");
    claim(
      says(dto.type, "PUBLIC") &&
        says(dto.name, name) &&
        says(dto.description, "made by rollcall") &&
        says(dto.participants?.length, 0),
      () => `the ChannelDto is ${answer.text.slice(0, 300)}`,
    );
    claim(await isThere(world, observer, dto.id), "the channel is not in another user's list");
  },

  "channels.public-is-changed": async (world) => {
    const [observer] = await world.accounts(1);
    const channel = await world.publicChannel();
    await relyOnListed(world, observer, channel.id); // a server that caches the list has it now
    const name = shortName();
    const answer = await discodeitOf(world).updateChannelAnswer(channel.owner.rest, channel.id, name, "changed");
    claim(answer.status === 200, `answered ${answer.status}`);
    const isChanged = (seen: ChannelDto | undefined): boolean =>
      seen !== undefined && says(seen.name, name) && says(seen.description, "changed");
    const dto = discodeitOf(world).read(answer, discodeitOf(world).schemas.channel, "change a channel");
    claim(isChanged(dto), () => `the ChannelDto is ${answer.text.slice(0, 300)}`);
    const seen = await listedSo(world, observer, channel.id, isChanged);
    claim(isChanged(seen), `another user's list shows ${seen?.name}, ${seen?.description}`);
  },

  "channels.public-is-deleted": async (world) => {
    const [observer] = await world.accounts(1);
    const [channel, stays] = [await world.publicChannel(), await world.publicChannel()];
    await relyOnListed(world, observer, channel.id);
    await world.deleteChannel(channel);
    claim(await isGone(world, observer, channel.id), "the channel is still in another user's list");
    claim(await isThere(world, observer, stays.id), "another channel went too");
  },

  "channels.public-needs-a-manager": async (world) => {
    const [user] = await world.accounts(1);
    const channel = await world.publicChannel();
    await relyOnListed(world, user, channel.id);
    const creation = await forbiddenCreation(world, user);
    claim(refused(creation), `POST was answered ${creation.status}`);
    for (const [what, attempt] of [
      ["PATCH", () => discodeitOf(world).updateChannelAnswer(user.rest, channel.id, shortName(), "defaced")],
      ["DELETE", () => discodeitOf(world).deleteChannelAnswer(user.rest, channel.id)],
    ] as const) {
      const answer = await attempt();
      await unchanged(world, user, channel, `a user's ${what} of a public channel`);
      claim(refused(answer), `${what} was answered ${answer.status}`);
    }
  },

  "channels.user-cannot-create-public": async (world) => {
    const [user, peer] = await world.accounts(2);
    await world.privateChannel(user, peer); // the control: what a user may
    const answer = await forbiddenCreation(world, user);
    claim(refused(answer), `answered ${answer.status}`);
  },

  "channels.denied-is-403": async (world) => {
    const creation = await forbiddenCreation(world, (await world.accounts(1))[0]);
    claim(creation.status === 403, `a user's POST of a public channel was answered ${creation.status}`);
    const account = await world.disposable();
    const roleChange = await discodeitOf(world).roleAnswer(account.rest, account.id, "USER");
    claim(roleChange.status === 403, `a user's PUT /api/auth/role was answered ${roleChange.status}`);
  },

  "channels.name-limits": async (world) => {
    const manager = await world.manager();
    const create = (name: string, description: string): Promise<Answer> =>
      discodeitOf(world).publicChannelAnswer(manager.rest, name, description);
    const limits: [what: string, name: string, description: string, status: number][] = [
      ["a name of 2 characters", randomBytes(1).toString("hex"), "", 201],
      ["a name of 50 and a description of 255 characters", world.name("long").padEnd(50, "x"), "d".repeat(255), 201],
      ["a name of 1 character", "x", "", 400],
      ["a name of 51 characters", world.name("long").padEnd(51, "x"), "", 400],
      ["a description of 256 characters", world.name("long"), "d".repeat(256), 400],
    ];
    for (const [what, name, description, status] of limits) {
      const answer = await create(name, description);
      noted(world, answer, manager);
      claim(answer.status === status, `${what} was answered ${answer.status}`);
    }
  },

  "channels.list-holds-mine": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const open = world.has("admin") ? await world.publicChannel() : undefined;
    for (const account of [alice, bob]) {
      claim(await isThere(world, account, channel.id), "a private channel is not in a participant's list");
      claim(open === undefined || (await isThere(world, account, open.id)), "a public channel is not in a user's list");
    }
  },

  "channels.list-holds-no-others": async (world) => {
    const [alice, bob, mallory] = await world.accounts(3);
    const channel = await world.privateChannel(alice, bob);
    const own = await world.privateChannel(mallory, bob);
    await relyOnListed(world, mallory, own.id); // the control
    const ids = new Set((await discodeitOf(world).channels(mallory.rest, mallory.id)).map(({ id }) => id));
    claim(!ids.has(channel.id), "a private channel of others is in a stranger's list", diagnoses.privateLeak);
  },

  "channels.list-of-another-is-403": async (world) => {
    const [alice, bob, mallory] = await world.accounts(3);
    const channel = await world.privateChannel(alice, bob);
    const own = await mallory.rest.request("GET", `/api/channels?userId=${mallory.id}`); // the control
    rely("list channels", accepted(own), `the own list was answered ${own.status}`);
    const answer = await mallory.rest.request("GET", `/api/channels?userId=${alice.id}`);
    claim(
      answer.status === 403,
      `answered ${answer.status}${answer.text.includes(channel.id) ? " with the other's private channels" : ""}`,
    );
  },

  "channels.last-message-at": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    await listed(world, bob, channel.id); // a server that caches the list has it now
    for (let round = 0; round < 2; round++) {
      const { createdAt } = await posted(world, alice, channel, world.marker());
      const isNewest = (seen: ChannelDto | undefined): boolean =>
        Math.abs(microsOf(seen?.lastMessageAt ?? undefined) - microsOf(createdAt)) <= 1;
      const seen = await listedSo(world, bob, channel.id, isNewest);
      rely("list channels", seen !== undefined, "the list does not hold the channel");
      const { lastMessageAt } = seen;
      claim(isNewest(seen), `lastMessageAt is ${lastMessageAt}, the newest message's createdAt ${createdAt}`);
    }
  },
};
