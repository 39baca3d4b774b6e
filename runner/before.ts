// What an earlier run found out about a target, and what that spares the next one, as each round of `verify --watch`
// after the first. A server that has just started takes its time for the first request of each kind: so as little as
// possible is asked one after the other.

import { catalogue, type ClauseId } from "../contract/catalogue.ts";
import { HarnessError, TargetError, TimeoutError } from "../drivers/errors.ts";
import type { PageOrigin } from "../drivers/page.ts";
import type { AccountPool } from "./account-pool.ts";
import type { Baseline } from "./baseline.ts";

export interface Before {
  /** Not measured again. */
  baseline: Baseline;
  /** Taken until it is asked again. */
  page: PageOrigin;
}

interface Making {
  pool: Pick<AccountPool, "lease" | "release">;
  network: { page: PageOrigin };
}

/** How many accounts most proofs have. */
const usualCount = 2;

/**
 * Makes those whom a proof will lease, while everything else is asked. That nobody can be signed up, or not yet, is
 * for a proof to say. Throws what is a mistake of ours.
 */
export async function makeEarly({ pool, network }: Making, before: Before | undefined): Promise<void> {
  if (before === undefined) return;
  network.page = before.page;
  try {
    pool.release(await pool.lease(usualCount));
  } catch (error) {
    // Whoever needs them tries again.
    const isExpected = error instanceof TargetError || error instanceof TimeoutError || error instanceof HarnessError;
    if (!isExpected) throw error;
  }
}

/** Whether the admin's credentials, which were right or dropped before, are to be tried again. */
export const asksForAdmin = (ids: readonly ClauseId[], before: Before | undefined): boolean =>
  before === undefined || ids.some((id) => catalogue[id].needs?.includes("admin") === true);
