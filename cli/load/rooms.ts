// The accounts and rooms of a load run: made before, deleted after, whatever happened in between. What is about to be
// made is noted first, so that `rollcall load --clean RUN` can delete what a killed run left.

import { randomBytes } from "node:crypto";
import type { SystemName } from "../../systems/discodeit/wire.ts";
import { HarnessError } from "../../drivers/errors.ts";
import { Network } from "../../drivers/network.ts";
import { RestClient } from "../../drivers/rest.ts";
import { csrfRule, Discodeit } from "../../systems/discodeit/client.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import { removeNotes, writeNotes } from "../../runner/clean-up.ts";

export interface LoadRooms {
  accounts: { userId: string; token: string }[];
  channelIds: string[];
  /** Deletes everything; what could not be deleted goes to `onLeftBehind`. Never throws. */
  close(): Promise<void>;
}

export interface LoadRoomsOptions {
  run: string;
  url: string;
  system: SystemName;
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
    for (let index = 0; index < options.rooms; index++) await rooms.openChannel();
  } catch (error) {
    await rooms.close();
    throw error;
  }
  return rooms;
}

interface LoadAccount {
  username: string;
  password: string;
  rest: RestClient;
  /** Unknown until the sign-up was answered. */
  id?: string;
}

class Rooms implements LoadRooms {
  readonly channelIds: string[] = [];
  readonly #options: LoadRoomsOptions;
  readonly #network = new Network();
  readonly #system: Discodeit;
  readonly #accounts: LoadAccount[] = [];

  constructor(options: LoadRoomsOptions) {
    this.#options = options;
    this.#system = new Discodeit(options.system);
  }

  get accounts(): LoadRooms["accounts"] {
    return this.#accounts.map(({ id, rest }) => ({ userId: id!, token: rest.accessToken! }));
  }

  async signUp(index: number): Promise<void> {
    const { run, url, system, throwAway } = this.#options;
    this.#checkInterrupt();
    const username = `rollcall-${run}-load${index}`;
    const password = `${randomBytes(9).toString("base64url")}a1!`;
    const rest = new RestClient({
      csrf: csrfRule,
      baseUrl: url,
      network: this.#network,
      transcript: new Transcript(new Secrets(), 1),
      label: username,
    });
    const account: LoadAccount = { username, password, rest };
    this.#accounts.push(account);
    if (!throwAway)
      writeNotes({
        run,
        system,
        baseUrl: url,
        accounts: this.#accounts.map((each) => ({ username: each.username, password: each.password })),
      });
    account.id = (await this.#system.signUp(rest, { username, email: `${username}@rollcall.example`, password })).id;
    await this.#system.logIn(rest, username, password);
  }

  /** A private channel has two participants at least: one listener and the publisher. */
  async openChannel(): Promise<void> {
    this.#checkInterrupt();
    const everyone = this.#accounts.map(({ id }) => id!);
    this.channelIds.push((await this.#system.privateChannel(this.#accounts[0]!.rest, everyone)).id);
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
    const attempt = async (what: string, work: () => Promise<{ status: number }>): Promise<void> => {
      try {
        const { status } = await work();
        if (status >= 400 && status !== 404) leftBehind.push(`${what} (answered ${status})`);
      } catch (error) {
        leftBehind.push(`${what} (${(error as Error).message})`);
      }
    };
    const owner = this.#accounts[0];
    if (owner !== undefined)
      for (const id of this.channelIds)
        await attempt(`channel ${id}`, () => this.#system.deleteChannelAnswer(owner.rest, id));
    for (const { id, rest, username } of this.#accounts) {
      if (id === undefined) leftBehind.push(`user ${username} (perhaps: its sign-up was not answered as it should be)`);
      else await attempt(`user ${username}`, () => this.#system.deleteUserAnswer(rest, id));
    }
    return leftBehind;
  }
}
