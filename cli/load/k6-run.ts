// k6 drives: our script reads the plan from a file, and leaves its metrics and what each socket heard in others.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HarnessError } from "../../drivers/errors.ts";
import { start } from "../../drivers/programs.ts";
import { closedEnvironment, trustVariables } from "../../targets/environment.ts";

export interface K6Result {
  /** The data of k6's handleSummary. */
  metrics: unknown;
  /** Lines of drivers/codecs/compact-history.ts. */
  history: string;
}

/**
 * Undefined when interrupted. The plan holds tokens: mode 0600, removed at
 * the end. Throws HarnessError when k6 does not end as it should.
 */
export async function runK6(k6: string, planText: string, signal: AbortSignal): Promise<K6Result | undefined> {
  if (signal.aborted) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "rollcall-load-"));
  try {
    const plan = join(folder, "plan.json");
    const summaryFile = join(folder, "summary.json");
    const historyFile = join(folder, "history.jsonl");
    writeFileSync(plan, planText, { mode: 0o600 });
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const script = fileURLToPath(new URL(`../../tests/load/connections.${extension}`, import.meta.url));
    const variables = ["-e", `PLAN=${plan}`, "-e", `SUMMARY=${summaryFile}`];
    const output = ["--log-format", "raw", "--console-output", historyFile];
    const args = ["run", "--quiet", "--no-usage-report", ...output, ...variables, script];
    const env = closedEnvironment({ K6_AUTO_EXTENSION_RESOLUTION: "false" }, trustVariables);
    const child = start(k6, args, { stdio: ["ignore", "ignore", "pipe"], env });
    let log = "";
    child.stderr.on("data", (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4_000)));
    const onAbort = (): void => void child.kill("SIGTERM");
    signal.addEventListener("abort", onAbort, { once: true });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", (error) => reject(new HarnessError(`Cannot run ${k6}: ${error.message}`, { cause: error })));
      child.once("exit", resolve);
    });
    signal.removeEventListener("abort", onAbort);
    if (signal.aborted) return undefined;
    // 0: all thresholds held · 99: one broke. Anything else is k6's own trouble.
    if (code !== 0 && code !== 99)
      throw new HarnessError(`Cannot finish the run: k6 exited with ${code}\n${log.slice(-1_500)}`);
    return { metrics: JSON.parse(readFileSync(summaryFile, "utf8")), history: readFileSync(historyFile, "utf8") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
