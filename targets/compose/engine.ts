// Which Docker engine is meant, and why does it not answer? Docker takes the first of DOCKER_HOST, DOCKER_CONTEXT, and
// the context that `docker context use` chose; an address that somebody set once and forgot is the usual reason for
// silence.

import { runNow } from "../../drivers/programs.ts";

const answerDeadlineMs = 10_000;

/** What is wrong with the engine, and what to do about it. Undefined: it answers. */
export function engineTrouble(): { what: string; next: string } | undefined {
  const { ok } = runNow("docker", ["info", "--format", "{{.ID}}"], { deadlineMs: answerDeadlineMs });
  return ok ? undefined : silence(process.env);
}

/** The variable that says which engine is meant, if any. An engine of this machine's own is then nobody's concern. */
const chooser = (env: NodeJS.ProcessEnv): string | undefined =>
  ["DOCKER_HOST", "DOCKER_CONTEXT"].find((name) => (env[name] ?? "") !== "");
export const isEngineChosen = (): boolean => chooser(process.env) !== undefined;

export function silence(env: NodeJS.ProcessEnv): { what: string; next: string } {
  const name = chooser(env);
  if (name !== undefined)
    return {
      what: `the Docker engine of ${name}=${env[name]} does not answer`,
      next: `start that engine, or unset ${name}`,
    };
  return { what: "the Docker engine does not answer", next: "npx rollcall doctor --fix" };
}
