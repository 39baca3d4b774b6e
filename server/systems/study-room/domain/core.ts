// What does every rule of the study rooms have in reach?

import type { Queryable } from "../../../store/store.ts";
import type { FairGate } from "../../../security/fair-gate.ts";
import type { Passwords } from "../../../security/passwords.ts";
import type { AccessTokens } from "../../../security/tokens.ts";
import { accessSecondsMax } from "../../../../systems/study-room/wire.ts";
import type { SystemConfig, SystemContext } from "../../system.ts";

export interface Core extends SystemContext {
  passwords: Passwords;
  /** Who comes to log in is looked up here: many at once would keep the store from everybody else. */
  loginLookups: FairGate;
  tokens: AccessTokens;
  /** The place of an address (security/known-places.ts). */
  placeOf(address: string): string;
}

/** Runs a transaction whose facts are published after its commit. */
export async function commit<T>(core: Pick<Core, "store" | "outbox">, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const result = await core.store.transaction(work);
  core.outbox.kick();
  return result;
}

/** How long an access token is good: what the configuration says, and no longer than the contract. */
export const accessSecondsOf = ({ accessTokenSeconds }: SystemConfig): number =>
  Math.min(accessTokenSeconds, accessSecondsMax);
