// How are the study rooms put together? The schema is brought up to date, the signing key read, the core made, and what
// rooms were told compared with who is there.

import { createHmac } from "node:crypto";
import { FairGate } from "../../security/fair-gate.ts";
import { Passwords } from "../../security/passwords.ts";
import { signingKey } from "../../security/signing-key.ts";
import { AccessTokens } from "../../security/tokens.ts";
import { migrate } from "../../store/migrate.ts";
import { schemaOf } from "../../store/open-store.ts";
import type { OpenSystem } from "../system.ts";
import { accessSecondsOf, type Core } from "./domain/core.ts";
import { Registry } from "./domain/registry.ts";
import { realtimePorts } from "./realtime.ts";
import { studyRoomRoutes } from "./routes/routes.ts";

const migrations = new URL("./migrations/", import.meta.url);

/** One at a time is as many as the embedded store runs. */
const lookupsMax = 1;
const lookupsWaitingMax = 1_000;

export const open: OpenSystem = async (context) => {
  await migrate(context.store, schemaOf(context.name), migrations);
  const key = await signingKey(context.store);
  const core: Core = {
    ...context,
    passwords: new Passwords(context.config.passwordCostLog2),
    loginLookups: new FairGate(lookupsMax, lookupsWaitingMax),
    tokens: new AccessTokens(key, context.name, accessSecondsOf(context.config)),
    placeOf: (address) => createHmac("sha256", key).update(address).digest("base64url").slice(0, 22),
  };
  const registry = new Registry(context);
  await registry.start();
  return {
    realtime: realtimePorts(core, registry),
    routes: (events, streams) => studyRoomRoutes(core, events, streams),
    close: () => registry.close(),
  };
};
