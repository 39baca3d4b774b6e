// Which names are good, and which two are the same? A name is kept in Unicode's compatibility form (NFKC: full-width,
// mathematical and other dressed-up letters become plain ones) and compared without case. What cannot be seen is
// refused, and so is a mixture of scripts whose letters look like Latin ones, as a Cyrillic a in "admin". Names in one
// script, Korean and Latin together, accents and emoji are good. Source: Unicode UTS #39 (security), UAX #15
// (normalization).

import type { Queryable, Store } from "../../../store/store.ts";

/** Controls, invisible and reordering characters, fillers, and the blank braille pattern. */
const invisible = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
const blanks = /\p{Zs}+/gu;
const latin = /\p{Script=Latin}/u;
const cyrillic = /\p{Script=Cyrillic}/u;
const greek = /[\p{Script=Greek}\p{Script=Coptic}]/u;
const otherLikeLatin = /[\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Lisu}]/u;
/** On nothing, or piled up, a mark covers its neighbours. */
const strayMarks = /^\p{M}|\s\p{M}|\p{M}{4}/u;

export const invisibleText = "must not contain invisible or control characters";
export const lookAlikeText = "must not mix letters of scripts that look alike, or pile up marks";

/** The form in which a name is kept and shown. */
export const normalName = (text: string): string => text.normalize("NFKC").replaceAll(blanks, " ").trim();

/**
 * Equal for names that people take for the same, also for those of a time when what is hidden was let in. Through upper
 * case, which joins what lower case keeps apart (ß and ss, ı and i).
 */
export const nameKey = (name: string): string =>
  normalName(name.replaceAll(invisible, "")).toUpperCase().toLowerCase().normalize("NFKC");

/** Emoji are made with invisible joiners; these are seen. */
export const isVisible = (text: string): boolean => text.replaceAll(/\p{RGI_Emoji}/gv, "x").search(invisible) === -1;

/** Whether no letter of the name poses as one of another script. */
export const isUnambiguous = (name: string): boolean =>
  [latin, cyrillic, greek, otherLikeLatin].filter((script) => script.test(name)).length < 2 && !strayMarks.test(name);

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
