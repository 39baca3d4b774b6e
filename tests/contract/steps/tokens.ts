// Does a token work? It is asked where the target refuses who has none: a list that is open to everybody, or that comes
// from a cache and fails at the second reading, says nothing about tokens.

import type { Account } from "../../../runner/account-pool.ts";
import { rely } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import type { Answer, RestClient } from "../../../drivers/rest.ts";
import type { Target } from "../../../systems/target.ts";

export const refused = ({ status }: Pick<Answer, "status">): boolean => status >= 400 && status < 600;
export const accepted = ({ status }: Pick<Answer, "status">): boolean => status >= 200 && status < 300;

/** A reading of the user's own, by path. */
type Guarded = (userId: string) => string;

/** What nobody caches comes first: whoever asks must not fill a cache that a proof is about. */
const candidates: readonly Guarded[] = [
  (userId) => `/api/readStatuses?userId=${userId}`,
  () => "/api/notifications",
  (userId) => `/api/channels?userId=${userId}`,
  () => "/api/users",
];

const found = new WeakMap<Target, Guarded>();

/** A path that refuses who has no token and answers the account, twice. The account's token must be good. */
export async function guardedPath(world: World, account: Account): Promise<string> {
  const known = found.get(world.target);
  if (known !== undefined) return known(account.id);
  const closed: Guarded[] = [];
  for (const candidate of candidates)
    if (refused(await world.stranger().request("GET", candidate(account.id)))) closed.push(candidate);
  rely("refuse who has no token", closed.length > 0, "every reading is answered without a token");
  const statuses: number[] = [];
  for (const candidate of closed) {
    const answers = [
      await account.rest.request("GET", candidate(account.id)),
      await account.rest.request("GET", candidate(account.id)),
    ];
    if (answers.every(accepted)) {
      found.set(world.target, candidate);
      return candidate(account.id);
    }
    statuses.push(...answers.map(({ status }) => status));
  }
  rely("log in", false, `readings with the token of a login were answered ${statuses.join()}`);
}

/** What the account's own reading is answered with this bearer token. */
export const askWith = async (world: World, path: string, bearer: string): Promise<Answer> =>
  await world.stranger("asker").request("GET", path, { bearer });

/** What the account's own reading is answered with its own token, or with that of an older login of its own. */
export const ask = (path: string, rest: RestClient): Promise<Answer> => rest.request("GET", path);

/** A token of a login, or of its renewal, that somebody else may not have. */
const tokenForm = /[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g;

/** Readings that ask for nobody in particular: somebody else's token opens them, too. */
const anybodys = ["/api/notifications", "/api/users"];

/**
 * Whether an answer holds a token that opens something, `sent` aside: some refusals repeat what was sent, and that gives
 * nobody anything.
 */
export async function givesToken(
  world: World,
  path: string,
  { text }: Pick<Answer, "text">,
  sent: string | undefined,
): Promise<boolean> {
  for (const token of new Set(text.match(tokenForm) ?? [])) {
    world.transcript.secrets.add(token);
    if (token === sent) continue;
    for (const reading of [path, ...anybodys]) {
      const isClosed = refused(await world.stranger().request("GET", reading));
      if (isClosed && accepted(await askWith(world, reading, token))) return true;
    }
  }
  return false;
}
