// Rooms over bare WebSocket JSON, as a definition's `websocket` says it. Terms: seat – one socket of somebody in a
// room.

import { HarnessError, TimeoutError } from "../drivers/errors.ts";
import { urlBelow, webSocketUrl } from "../drivers/network.ts";
import { RawWebSocket } from "../drivers/raw-websocket.ts";
import type { WebSocketPart } from "../systems/types.ts";
import type { Account } from "./account-pool.ts";
import type { Channel, Where } from "./rooms.ts";
import { step } from "./steps.ts";
import { holds } from "./text.ts";
import type { World } from "./world.ts";

function partOf({ system }: World): WebSocketPart {
  if (system.websocket === undefined)
    throw new HarnessError(`Cannot use websocket of the system "${system.name}": the definition does not have it`);
  return system.websocket;
}

const textOf = (message: unknown): string => (typeof message === "string" ? message : JSON.stringify(message));

export class Seat {
  readonly socket: RawWebSocket;
  readonly account: Account;
  readonly channel: Channel;
  readonly #world: World;

  constructor(world: World, socket: RawWebSocket, account: Account, channel: Channel) {
    this.#world = world;
    this.socket = socket;
    this.account = account;
    this.channel = channel;
  }

  /** What a client sends to say this. */
  messageOf(text: string): string {
    const account = this.#world.speaker.memberOf(this.account);
    return textOf(partOf(this.#world).send({ account, room: this.channel.room, text }));
  }

  say(text: string): void {
    this.socket.send(this.messageOf(text));
  }

  /** Waits for what holds the marker, and reads its text. */
  hear(marker: string, deadlineMs = this.#world.deadlineMs): Promise<string | undefined> {
    this.#look();
    return step("hear in a raw room", async () => {
      const isIt = (text: string): boolean => holds(text, marker);
      return this.#textIn((await this.socket.awaitText(`message ${marker}`, isIt, deadlineMs)).text);
    });
  }

  /** How often a marker came. */
  count(marker: string): number {
    this.#world.transcript.look(this.socket.name, marker);
    return this.socket.inbox.items.filter(({ text }) => holds(text, marker)).length;
  }

  /** What was said, in the order in which it came; what is no text of somebody is left out. */
  texts(): string[] {
    this.#look();
    return this.socket.inbox.items.flatMap(({ text }) => this.#textIn(text) ?? []);
  }

  #look(): void {
    this.#world.transcript.look(this.socket.name);
  }

  /** Undefined: no JSON, or another kind of message; a definition need not foresee them all. */
  #textIn(text: string): string | undefined {
    try {
      return partOf(this.#world).textOf(JSON.parse(text));
    } catch {
      return undefined;
    }
  }
}

/** A socket in a room. That it hears already is not known. */
export function takeSeat(world: World, account: Account, channel: Channel, instance: Where = 0): Promise<Seat> {
  return step("connect to a raw room", async () => {
    const { url, join } = partOf(world);
    const path = url({ account: world.speaker.memberOf(account), room: channel.room });
    const at = path.includes("://") ? path : webSocketUrl(urlBelow(world.instance(instance), path));
    const { network, transcript } = world;
    const openTimeoutMs = Math.max(5_000, world.deadlineMs);
    const socket = await RawWebSocket.open(at, { network, transcript, label: account.label, openTimeoutMs });
    world.track(socket);
    if (join !== undefined) socket.send(textOf(join(channel.room)));
    return new Seat(world, socket, account, channel);
  });
}

/** Says something until it is heard: the only way to know that somebody listens. */
export async function awaitHearing(world: World, speaker: Seat, listener: Seat): Promise<void> {
  const startMs = performance.now();
  for (let attempt = 0; ; attempt++) {
    const marker = world.marker("probe");
    speaker.say(marker);
    try {
      await listener.hear(marker, Math.min(world.deadlineMs, 250 * 2 ** attempt));
      return;
    } catch (error) {
      if (!(error instanceof TimeoutError) || performance.now() - startMs > world.deadlineMs) throw error;
    }
  }
}

/** A seat for each of these in one room, all known to hear the others. At least two. */
export async function seatAll<const Accounts extends readonly [Account, Account, ...Account[]]>(
  world: World,
  channel: Channel,
  accounts: Accounts,
): Promise<{ [Index in keyof Accounts]: Seat }> {
  const seats: Seat[] = [];
  for (const account of accounts) seats.push(await takeSeat(world, account, channel));
  for (const [at, listener] of seats.entries()) await awaitHearing(world, seats[at === 0 ? 1 : 0]!, listener);
  return seats as { [Index in keyof Accounts]: Seat };
}
