// Servers that break one rule each, made from the reference server by changing a line of its source. They prove the
// verifier: a clause exists only with its killer. Terms: mutant – must turn its clauses red; variant – behaves as a
// field note says and must fail no MUST; mistake – a common error of the field that must be named by its diagnosis.

import { posix } from "node:path";
import type { ClauseId } from "../contract/catalogue.ts";
import type { ServedSystem } from "../systems/served/wire.ts";
import { startServer, type ServerProcess } from "./embedded.ts";
import { crashIn } from "./crash.ts";
import type { Patch } from "./patch.ts";

export interface Fault {
  id: string;
  /** What the server does wrong, as a sentence. */
  what: string;
  patches: readonly Patch[];
  /** Run with this revision; absent: discodeit-1. */
  system?: ServedSystem;
  /** Added to the server's environment; to the stack's variables with `stack`. */
  environment?: Readonly<Record<string, string>>;
}

export interface Mutant extends Fault {
  /** Needs two instances: run on its own stack, whose nginx configuration may be patched, too. */
  stack?: true;
  /** The clauses that it must turn red. */
  red: readonly [ClauseId, ...ClauseId[]];
}

const modulesDir = "targets/mutants/discodeit/modules";

/** Shorthand for the usual fault: one line of one file. */
export const patch = (file: string, find: string, replace: string): Patch => ({ file, find, replace });

/** Shorthand for what a patch needs besides: an import, or what is remembered, in a line before the first. */
export const prepend = (file: string, line: string): Patch => ({ file, find: "", replace: line });

/** Shorthand for what a patch calls of targets/mutants/discodeit/modules/. */
export const importing = (file: string, names: string, module: string): Patch =>
  prepend(file, `import { ${names} } from "${posix.relative(posix.dirname(file), `${modulesDir}/${module}`)}";`);

/** Shorthand for a module of the server that one of targets/mutants/discodeit/modules/ stands in for. */
export const swap = (file: string, by: string): Patch => ({ file, by: `${modulesDir}/${by}` });

/** A server that is broken on purpose. */
export interface Broken {
  /**
   * Closes it. Resolves with what its code failed of, undefined when it only did what it was meant to: it died, or
   * printed an error that says that its code is wrong (targets/crash.ts).
   */
  end(): Promise<string | undefined>;
}

/** The server with one fault, serving only the fault's system. Throws HarnessError when it does not start. */
export async function startFaulty(
  fault: Pick<Fault, "patches" | "system" | "environment">,
): Promise<ServerProcess & Broken> {
  let crash: string | undefined;
  const server = await startServer({
    preload: [new URL("./faulty-loader.ts", import.meta.url).href],
    environment: {
      SYSTEMS: fault.system ?? "discodeit-1",
      ROLLCALL_FAULTS: JSON.stringify(fault.patches),
      ...fault.environment,
    },
    onLine: (line) => (crash ??= crashIn(line)),
  });
  let dead: string | undefined;
  let isClosing = false;
  void server.exited.then((code) => {
    if (!isClosing) dead = `the server died (${code === null ? "by a signal" : `exit code ${code}`})`;
  });
  const close = async (): Promise<void> => {
    isClosing = true;
    await server[Symbol.asyncDispose]();
  };
  return {
    ...server,
    async end() {
      await close();
      return crash ?? dead;
    },
    [Symbol.asyncDispose]: close,
  };
}
