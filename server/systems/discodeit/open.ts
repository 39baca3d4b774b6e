// How is a Discodeit system put together? The schema is brought up to date, the signing key read, the core made, the
// admin created.

import { createHmac, randomBytes } from "node:crypto";
import { ensureAdmin } from "./domain/accounts.ts";
import type { Core } from "./domain/core.ts";
import { fillNameKeys } from "./domain/names.ts";
import { Payloads } from "./domain/payloads.ts";
import { Uploads } from "./domain/uploads.ts";
import { FairGate } from "../../security/fair-gate.ts";
import { Passwords } from "../../security/passwords.ts";
import { AccessTokens } from "../../security/tokens.ts";
import { migrate } from "../../store/migrate.ts";
import { schemaOf } from "../../store/open-store.ts";
import type { Store } from "../../store/store.ts";
import type { OpenSystem } from "../system.ts";
import { realtimePorts } from "./realtime.ts";
import type { Revision } from "./revision.ts";
import { discodeitRoutes } from "./routes/routes.ts";

export const migrations = new URL("./migrations/", import.meta.url);

/** One at a time is as many as the embedded store runs; on PostgreSQL it is some 1,000 a second. */
const lookupsMax = 1;
const lookupsWaitingMax = 1_000;

export function openDiscodeit(revision: Revision): OpenSystem {
  return async (context) => {
    await migrate(context.store, schemaOf(revision.system), migrations);
    const twinCount = await fillNameKeys(context.store);
    if (twinCount > 0)
      context.onFault(
        new Error(`${twinCount} users have names that look like another's; each logs in by exactly its own`),
      );
    const base = { ...context, rules: revision.rules, payloads: new Payloads(revision.system) };
    const key = await signingKey(context.store);
    const tokens = new AccessTokens(key, revision.system, context.config.accessTokenSeconds);
    const placeOf = (address: string): string =>
      createHmac("sha256", key).update(address).digest("base64url").slice(0, 22);
    const core: Core = {
      ...base,
      tokens,
      placeOf,
      passwords: new Passwords(context.config.passwordCostLog2),
      loginLookups: new FairGate(lookupsMax, lookupsWaitingMax),
      uploads: new Uploads(base),
    };
    await ensureAdmin(core);
    return {
      realtime: realtimePorts(core),
      routes: (events) => discodeitRoutes(core, revision, events),
      close: () => core.uploads.close(),
    };
  };
}

/** The key of all instances of a system: made by the first, kept in its schema, so that it needs no configuration. */
async function signingKey(store: Store): Promise<Uint8Array> {
  const sql = "INSERT INTO settings (key, value) VALUES ('signing-key', $1) ON CONFLICT (key) DO NOTHING";
  await store.query(sql, [randomBytes(32).toString("base64url")]);
  const [row] = await store.query<{ value: string }>("SELECT value FROM settings WHERE key = 'signing-key'");
  if (!row) throw new Error("Cannot read the signing key: the row that was just written is missing");
  return Buffer.from(row.value, "base64url");
}
