// Access tokens live shorter than a long run, and logins may end with a fault: each account renews its own in time, and
// when somebody is denied, as clients do, and logs in again when even that is refused.

import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { TargetError, TimeoutError } from "../../drivers/errors.ts";
import type { Account } from "../account-pool.ts";
import { accountAt, type Scene } from "./client.ts";

/** Half of the least that a foreign server gives. */
const renewEveryMs = 5 * 60_000;
const retryAfterMs = 1_000;

/** Ends with the run. */
export async function keepLoggedIn(scene: Scene, accounts: readonly Account[]): Promise<void> {
  const pause = (ms: number): Promise<void> => wait(ms, undefined, { signal: scene.over }).catch(() => undefined);
  for (;;) {
    const denied = once(scene.denials, "denied", { signal: scene.over }).catch(() => undefined);
    await Promise.race([pause(renewEveryMs), denied]);
    for (const account of accounts) {
      while (!scene.over.aborted && !(await renew(scene, account))) await pause(retryAfterMs);
    }
    if (scene.over.aborted) return;
    // Answers to what was asked before the new login are no news.
    await pause(retryAfterMs);
  }
}

/** False when nobody answered, or not now. */
async function renew(scene: Scene, account: Account): Promise<boolean> {
  const { speaker, places, transcript } = scene;
  for (const place of places.all) {
    const asking = accountAt(scene, account, place);
    try {
      // The answer to an earlier renewal may have been lost, and with it what it is renewed by.
      const secret = await speaker.refresh(asking).catch((error: unknown) => {
        if (!(error instanceof TargetError) || (error.status ?? 500) >= 500) throw error;
        return speaker.logIn(asking);
      });
      account.rest.accessToken = asking.rest.accessToken;
      account.rest.account = asking.rest.account;
      if (secret !== undefined) transcript.secrets.add(secret);
      return true;
    } catch (error) {
      if (!(error instanceof TargetError) && !(error instanceof TimeoutError)) throw error;
    }
  }
  return false;
}
