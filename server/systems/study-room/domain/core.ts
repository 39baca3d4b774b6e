// What does every rule of the study rooms have in reach?

import type { Queryable } from "../../../store/store.ts";
import type { LoginGuard } from "../../../security/logins.ts";
import type { AccessTokens } from "../../../security/tokens.ts";
import { accessSecondsMax } from "../../../../systems/study-room/wire.ts";
import type { SystemConfig, SystemContext } from "../../system.ts";

export interface Core extends SystemContext, Omit<LoginGuard, "store"> {
  tokens: AccessTokens;
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
