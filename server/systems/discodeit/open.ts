// How is a Discodeit system put together? The schema is brought up to date, the signing key read, the core made, the
// admin created.

import { Router } from "express";
import { ensureAdmin } from "./domain/accounts.ts";
import type { Core } from "./domain/core.ts";
import { fillNameKeys } from "./domain/names.ts";
import { Payloads } from "./domain/payloads.ts";
import { Uploads } from "./domain/uploads.ts";
import { pageRoutes } from "../../page.ts";
import { openLoginGuard } from "../../security/logins.ts";
import { signingKey } from "../../security/signing-key.ts";
import { AccessTokens } from "../../security/tokens.ts";
import type { OpenSystem } from "../system.ts";
import { realtimePorts } from "./realtime.ts";
import type { Revision } from "./revision.ts";
import { discodeitRoutes } from "./routes/routes.ts";

export function openDiscodeit(revision: Revision): OpenSystem {
  return async (context) => {
    const twinCount = await fillNameKeys(context.store);
    if (twinCount > 0)
      context.onFault(
        new Error(`${twinCount} users have names that look like another's; each logs in by exactly its own`),
      );
    const base = { ...context, rules: revision.rules, payloads: new Payloads(revision.system) };
    const key = await signingKey(context.store);
    const tokens = new AccessTokens(key, revision.system, context.config.accessTokenSeconds);
    const core: Core = {
      ...base,
      tokens,
      ...openLoginGuard(key, context.config.passwordCostLog2),
      uploads: new Uploads(base),
    };
    await ensureAdmin(core);
    return {
      realtime: realtimePorts(core),
      routes: (events) => Router().use(discodeitRoutes(core, revision, events), pageRoutes()),
      close: () => core.uploads.close(),
    };
  };
}
