// Stores for tests: a database in the process takes a second of a processor to open, so the tests of one worker take
// turns with one. Each gets the schemas of its systems, empty. Whoever breaks a database opens one of its own
// (`openStores`).

import { servedSystems, type ServedSystem } from "../../systems/served/wire.ts";
import { openStores, schemaOf } from "./open-store.ts";
import type { Store } from "./store.ts";

const idle: ReadonlyMap<ServedSystem, Store>[] = [];

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
  for (const [system, store] of stores) await store.query(`DROP SCHEMA IF EXISTS ${schemaOf(system)} CASCADE`);
  return new Map(stores);
}
