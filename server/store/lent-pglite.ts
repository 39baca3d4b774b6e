// Stores for tests: a database in the process takes a second of a processor to open, so the tests of one worker take
// turns with one. Each gets the schemas of its systems, empty. Whoever breaks a database opens one of its own
// (`openStores`).

import { servedSystems, type ServedSystem } from "../../systems/served/wire.ts";
import { openStores } from "./open-store.ts";
import { migrationsOf, schemaOf } from "./schemas.ts";
import type { Store } from "./store.ts";

const idle: ReadonlyMap<ServedSystem, Store>[] = [];

/** Tables that migrations made stay: to make them again takes a hundred times as long as to empty them. */
async function empty(store: Store, system: ServedSystem): Promise<void> {
  const schema = schemaOf(system);
  if (migrationsOf(system) === undefined) return void (await store.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`));
  await store.transaction(async (tx) => {
    // In any order, whatever refers to what.
    await tx.query("SET LOCAL session_replication_role = replica");
    const sql = "SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 AND tablename <> 'migrations'";
    for (const { name } of await tx.query<{ name: string }>(sql, [schema])) await tx.query(`DELETE FROM ${name}`);
  });
}

/** A store per system, on a database that nobody else uses until one of the stores is closed. */
export async function lendStores<System extends ServedSystem>(
  systems: readonly System[],
  open = () => openStores(undefined, servedSystems),
): Promise<Map<System, Store>> {
  const database = idle.pop() ?? (await open());
  let closed = false;
  const lent = <T>(work: () => Promise<T>): Promise<T> =>
    closed ? Promise.reject(new Error("the store is closed")) : work();
  const close = (): Promise<void> => {
    if (!closed) idle.push(database);
    closed = true;
    return Promise.resolve();
  };
  const stores = systems.map((system): [System, Store] => {
    const store = database.get(system)!;
    return [
      system,
      {
        query: (sql, parameters) => lent(() => store.query(sql, parameters)),
        transaction: (work) => lent(() => store.transaction(work)),
        ping: () => lent(() => store.ping()),
        close,
      },
    ];
  });
  // Now, and not when it is closed: a drain has little time for that.
  for (const [system, store] of stores) await empty(store, system);
  return new Map(stores);
}
