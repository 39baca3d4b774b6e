// What proofs of the Redis chat have in common: requests that the system's definition does not know, somebody who was
// never in a private room, and what a member has not read.

import type { StompConnection, Subscription } from "../../../drivers/stomp.ts";
import type { Answer } from "../../../drivers/rest.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { jsonIn } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { rely, step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { idOf, listOf } from "../../../systems/redis-chat/answers.ts";
import { createPath, leavePath, leavePathOfOthers } from "../../../systems/redis-chat/wire.ts";
import { lookUntil } from "./look.ts";

export interface MyRoom {
  roomId: number;
  roomName: string;
  isGroupChat: string;
  unReadCount: number;
}

/** Of an answer that is a list; nothing of one that is something else. */
export const listIn = <T>({ text }: Answer): T[] => listOf<T>(jsonIn(text));

/** Of an answer that is an id, or holds one. */
export const idIn = ({ text }: Answer): string | number | undefined => idOf(jsonIn(text));

export const isAccepted = ({ status }: Answer): boolean => status >= 200 && status < 300;

export const myRooms = async ({ rest }: Account): Promise<MyRoom[]> =>
  listIn(await rest.request("GET", "/chat/my/rooms"));

type Id = string | number;

/** A room as its participant sees it, once for each time that it is listed. */
export const seenBy = async (account: Account, id: Id): Promise<MyRoom[]> =>
  (await myRooms(account)).filter(({ roomId }) => String(roomId) === String(id));

export const groups = async ({ rest }: Account): Promise<Pick<MyRoom, "roomId" | "roomName">[]> =>
  listIn(await rest.request("GET", "/chat/room/group/list"));

export const isListed = async (account: Account, id: Id): Promise<boolean> =>
  (await groups(account)).some(({ roomId }) => String(roomId) === String(id));

export const createGroup = ({ rest }: Account, roomName: string, bearer?: string): Promise<Answer> =>
  rest.request("POST", createPath(roomName), { json: { roomName }, ...(bearer ? { bearer } : {}) });

export const join = ({ rest }: Account, id: Id): Promise<Answer> => rest.request("POST", `/chat/room/group/${id}/join`);

export async function leave({ rest }: Account, id: Id): Promise<Answer> {
  const answer = await rest.request("DELETE", leavePath(id));
  if (isAccepted(answer)) return answer;
  const other = await rest.request("DELETE", leavePathOfOthers(id));
  return isAccepted(other) ? other : answer;
}

export const read = ({ rest }: Account, id: Id): Promise<Answer> => rest.request("POST", `/chat/room/${id}/read`);

export const openPrivate = ({ rest }: Account, other: Account): Promise<Answer> =>
  rest.request("POST", `/chat/room/private/create?otherMemberId=${other.id}`);

export const historyOf = ({ rest }: Account, id: Id): Promise<Answer> => rest.request("GET", `/chat/history/${id}`);

export const isForbidden = ({ status }: Answer): boolean => status === 401 || status === 403;

/** Somebody who signed up for this proof: with nobody in a room as yet. */
export async function newMember(world: World): Promise<Account> {
  const account = world.adopt(world.newcomer());
  await step("sign up", () => world.speaker.signUp(account));
  await step("log in", () => world.speaker.logIn(account));
  return account;
}

/**
 * How much a member has not read before the proof says something: probes of a target without receipts count, and so do
 * lines that clones store when somebody enters.
 */
export async function unreadBefore(world: World, account: Account, { id }: Channel): Promise<number> {
  await world.settle();
  const count = (await seenBy(account, id))[0]?.unReadCount;
  rely("list channels", typeof count === "number", `a room among one's own has the unReadCount ${count}`);
  return count;
}

/** How much a member has not read, once it is as much as this; what was seen last. */
export function unread(world: World, account: Account, { id }: Channel, wanted: number): Promise<number | undefined> {
  const look = async (): Promise<number | undefined> => (await seenBy(account, id))[0]?.unReadCount;
  return lookUntil(world, look, (count) => count === wanted);
}

/** The owner of a room, connected and subscribed: what it says is stored once it hears it. */
export interface Speaking {
  owner: Account;
  channel: Channel;
  connection: StompConnection;
  hears: Subscription;
}

export async function speakerIn(world: World, channel: Channel): Promise<Speaking> {
  const { owner } = channel;
  const connection = await world.stomp(owner);
  return { owner, channel, connection, hears: await world.subscribe(connection, channel) };
}

/** Says so many things in the room, one after the other; what was said. */
export async function say(
  world: World,
  { owner, channel, connection, hears }: Speaking,
  count: number,
): Promise<string[]> {
  const markers = Array.from({ length: count }, () => world.marker());
  for (const marker of markers) {
    world.sendMessage(connection, owner, channel, marker);
    await world.hear(hears, marker);
  }
  return markers;
}

/** The step of a request that a proof does not judge. */
export const relyOn = (name: Parameters<typeof rely>[0], answer: Answer): void =>
  rely(name, isAccepted(answer), `it is answered ${answer.status}`);
