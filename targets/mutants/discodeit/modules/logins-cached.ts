// Stands in for server/systems/discodeit/domain/logins.ts: an instance that has seen a login believes in it for ever.

import { authenticate as ask } from "../../../../server/systems/discodeit/domain/logins.ts";

export * from "../../../../server/systems/discodeit/domain/logins.ts";

const known = new Map<string, ReturnType<typeof ask>>();

export const authenticate: typeof ask = (core, accessToken) => {
  const principal = known.get(accessToken) ?? ask(core, accessToken);
  known.set(accessToken, principal);
  return principal;
};
