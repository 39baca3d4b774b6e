// Are the verdicts of a target the same each time, and does anything grow? It is verified some times in a row, then some
// times while every processor is kept busy. Each run is compared with the first, clause by clause.
// `node tests/bench/verdicts.ts [--quiet 3] [--busy 10] [URL...]`; without a URL: Rollcall's own server, and its memory
// and open connections are read after each run. Wanted: no difference in a row; under load no fail that the first run
// does not have; nothing left behind. Exits with 1 otherwise. ROLLCALL_ADMIN as for `verify`.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Verdict } from "../../checkers/verdict.ts";
import { ProgramError, run, start } from "../../drivers/programs.ts";
import { demoAdmin } from "../../systems/discodeit/wire.ts";
import { startServer } from "../../targets/embedded.ts";

interface Report {
  runs: {
    verdicts: Pick<Verdict, "id" | "kind" | "because">[];
    counts: Record<string, number>;
    durationMs: number;
    manifest: { leftBehind: string[] };
  }[];
}

const { values, positionals } = parseArgs({
  options: { quiet: { type: "string", default: "3" }, busy: { type: "string", default: "10" } },
  allowPositionals: true,
});
await using server =
  positionals.length > 0 ? undefined : await startServer({ environment: { SYSTEMS: "discodeit-1" } });
const urls = server === undefined ? positionals : [server.urls["discodeit-1"]];
const admin = process.env["ROLLCALL_ADMIN"] ?? `${demoAdmin.username}:${demoAdmin.password}`;
const directory = await mkdtemp(path.join(tmpdir(), "rollcall-verdicts-"));

async function verify(): Promise<Report["runs"][number]> {
  try {
    await run(process.execPath, ["cli/main.ts", "verify", ...urls, "--report", directory], {
      deadlineMs: 30 * 60_000,
      env: { ...process.env, ROLLCALL_ADMIN: admin },
    });
  } catch (error) {
    // A target with failures is as good as any; one without a report is not.
    if (!(error instanceof ProgramError)) throw error;
  }
  const report = JSON.parse(await readFile(path.join(directory, "report.json"), "utf8")) as Report;
  await rm(path.join(directory, "report.json"));
  return report.runs[0]!;
}

/** What the server itself says of its size, after a run. */
async function size(): Promise<string> {
  if (server === undefined) return "";
  const status = await readFile(`/proc/${server.pid}/status`, "utf8");
  const metrics = await (await fetch(`${urls[0]}/metrics`)).text();
  const connections = [...metrics.matchAll(/^rollcall_connections(?:\{.*\})? (\d+)$/gm)].map(([, count]) =>
    Number(count),
  );
  const open = connections.reduce((sum, count) => sum + count, 0);
  return ` · ${Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024)} MiB, ${open} connections`;
}

let first: Map<string, string> | undefined;
let isGood = true;

async function once(name: string, judgeDifference: (before: string, now: string) => boolean): Promise<void> {
  const { verdicts, counts, durationMs, manifest } = await verify();
  const kinds = new Map(verdicts.map(({ id, kind }) => [id, kind]));
  first ??= kinds;
  const differing = verdicts.filter(({ id, kind }) => first?.get(id) !== kind);
  const shown = Object.entries(counts).flatMap(([kind, count]) => (count === 0 ? [] : [`${count} ${kind}`]));
  console.log(`${name}: ${shown.join(", ")} · ${(durationMs / 1_000).toFixed(0)} s${await size()}`);
  for (const { id, kind, because } of differing) {
    const before = first.get(id) ?? "absent";
    const isBad = judgeDifference(before, kind);
    isGood &&= !isBad;
    console.log(`  ${isBad ? "!" : " "} ${id}: ${before} -> ${kind}${because === undefined ? "" : ` – ${because}`}`);
  }
  for (const left of manifest.leftBehind) console.log(`  left behind: ${left}`);
  isGood &&= manifest.leftBehind.length === 0;
}

for (let i = 1; i <= Number(values.quiet); i++) await once(`in a row ${i}`, () => true);
const busy = Array.from({ length: Number(values.busy) > 0 ? availableParallelism() : 0 }, () =>
  start(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }),
);
try {
  for (let i = 1; i <= Number(values.busy); i++)
    await once(`busy ${i}`, (_, now) => now === "fail" || now === "broken");
} finally {
  for (const process of busy) process.kill("SIGKILL");
  await rm(directory, { recursive: true });
}
process.exitCode = isGood ? 0 : 1;
