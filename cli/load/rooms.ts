// The accounts and rooms of a load run: made before, deleted after, whatever happened in between. What is about to be
// made is noted first, so that `rollcall load --clean RUN` can delete what a killed run left.

import { HarnessError, TargetError } from "../../drivers/errors.ts";
import { Network } from "../../drivers/network.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import { removeNotes, writeNotes } from "../../runner/clean-up.ts";
import { newPassword, Speaker, type Frame, type Speaking } from "../../runner/speaker.ts";
import type { System } from "../../systems/define.ts";
import type { Room } from "../../systems/types.ts";

export interface LoadRooms {
  /** The headers of CONNECT, of each account. */
  accounts: Record<string, string>[];
  rooms: { destination: string; send: Frame }[];
  /** Where a plain WebSocket speaks STOMP. */
  webSocketUrl: string;
  /** Deletes everything; what could not be deleted goes to `onLeftBehind`. Never throws. */
  close(): Promise<void>;
}

export interface LoadRoomsOptions {
  run: string;
  url: string;
  system: System;
  accounts: number;
  rooms: number;
  /** The server goes with the run: nothing is noted, and nothing needs to be deleted. */
  throwAway: boolean;
  /** Ends the making of accounts; those that were made are deleted. */
  signal: AbortSignal;
  onLeftBehind: (leftBehind: string[]) => void;
}

/**
 * Signs up and logs in `accounts` users and makes private channels of all of them: no admin is needed. Throws
 * TargetError.
 */
export async function openLoadRooms(options: LoadRoomsOptions): Promise<LoadRooms> {
  const rooms = new Rooms(options);
  try {
    for (let index = 0; index < options.accounts; index++) await rooms.signUp(index);
    for (let index = 0; index < options.rooms; index++) await rooms.openRoom();
  } catch (error) {
    await rooms.close();
    throw error;
  }
  return rooms;
}

class Rooms implements LoadRooms {
  readonly #options: LoadRoomsOptions;
  readonly #network = new Network();
  readonly #speaker: Speaker;
  readonly #accounts: Speaking[] = [];
  readonly #rooms: Room[] = [];

  constructor(options: LoadRoomsOptions) {
    this.#options = options;
    this.#speaker = new Speaker(options.system);
  }

  get accounts(): LoadRooms["accounts"] {
    return this.#accounts.map((account) => this.#speaker.connectHeaders(account));
  }

  /** The last account publishes; `@@` stands for what it says. */
  get rooms(): LoadRooms["rooms"] {
    const publisher = this.#accounts.at(-1)!;
    return this.#rooms.map((room) => ({
      destination: this.#speaker.destinationOf(room),
      send: this.#speaker.sendOf(publisher, room, "@@"),
    }));
  }

  get webSocketUrl(): string {
    return this.#speaker.webSocketUrl(this.#options.url);
  }

  async signUp(index: number): Promise<void> {
    const { run, url, system, throwAway } = this.#options;
    this.#checkInterrupt();
    // As short as the system's names have to be.
    const username = `l${run}${index.toString(36)}`;
    const password = newPassword();
    const transcript = new Transcript(new Secrets(), 1);
    const rest = this.#speaker.client({ baseUrl: url, network: this.#network, transcript, label: username });
    const account: Speaking = { username, password, email: `${username}@rollcall.example`, id: "", rest };
    this.#accounts.push(account);
    if (!throwAway)
      writeNotes({
        run,
        system: system.name,
        baseUrl: url,
        accounts: this.#accounts.map((each) => ({ username: each.username, password: each.password })),
      });
    await this.#speaker.signUp(account);
    await this.#speaker.logIn(account);
  }

  /** A private channel has two participants at least: one listener and the publisher. */
  async openRoom(): Promise<void> {
    this.#checkInterrupt();
    const [owner, ...members] = this.#accounts;
    this.#rooms.push(await this.#speaker.openRoom(owner!, members));
  }

  #checkInterrupt(): void {
    if (this.#options.signal.aborted) throw new HarnessError("Cannot go on: interrupted");
  }

  async close(): Promise<void> {
    const { run, throwAway, onLeftBehind } = this.#options;
    if (!throwAway) {
      const leftBehind = await this.#deleteAll();
      if (leftBehind.length === 0) removeNotes(run);
      else onLeftBehind(leftBehind);
    }
    await this.#network.close();
  }

  async #deleteAll(): Promise<string[]> {
    const leftBehind: string[] = [];
    const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        if (!(error instanceof TargetError && error.status === 404))
          leftBehind.push(`${what} (${(error as Error).message})`);
      }
    };
    const owner = this.#accounts[0];
    if (owner !== undefined)
      for (const room of this.#rooms) await attempt(`channel ${room.id}`, () => this.#speaker.removeRoom(owner, room));
    for (const account of this.#accounts) {
      const { id, username } = account;
      if (id === "") leftBehind.push(`user ${username} (perhaps: its sign-up was not answered as it should be)`);
      else await attempt(`user ${username}`, () => this.#speaker.removeAccount(account));
    }
    return leftBehind;
  }
}
