// From where does a user come? A place is an address under a keyed hash; it is known for 30 days after a sign-up or
// login from there. Whose password is checked next follows from it (fair-gate.ts), and which failures count
// (login-limits.ts). Table: known_places(user_id, place, seen_at).

import type { Queryable } from "../store/store.ts";
import type { Turn } from "./fair-gate.ts";

const placesOfUserMax = 20;
/** SQL: a row k of known_places is still good. */
export const stillKnown = "k.seen_at > clock_timestamp() - interval '30 days'";

/** The turn of a stranger's work, such as a sign-up. */
export async function turnOf(
  core: { store: Queryable; placeOf(address: string): string },
  address: string,
): Promise<Turn> {
  const rows = await core.store.query(`SELECT 1 FROM known_places k WHERE k.place = $1 AND ${stillKnown} LIMIT 1`, [
    core.placeOf(address),
  ]);
  return { lane: rows.length > 0 ? "seen" : "stranger", key: address };
}

/** Notes a sign-up or login from there, in the caller's transaction, and forgets the user's oldest places. */
export async function notePlace(tx: Queryable, userId: string, place: string): Promise<void> {
  await tx.query(
    `INSERT INTO known_places (user_id, place, seen_at) VALUES ($1, $2, clock_timestamp())
     ON CONFLICT (user_id, place) DO UPDATE SET seen_at = EXCLUDED.seen_at`,
    [userId, place],
  );
  await tx.query(
    `DELETE FROM known_places WHERE user_id = $1 AND place IN
       (SELECT place FROM known_places WHERE user_id = $1 ORDER BY seen_at DESC OFFSET ${placesOfUserMax})`,
    [userId],
  );
}
