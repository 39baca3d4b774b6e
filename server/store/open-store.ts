// Which database is there? PostgreSQL when a URL is given, else PGlite in memory. One store per system, in the system's
// own schema: systems share code, never data.

import { setTimeout as delay } from "node:timers/promises";
import type { ServedSystem } from "../../systems/served/wire.ts";
import { migrate } from "./migrate.ts";
import { openPGlite } from "./pglite.ts";
import { PostgresStore } from "./postgres.ts";
import { migrationsOf, schemaOf } from "./schemas.ts";
import type { Store } from "./store.ts";
import { StoreUnavailableError } from "./store-errors.ts";

const triesMax = 10;
const pauseMs = 1_000;

/**
 * Opens a store per system, with its tables as they should be. Throws when the database does not answer within ten
 * tries, one second apart.
 */
export async function openStores<System extends ServedSystem>(
  databaseUrl: string | undefined,
  systems: readonly System[],
): Promise<Map<System, Store>> {
  const schemas = systems.map(schemaOf);
  const stores =
    databaseUrl === undefined
      ? await openPGlite(schemas)
      : schemas.map((schema) => new PostgresStore(databaseUrl, schema));
  try {
    for (const [index, system] of systems.entries()) {
      const store = stores[index]!;
      await awaitDatabase(store);
      const folder = migrationsOf(system);
      if (folder !== undefined) await migrate(store, schemaOf(system), folder);
    }
  } catch (error) {
    await Promise.all(stores.map((store) => store.close()));
    throw error;
  }
  return new Map(systems.map((system, index) => [system, stores[index] as Store]));
}

async function awaitDatabase(store: Store): Promise<void> {
  for (let tryCount = 1; ; tryCount += 1) {
    try {
      return await store.ping();
    } catch (error) {
      // An answer, such as a refused password, does not get better by asking again.
      if (!(error instanceof StoreUnavailableError) || tryCount === triesMax) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`Cannot open the database of DATABASE_URL: ${reason} (try ${tryCount} of ${triesMax})`, {
          cause: error,
        });
      }
      await delay(pauseMs);
    }
  }
}
