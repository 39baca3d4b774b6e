// What proofs of the study rooms have in common: who opens a WebSocket with which cookie, what a room was told of
// somebody, and requests that the system's definition does not know.

import { TargetError } from "../../../drivers/errors.ts";
import type { Answer } from "../../../drivers/rest.ts";
import type { StompConnection, Subscription } from "../../../drivers/stomp.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { jsonIn } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { rely, step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { accessCookie, presenceDestination, presenceUpdate } from "../../../systems/study-room/wire.ts";

/** The cookie header of a handshake with this access token. */
export const cookieOf = (token: string): Record<string, string> => ({ Cookie: `${accessCookie}=${token}` });

export const accessTokenOf = ({ rest }: Account): string => rest.jar.get(accessCookie) ?? "";

/** The status with which a handshake is answered: 101, or what refuses it. */
export async function handshakeStatus(world: World, headers: Record<string, string>): Promise<number> {
  try {
    const transport = await world.transport({ headers });
    transport.terminate();
    return 101;
  } catch (error) {
    const [, status] = /answered (\d+) instead of 101/.exec(error instanceof TargetError ? error.message : "") ?? [];
    if (status === undefined) throw error;
    return Number(status);
  }
}

/** A handshake interceptor that says no leaves the status as it was, and a login by OAuth2 sends to its page. */
export const isNoHandshake = (status: number): boolean => status !== 101 && status < 500;

export const isRefusal = ({ status }: Pick<Answer, "status">): boolean => status >= 400 && status < 500;

/** Some say no in the wrapper. */
export const isAccepted = ({ status, text }: Answer): boolean =>
  status >= 200 && status < 300 && (jsonIn(text) as { success?: unknown } | undefined)?.success !== false;

/** The step of a request that a proof does not judge. */
export const relyOn = (name: Parameters<typeof rely>[0], answer: Answer): void =>
  rely(name, isAccepted(answer), `it is answered ${answer.status} ${answer.text.slice(0, 120)}`);

/** What a room was told of somebody, in order: JOIN and LEAVE, or states. */
export interface Told {
  type?: string | null;
  providerId?: unknown;
  content?: string;
  id?: unknown;
  nickname?: string;
  status?: string;
}

const bodiesOf = (subscription: Subscription): Told[] =>
  subscription.messages().flatMap(({ body }) => (jsonIn(body) as Told | undefined) ?? []);

/** Other servers write it with a blank, and in the plain form. */
const comesOrGoes = /^(.+?) ?님이 (입장|퇴장)/;

/** Entries and exits of this account: by their words, for the rest of it is for one clause to say. */
export const movesOf = (subscription: Subscription, { username }: Account): Told[] =>
  bodiesOf(subscription).filter(({ content }) => comesOrGoes.exec(content ?? "")?.[1] === username);

export const movesIn = (subscription: Subscription, account: Account): string =>
  movesOf(subscription, account)
    .map(({ content }) => (comesOrGoes.exec(content ?? "")?.[2] === "입장" ? "JOIN" : "LEAVE"))
    .join(" ");

/** States of this account. */
export const statesIn = (subscription: Subscription, { username }: Account): string =>
  bodiesOf(subscription)
    .flatMap(({ nickname, status }) => (nickname === username ? (status ?? []) : []))
    .join(" ");

/** States of this account, each once for as long as it lasts: that one is told again is no change. */
export const changesIn = (subscription: Subscription, account: Account): string =>
  statesIn(subscription, account)
    .split(" ")
    .filter((state, at, all) => state !== all[at - 1])
    .join(" ");

/** Waits until what was heard of somebody is as long as this, and returns it. */
export async function heard(
  world: World,
  subscription: Subscription,
  read: (subscription: Subscription) => string,
  wanted: string,
): Promise<string> {
  const count = wanted.split(" ").length;
  const isThere = (): boolean => read(subscription).split(" ").filter(Boolean).length >= count;
  if (!isThere())
    await subscription.awaitMessage(`"${wanted}" after "${read(subscription)}"`, isThere, world.deadlineMs);
  return read(subscription);
}

/** The room heard that somebody entered: what comes after it rests on that. */
export const entered = (world: World, { chat }: Pick<Tab, "chat">, account: Account): Promise<string> =>
  step("hear of a user", () => heard(world, chat, (subscription) => movesIn(subscription, account), "JOIN"));

/**
 * Subscribes to a room's presence and knows that it is live. On targets without receipts: `hears` heard what the member
 * said behind it on the same connection.
 */
export const subscribePresence = (
  world: World,
  connection: StompConnection,
  channel: Channel,
  { member, hears }: { member: Account; hears: Subscription },
): Promise<Subscription> =>
  step("subscribe", async () => {
    const destination = presenceDestination(channel.room.id);
    if (world.baseline.receipts) return await connection.subscribeWithReceipt(destination, world.deadlineMs);
    const presence = connection.sendSubscribe(destination);
    const marker = world.marker("behind");
    world.sendMessage(connection, member, channel, marker);
    await world.hear(hears, marker);
    await world.settle();
    return presence;
  });

/** A tab of somebody in a room, with both of its subscriptions. */
export interface Tab {
  connection: StompConnection;
  chat: Subscription;
  presence: Subscription;
}

export async function openTab(world: World, account: Account, channel: Channel, instance?: number): Promise<Tab> {
  const connection = await world.stomp(account, instance === undefined ? {} : { instance });
  const chat = await world.subscribe(connection, channel);
  const presence = await subscribePresence(world, connection, channel, { member: account, hears: chat });
  return { connection, chat, presence };
}

/** Ends a subscription and knows that this was done, where the target tells. */
export async function unsubscribed(world: World, tab: Pick<Tab, "connection">, { id }: Subscription): Promise<void> {
  if (!world.baseline.receipts) return unsubscribe(tab, { id });
  await tab.connection.sendAndAwaitReceipt("UNSUBSCRIBE", { id }, "", world.deadlineMs);
}

export const unsubscribe = ({ connection }: Pick<Tab, "connection">, { id }: Pick<Subscription, "id">): void =>
  connection.sendFrame("UNSUBSCRIBE", { id });

export function setStatus({ connection }: Pick<Tab, "connection">, { room }: Channel, status: string): void {
  connection.sendFrame("SEND", { destination: presenceUpdate(room.id) }, JSON.stringify({ status }));
}

/** A member of an open room who watches it, and one who is not there yet. */
export async function watchedRoom(
  world: World,
): Promise<{ alice: Account; bob: Account; channel: Channel; watch: Tab }> {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(bob, alice);
  return { alice, bob, channel, watch: await openTab(world, bob, channel) };
}

export const joinRoom = ({ rest }: Account, { id }: { id: string | number }): Promise<Answer> =>
  rest.request("POST", `/api/rooms/${id}/join`, { json: { roomId: id } });

export const leaveRoom = ({ rest }: Account, { id }: { id: string | number }): Promise<Answer> =>
  rest.request("DELETE", `/api/rooms/${id}/leave`, { json: { roomId: id } });
