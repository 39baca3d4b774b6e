// Proofs of contract/redis-chat/marks.ts.

import type { marks as area } from "../../../contract/redis-chat/marks.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { rely } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import {
  isAccepted,
  join,
  leave,
  read,
  relyOn,
  say,
  speakerIn,
  unread,
  unreadBefore,
  type Speaking,
} from "../steps/redis-chat.ts";

/** A room of three, whose owner speaks, and what each of the others has not read as yet. */
async function roomOfThree(world: World) {
  const [alice, bob, carol] = await world.accounts(3);
  const channel = await world.privateChannel(alice, bob, carol);
  const speaking = await speakerIn(world, channel);
  const [ofBob, ofCarol] = [await unreadBefore(world, bob, channel), await unreadBefore(world, carol, channel)];
  return { alice, bob, carol, channel, speaking, ofBob, ofCarol };
}

async function hasUnread(
  world: World,
  account: Account,
  channel: Channel,
  wanted: number,
  what: string,
): Promise<void> {
  const count = await unread(world, account, channel, wanted);
  claim(count === wanted, `${what} has ${count} unread, not ${wanted}`);
}

/** Somebody has something to read: what the clause is about rests on that. */
async function relyOnUnread(world: World, account: Account, { channel }: Speaking, wanted: number): Promise<void> {
  const count = await unread(world, account, channel, wanted);
  rely("make a read status", count === wanted, `who has ${wanted} to read has ${count} unread`);
}

export const marks: Proofs<typeof area> = {
  "marks.others-have-it-unread": async (world) => {
    const { alice, bob, carol, channel, speaking, ofBob, ofCarol } = await roomOfThree(world);
    const ofAlice = await unreadBefore(world, alice, channel);
    await say(world, speaking, 3);
    await hasUnread(world, bob, channel, ofBob + 3, "who was sent three messages");
    await hasUnread(world, carol, channel, ofCarol + 3, "who was sent three messages");
    await hasUnread(world, alice, channel, ofAlice, "their sender");
  },

  "marks.read-makes-none": async (world) => {
    const { bob, channel, speaking, ofBob } = await roomOfThree(world);
    await say(world, speaking, 2);
    await relyOnUnread(world, bob, speaking, ofBob + 2);
    for (const what of ["who read them", "who read them twice"]) {
      const answer = await read(bob, channel.id);
      claim(isAccepted(answer), `POST /chat/room/${channel.id}/read is answered ${answer.status}`);
      await hasUnread(world, bob, channel, 0, what);
    }
    await say(world, speaking, 1);
    await hasUnread(world, bob, channel, 1, "who was sent another one afterwards");
  },

  "marks.read-is-ones-own": async (world) => {
    const { alice, bob, carol, channel, speaking, ofBob, ofCarol } = await roomOfThree(world);
    const elsewhere = await world.privateChannel(alice, bob);
    const there = await speakerIn(world, elsewhere);
    const ofBobThere = await unreadBefore(world, bob, elsewhere);
    await say(world, speaking, 2);
    await say(world, there, 1);
    await relyOnUnread(world, bob, speaking, ofBob + 2);
    await relyOnUnread(world, carol, speaking, ofCarol + 2);
    await relyOnUnread(world, bob, there, ofBobThere + 1);
    relyOn("change a read status", await read(bob, channel.id));
    const ofReader = await unread(world, bob, channel, 0);
    rely("change a read status", ofReader === 0, `who read them has ${ofReader} unread`);
    await hasUnread(world, carol, channel, ofCarol + 2, "another participant");
    await hasUnread(world, bob, elsewhere, ofBobThere + 1, "another room of who read");
  },

  "marks.listening-is-not-reading": async (world) => {
    const { bob, channel, speaking } = await roomOfThree(world);
    const hears = await world.subscribe(await world.stomp(bob), channel);
    const before = await unreadBefore(world, bob, channel);
    for (const marker of await say(world, speaking, 2)) await world.hear(hears, marker);
    await hasUnread(world, bob, channel, before + 2, "who heard two messages");
  },

  "marks.late-joiner-has-none": async (world) => {
    const [alice, bob, late] = await world.accounts(3);
    const channel = await world.privateChannel(alice, bob);
    const speaking = await speakerIn(world, channel);
    const said = await say(world, speaking, 2);
    relyOn("create a private channel", await join(late, channel.id));
    await hasUnread(world, late, channel, 0, "who joined late");
    const texts = (await world.history(late, channel)).map(({ text }) => text);
    claim(
      said.every((marker) => texts.includes(marker)),
      "who joined late does not see what was said before",
    );
    await say(world, speaking, 1);
    await hasUnread(world, late, channel, 1, "who joined late and was sent one message then");
  },

  "marks.who-comes-back-has-none": async (world) => {
    const { bob, channel, speaking, ofBob } = await roomOfThree(world);
    await say(world, speaking, 1);
    await relyOnUnread(world, bob, speaking, ofBob + 1);
    relyOn("delete a private channel", await leave(bob, channel.id));
    await say(world, speaking, 2);
    relyOn("create a private channel", await join(bob, channel.id));
    await hasUnread(world, bob, channel, 0, "who left and came back");
  },

  "marks.read-is-for-participants": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const { id } = await world.privateChannel(alice, bob);
    relyOn("change a read status", await read(bob, id));
    const { status } = await read(carol, id);
    claim(status === 403, `/read of a room that one is not in is answered ${status}`);
  },
};
