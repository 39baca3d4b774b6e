// Rooms over bare WebSocket JSON, as a definition's `websocket` says it. Terms: seat – one socket of somebody in a
// room.

import { TimeoutError } from "../drivers/errors.ts";
import { RawWebSocket } from "../drivers/raw-websocket.ts";
import type { Account } from "./account-pool.ts";
import type { Channel, Where } from "./rooms.ts";
import { step } from "./steps.ts";
import { holds } from "./text.ts";
import type { World } from "./world.ts";

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
    return this.#world.speaker.rawSay(this.account, this.channel.room, text);
  }

  say(text: string): void {
    this.socket.send(this.messageOf(text));
  }

  /** Waits for what holds the marker, and reads its text. */
  hear(marker: string, deadlineMs = this.#world.deadlineMs): Promise<string | undefined> {
    this.#look();
    return step("hear in a raw room", async () => {
      const isIt = (text: string): boolean => holds(text, marker);
      const { text } = await this.socket.awaitText(`message ${marker}`, isIt, deadlineMs);
      return this.#world.speaker.rawTextIn(text);
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
    return this.socket.inbox.items.flatMap(({ text }) => this.#world.speaker.rawTextIn(text) ?? []);
  }

  #look(): void {
    this.#world.transcript.look(this.socket.name);
  }
}

/** A socket in a room. That it hears already is not known. */
export function takeSeat(world: World, account: Account, channel: Channel, instance: Where = 0): Promise<Seat> {
  return step("connect to a raw room", async () => {
    const at = world.speaker.rawUrl(world.instance(instance), account, channel.room);
    const join = world.speaker.rawJoin(account, channel.room);
    const { network, transcript } = world;
    const openTimeoutMs = Math.max(5_000, world.deadlineMs);
    const socket = await RawWebSocket.open(at, { network, transcript, label: account.label, openTimeoutMs });
    world.track(socket);
    if (join !== undefined) socket.send(join);
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
