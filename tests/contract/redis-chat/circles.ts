// Proofs of contract/redis-chat/circles.ts.

import { z } from "zod";
import type { circles as area } from "../../../contract/redis-chat/circles.ts";
import type { Answer } from "../../../drivers/rest.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, readJson, type Proofs } from "../../../runner/proof.ts";
import { own, rely } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { lookUntil } from "../steps/look.ts";
import {
  createGroup,
  idIn,
  isAccepted,
  isListed,
  join,
  leave,
  myRooms,
  newMember,
  openPrivate,
  relyOn,
  say,
  seenBy,
  speakerIn,
  unread,
  unreadBefore,
  type MyRoom,
} from "../steps/redis-chat.ts";

const room = z.looseObject({
  roomId: z.number(),
  roomName: z.string(),
  isGroupChat: z.enum(["Y", "N"]),
  unReadCount: z.number(),
});

/** Asks for the room of two; its id. */
async function privateOf(account: Account, other: Account): Promise<string> {
  return idOfPrivate(await openPrivate(account, other));
}

/** That two get one is one clause's to say, and a step elsewhere. */
function idOfPrivate(answer: Answer): string {
  const id = idIn(answer);
  const said = `POST /chat/room/private/create is answered ${answer.status} ${JSON.stringify(answer.text.slice(0, 120))}`;
  rely("create a public channel", isAccepted(answer) && id !== undefined, said);
  return String(id);
}

/** A room as its participant sees it. */
async function seenByOne(account: Account, id: string): Promise<MyRoom> {
  const [seen] = await seenBy(account, id);
  rely("list channels", seen !== undefined, "a room is not among its participant's");
  return seen;
}

/** Two who have no room together: they signed up for this proof. */
async function strangers(world: World): Promise<[Account, Account]> {
  return [await newMember(world), await newMember(world)];
}

/** Whether the list of groups holds a room, once it is as it should be. */
const isListedYet = (world: World, account: Account, id: string, wanted: boolean): Promise<boolean> =>
  lookUntil(
    world,
    () => isListed(account, id),
    (isThere) => isThere === wanted,
  );

export const circles: Proofs<typeof area> = {
  "circles.creator-is-in": async (world) => {
    const [alice] = await world.accounts(1);
    const name = world.name("창조");
    const answer = await createGroup(alice, name);
    claim(isAccepted(answer), `POST /chat/room/group/create is answered ${answer.status}`);
    const look = async (): Promise<MyRoom | undefined> =>
      (await myRooms(alice)).find(({ roomName }) => roomName === name);
    const found = await lookUntil(world, look, (seen) => seen !== undefined);
    claim(found !== undefined, "a room that was created is not among its creator's");
    const { isGroupChat, unReadCount } = readJson(JSON.stringify(found), room, "a room of one's own");
    claim(isGroupChat === "Y" && unReadCount === 0, `a new group room is ${JSON.stringify(found)}`);
  },

  "circles.list-holds-groups-alone": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const { id } = await world.privateChannel(alice, bob);
    const ofTwo = await privateOf(alice, bob);
    for (const account of [alice, carol])
      claim(await isListedYet(world, account, id, true), `the list of groups does not hold room ${id}`);
    claim(!(await isListed(alice, ofTwo)), "the list of groups holds a private room");
  },

  "circles.join-again-is-fine": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const channel = await world.privateChannel(alice, bob);
    const answers = await Promise.all(
      [bob, ...Array.from({ length: 5 }, () => carol)].map((one) => join(one, channel.id)),
    );
    claim(answers.every(isAccepted), `joining again is answered ${answers.map(({ status }) => status).join(", ")}`);
    const speaking = await speakerIn(world, channel);
    const before = [await unreadBefore(world, bob, channel), await unreadBefore(world, carol, channel)] as const;
    await say(world, speaking, 1);
    for (const [at, account] of [bob, carol].entries()) {
      const seen = await seenBy(account, channel.id);
      claim(seen.length === 1, `who joined again sees the room ${seen.length} times`);
      const wanted = before[at]! + 1;
      const count = await unread(world, account, channel, wanted);
      claim(count === wanted, `who joined again has ${count} unread, not ${wanted}`);
    }
  },

  "circles.last-leaver-deletes": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const { id } = await world.privateChannel(alice, bob);
    const first = await leave(bob, id);
    claim(isAccepted(first), `leaving is answered ${first.status}`);
    const seen = await lookUntil(
      world,
      () => seenBy(bob, id),
      ({ length }) => length === 0,
    );
    claim(seen.length === 0, "who left a room has it among their rooms");
    claim(await isListed(bob, id), "a room is gone though somebody is in it");
    const last = await leave(alice, id);
    claim(isAccepted(last), `the last one who leaves is answered ${last.status}`);
    claim(!(await isListedYet(world, alice, id, false)), "a room that everybody left is in the list");
    const { status } = await join(bob, id);
    claim(status >= 400, `joining a room that everybody left is answered ${status}`);
  },

  "circles.leaver-hears-nothing": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const speaking = await speakerIn(world, channel);
    const connection = await world.stomp(bob);
    const hears = await world.subscribe(connection, channel);
    const [before] = await say(world, speaking, 1);
    await world.hear(hears, before!);
    relyOn("delete a private channel", await leave(bob, channel.id));
    await world.settle();
    const [after] = await say(world, speaking, 1);
    await world.settle();
    claim(world.heardCount(hears, after!) === 0, "who left heard a message");
    // The control: its connection is good. Where it was ended, that is as well.
    if (connection.closeInfo !== undefined) return;
    const own = await world.privateChannel(bob, alice);
    const again = await world.subscribe(connection, own);
    const marker = world.marker("own");
    world.sendMessage(connection, bob, own, marker);
    await world.hear(again, marker);
  },

  "circles.private-is-one-for-two": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const ask = (one: Account, other: Account): Promise<string> =>
      own("create a public channel", () => privateOf(one, other));
    const ids = [await ask(alice, bob), await ask(alice, bob), await ask(bob, alice)];
    claim(new Set(ids).size === 1, `one pair got the rooms ${ids.join(", ")}`);
  },

  "circles.private-is-made-once": async (world) => {
    const [alice, bob] = await strangers(world);
    const asking = Array.from({ length: 10 }, (_, at) =>
      at % 2 === 0 ? openPrivate(alice, bob) : openPrivate(bob, alice),
    );
    const answers = await Promise.all(asking);
    claim(
      answers.every(({ status }) => status < 500),
      `asked for at once, a private room is answered ${answers.map(({ status }) => status).join(", ")}`,
    );
    // Who came second may be sent away: what counts is the room that there is then.
    const ids = [
      ...answers.filter(isAccepted).map(idOfPrivate),
      await privateOf(alice, bob),
      await privateOf(bob, alice),
    ];
    claim(new Set(ids).size === 1, `asked for at once, one pair got the rooms ${[...new Set(ids)].join(", ")}`);
    for (const account of [alice, bob]) {
      const seen = await seenBy(account, ids[0]!);
      claim(seen.length === 1, `one of the pair sees the room ${seen.length} times`);
    }
  },

  "circles.private-has-its-name": async (world) => {
    const [alice, bob] = await strangers(world);
    const id = await privateOf(alice, bob);
    for (const account of [alice, bob]) {
      const { roomName, isGroupChat } = await seenByOne(account, id);
      claim(roomName === `${alice.username}-${bob.username}`, `the room is called ${roomName}`);
      claim(isGroupChat === "N", `a private room has isGroupChat ${isGroupChat}`);
    }
  },

  "circles.private-is-no-group": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const channel = await world.privateChannel(alice, bob);
    relyOn("create a private channel", await join(carol, channel.id));
    const id = await privateOf(alice, bob);
    await seenByOne(alice, id);
    const { status } = await join(carol, id);
    claim(status >= 400, `joining somebody's private room is answered ${status}`);
    claim((await seenBy(carol, id)).length === 0, "who was refused a private room has it among their rooms");
  },

  "circles.private-stays": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const id = await privateOf(alice, bob);
    const { status } = await leave(bob, id);
    claim(status === 400, `leaving a private room is answered ${status}`);
    for (const account of [alice, bob])
      claim((await seenBy(account, id)).length === 1, "a private room lost one of its two");
  },

  "circles.nobody-alone": async (world) => {
    const [alice] = await world.accounts(1);
    const { status } = await openPrivate(alice, alice);
    claim(status === 400, `a private room with oneself is answered ${status}`);
  },
};
