// The accounts and rooms of a load run: made before, deleted after, whatever happened in between.

import { randomBytes } from "node:crypto";
import type { SystemName } from "../contract/wire.ts";
import { Network } from "../drivers/network.ts";
import { RestClient } from "../drivers/rest.ts";
import { Discodeit } from "../drivers/systems/discodeit.ts";
import { Secrets, Transcript } from "../drivers/transcript.ts";

export interface LoadRooms {
  accounts: { userId: string; token: string }[];
  channelIds: string[];
  /** Deletes everything; says what could not be deleted. Never throws. */
  close(): Promise<string[]>;
}

/** Signs up and logs in `accounts` users and makes private channels of all of them: no admin is needed. Throws TargetError. */
export async function openLoadRooms(options: { url: string; system: SystemName; accounts: number; rooms: number }): Promise<LoadRooms> {
  const network = new Network();
  const system = new Discodeit(options.system);
  const run = randomBytes(3).toString("hex");
  const users: { id: string; rest: RestClient }[] = [];
  const channelIds: string[] = [];
  const close = async (): Promise<string[]> => {
    const leftBehind: string[] = [];
    const attempt = async (what: string, work: () => Promise<{ status: number }>): Promise<void> => {
      try {
        const { status } = await work();
        if (status >= 400) leftBehind.push(`${what} (answered ${status})`);
      } catch (error) {
        leftBehind.push(`${what} (${(error as Error).message})`);
      }
    };
    const owner = users[0];
    if (owner !== undefined) for (const id of channelIds) await attempt(`channel ${id}`, () => system.deleteChannelAnswer(owner.rest, id));
    for (const { id, rest } of users) await attempt(`user ${id}`, () => system.deleteUserAnswer(rest, id));
    await network.close();
    return leftBehind;
  };
  try {
    for (let index = 0; index < options.accounts; index++) {
      const username = `rollcall-${run}-load${index}`;
      const password = `${randomBytes(9).toString("base64url")}a1!`;
      const rest = new RestClient({ baseUrl: options.url, network, transcript: new Transcript(new Secrets(), 1), label: username });
      const { id } = await system.signUp(rest, { username, email: `${username}@rollcall.example`, password });
      users.push({ id, rest });
      await system.logIn(rest, username, password);
    }
    const everyone = users.map(({ id }) => id);
    // A private channel has two participants at least: one listener and the publisher.
    for (let index = 0; index < options.rooms; index++) channelIds.push((await system.privateChannel(users[0]!.rest, everyone)).id);
  } catch (error) {
    await close();
    throw error;
  }
  return { accounts: users.map(({ id, rest }) => ({ userId: id, token: rest.accessToken! })), channelIds, close };
}
