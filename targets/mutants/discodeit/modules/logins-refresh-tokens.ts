// Stands in for server/systems/discodeit/domain/logins.ts: a refresh token is an access token, too.

import { authenticate as ask } from "../../../../server/systems/discodeit/domain/logins.ts";
import type { Principal } from "../../../../server/realtime/ports.ts";
import { refreshTokenHash } from "../../../../server/security/tokens.ts";

export * from "../../../../server/systems/discodeit/domain/logins.ts";

export const authenticate: typeof ask = async (core, accessToken) => {
  const principal = await ask(core, accessToken);
  if (principal !== undefined) return principal;
  const [holder] = await core.store.query<Principal & Record<string, unknown>>(
    `SELECT u.id AS "userId", u.username, u.role, l.id AS "loginId" FROM logins l JOIN users u ON u.id = l.user_id WHERE l.refresh_hash = $1`,
    [refreshTokenHash(accessToken)],
  );
  return holder;
};
