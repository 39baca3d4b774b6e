// Servers that break one rule each, made from the reference server by changing a line of its source. They prove the verifier: a clause exists only
// with its killer. Terms: mutant – must turn its clauses red; variant – behaves as a field note says and must fail no MUST; mistake – a common
// error of the field that must be named by its diagnosis.

import type { ClauseId } from "../contract/catalogue.ts";
import type { SystemName } from "../contract/wire.ts";
import { startServer, type ServerProcess } from "./embedded.ts";
import type { Patch } from "./patch.ts";

export interface Fault {
  id: string;
  /** What the server does wrong, as a sentence. */
  what: string;
  patches: readonly Patch[];
  /** Run with this revision; absent: discodeit-1. */
  system?: SystemName;
  /** Added to the server's environment; to the stack's variables with `stack`. */
  environment?: Readonly<Record<string, string>>;
}

export interface Mutant extends Fault {
  /** Needs two instances: run on a stack of its own, whose nginx configuration may be patched, too. */
  stack?: true;
  /** The clauses that it must turn red. */
  red: readonly [ClauseId, ...ClauseId[]];
}

/** Shorthand for the usual fault: one line of one file. */
export const patch = (file: string, find: string, replace: string): Patch => ({ file, find, replace });

/** The server with one fault, serving only the fault's system. */
export async function startFaulty(fault: Pick<Fault, "patches" | "system" | "environment">): Promise<ServerProcess> {
  return await startServer({
    preload: [new URL("./faulty-loader.ts", import.meta.url).href],
    environment: { SYSTEMS: fault.system ?? "discodeit-1", ROLLCALL_FAULTS: JSON.stringify(fault.patches), ...fault.environment },
  });
}
