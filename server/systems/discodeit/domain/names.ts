// Which users have no key of their name as yet? Those of a time before keys (server/security/names.ts).

import { nameKey } from "../../../security/names.ts";
import type { Queryable, Store } from "../../../store/store.ts";

export {
  invisibleText,
  isUnambiguous,
  isVisible,
  lookAlikeText,
  nameKey,
  normalName,
} from "../../../security/names.ts";

/**
 * Gives a key to users of a time without keys. Of twins the oldest gets it; the others keep name and account, log in by
 * exactly their name, and get a key that no new name can have. Returns how many such twins there are. Each start calls
 * it, since an older instance may have added users.
 */
export async function fillNameKeys(store: Store): Promise<number> {
  return store.transaction(async (tx) => {
    await tx.query("SELECT pg_advisory_xact_lock(hashtext('rollcall name keys'))");
    const users = await tx.query<{ id: string; username: string }>(
      "SELECT id, username FROM users WHERE username_key IS NULL ORDER BY created_at, id",
    );
    const keys = users.map(({ username }) => nameKey(username));
    const taken = await takenKeys(tx, keys);
    let twinCount = 0;
    const given = users.map(({ id }, index) => {
      const key = keys[index]!;
      if (!taken.has(key)) return taken.add(key) && key;
      twinCount += 1;
      return `${key}\u200b${id}`;
    });
    if (users.length > 0)
      await tx.query(
        "UPDATE users u SET username_key = given.key FROM unnest($1::uuid[], $2::text[]) AS given (id, key) WHERE u.id = given.id",
        [users.map(({ id }) => id), given],
      );
    return twinCount;
  });
}

async function takenKeys(tx: Queryable, keys: readonly string[]): Promise<Set<string>> {
  const rows = await tx.query<{ key: string }>(
    "SELECT username_key AS key FROM users WHERE username_key = ANY($1::text[])",
    [keys],
  );
  return new Set(rows.map(({ key }) => key));
}
