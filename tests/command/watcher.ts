// Somebody on the server who sees which users there are, and is none of the run's.

import { setTimeout as wait } from "node:timers/promises";
import type { SystemName } from "../../systems/discodeit/wire.ts";
import { Network } from "../../drivers/network.ts";
import { RestClient } from "../../drivers/rest.ts";
import { csrfRule, Discodeit } from "../../systems/discodeit/client.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";

export interface Watcher extends AsyncDisposable {
  /** Names of the users that runs made. */
  strangers(): Promise<string[]>;
  /** Waits until there are at least so many of them; the test's own time-out is the deadline. */
  awaitStrangers(count: number): Promise<void>;
}

export async function openWatcher(baseUrl: string, name: SystemName): Promise<Watcher> {
  const network = new Network();
  const system = new Discodeit(name);
  const rest = new RestClient({
    rules: { csrf: csrfRule },
    baseUrl,
    network,
    transcript: new Transcript(new Secrets(), 1),
    label: "watcher",
  });
  const user = {
    username: `watcher-${process.pid}`,
    email: `watcher-${process.pid}@example.org`,
    password: "watcher-1234!",
  };
  await system.signUp(rest, user);
  await system.logIn(rest, user.username, user.password);
  const strangers = async (): Promise<string[]> =>
    (await system.users(rest))
      .map(({ username }) => username ?? "")
      .filter((username) => username !== user.username && username !== "admin");
  return {
    strangers,
    awaitStrangers: async (count) => {
      while ((await strangers()).length < count) await wait(20);
    },
    [Symbol.asyncDispose]: () => network.close(),
  };
}
