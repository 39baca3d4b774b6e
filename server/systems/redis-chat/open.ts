// How is the Redis chat put together? The schema is brought up to date, the signing key read, the core made.

import { createHmac } from "node:crypto";
import { Router } from "express";
import { tokenSeconds } from "../../../systems/redis-chat/wire.ts";
import { panelRoutes } from "../../page.ts";
import { openLoginGuard } from "../../security/logins.ts";
import { signingKey } from "../../security/signing-key.ts";
import { AccessTokens } from "../../security/tokens.ts";
import type { Core } from "../core.ts";
import type { OpenSystem } from "../system.ts";
import { realtimePorts } from "./realtime.ts";
import { redisChatRoutes } from "./routes.ts";

export const open: OpenSystem = async (context) => {
  const key = await signingKey(context.store);
  // HS512 takes a key as long as its hash (RFC 7518, 3.2).
  const tokenKey = createHmac("sha512", key).update("tokens").digest();
  const core: Core = {
    ...context,
    ...openLoginGuard(key, context.config.passwordCostLog2),
    // There is no way to renew a token: it is good for as long as the contract says, whatever ACCESS_TOKEN_SECONDS.
    tokens: new AccessTokens(tokenKey, context.name, tokenSeconds, "HS512"),
  };
  return {
    realtime: realtimePorts(core),
    routes: () => Router().use(panelRoutes(context.name), redisChatRoutes(core)),
    close: () => Promise.resolve(),
  };
};
