// How are the study rooms put together? The schema is brought up to date, the signing key read, the core made, and what
// rooms were told compared with who is there.

import { Router } from "express";
import { accessSecondsMax } from "../../../systems/study-room/wire.ts";
import { panelRoutes } from "../../page.ts";
import { openLoginGuard } from "../../security/logins.ts";
import { signingKey } from "../../security/signing-key.ts";
import { AccessTokens } from "../../security/tokens.ts";
import type { Core } from "../core.ts";
import type { OpenSystem } from "../system.ts";
import { Registry } from "./domain/registry.ts";
import { realtimePorts } from "./realtime.ts";
import { studyRoomRoutes } from "./routes/routes.ts";

export const open: OpenSystem = async (context) => {
  const key = await signingKey(context.store);
  // An access token is good for as long as the configuration says, and no longer than the contract.
  const accessTokenSeconds = Math.min(context.config.accessTokenSeconds, accessSecondsMax);
  const core: Core = {
    ...context,
    config: { ...context.config, accessTokenSeconds },
    ...openLoginGuard(key, context.config.passwordCostLog2),
    tokens: new AccessTokens(key, context.name, accessTokenSeconds),
  };
  const registry = new Registry(context);
  await registry.start();
  return {
    realtime: realtimePorts(core, registry),
    routes: (events, streams) => Router().use(panelRoutes(context.name), studyRoomRoutes(core, events, streams)),
    close: () => registry.close(),
  };
};
