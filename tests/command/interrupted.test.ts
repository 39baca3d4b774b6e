// A run that is interrupted tidies up and reports what it knows; a run that is killed can be tidied up after.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Report } from "../../reports/report.ts";
import { startServer, type ServerProcess } from "../../targets/embedded.ts";
import { home as homeOfRuns, openFolder, rollcall, startRollcall } from "./rollcall.ts";
import { openSilentWay } from "./silent-way.ts";
import { openWatcher, type Watcher } from "./watcher.ts";

const system = "discodeit-1";
let server: ServerProcess;
let watcher: Watcher;

beforeAll(async () => {
  server = await startServer({ environment: { SYSTEMS: system } });
  watcher = await openWatcher(server.urls[system], system);
});

afterAll(async () => {
  await watcher[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const args = (...more: string[]): string[] => ["verify", server.urls[system], "--system", system, ...more];

/** Enough of them exist when proofs are under way. */
const accountsUnderWay = 8;

test.each([
  ["SIGINT to the launcher alone, as a supervisor does", "SIGINT", false],
  ["SIGINT to the whole group, as a terminal does", "SIGINT", true],
  ["SIGTERM to the launcher alone", "SIGTERM", false],
] as const)("%s: exit 130, what was found out is reported, and nothing stays behind", async (_, signal, toGroup) => {
  using folder = openFolder();
  const running = startRollcall(args("--report", folder.path), { program: "launcher", detached: true });
  await watcher.awaitStrangers(accountsUnderWay);
  process.kill(toGroup ? -running.child.pid! : running.child.pid!, signal);
  const { code, stdout, stderr } = await running.ended;
  expect(stderr).toMatch(/^interrupted: nothing that was made is left behind$/m);
  expect(stderr).not.toMatch(/^left behind/m);
  expect(stdout).toMatch(/\d+ inconclusive.* · \d+ of \d+ clauses scored/);
  const { runs } = JSON.parse(readFileSync(join(folder.path, "report.json"), "utf8")) as Report;
  expect(runs[0]!.manifest).toMatchObject({ interrupted: true, leftBehind: [] });
  expect(runs[0]!.verdicts.length).toBeGreaterThan(0);
  expect(runs[0]!.verdicts.length).toBeLessThan(runs[0]!.manifest.clausesSelected);
  expect(
    runs[0]!.verdicts.filter(({ kind, because }) => kind === "inconclusive" && because === "interrupted"),
  ).not.toEqual([]);
  expect(await watcher.strangers()).toEqual([]);
  expect(code).toBe(130);
});

test("SIGINT before anything was proved: nothing stays behind", async () => {
  const running = startRollcall(args());
  await watcher.awaitStrangers(1);
  running.child.kill("SIGINT");
  expect(await running.ended).toMatchObject({
    code: 130,
    stderr: expect.stringMatching(/^interrupted: nothing/m) as string,
  });
  expect(await watcher.strangers()).toEqual([]);
});

/** The notes hold everybody; the address that is silent is the notes' own. */
async function cleanBehind(silentUrl: string, run: string): Promise<void> {
  const notes = join(homeOfRuns, `.cache/rollcall/runs/${run}.json`);
  writeFileSync(notes, readFileSync(notes, "utf8").replace(silentUrl, server.urls[system]));
  expect(await rollcall(["verify", "--clean", run])).toMatchObject({ code: 0 });
  expect(await watcher.strangers()).toEqual([]);
}

test.each([
  ["is measured", 1],
  ["is under proof", accountsUnderWay],
])("a target that goes silent while it %s: one SIGINT ends the run, and what stays is named", async (_, accounts) => {
  await using way = await openSilentWay(server.urls[system]);
  const running = startRollcall(["verify", way.url, "--system", system]);
  const [, run] = await running.says(/^run (\w+) of /m);
  await watcher.awaitStrangers(accounts);
  way.stop();
  const startMs = performance.now();
  running.child.kill("SIGINT");
  const { code, stderr } = await running.ended;
  // Seven seconds are its own limit.
  expect(performance.now() - startMs).toBeLessThan(10_000);
  expect(stderr).toMatch(new RegExp(`^left behind +\\d+: .*; next: npx rollcall verify --clean ${run}$`, "m"));
  expect(stderr).toMatch(/^interrupted: what could not be deleted is named above$/m);
  expect(code).toBe(130);
  expect((await watcher.strangers()).length).toBeGreaterThanOrEqual(accounts);
  await cleanBehind(way.url, run!);
});

test.each(["verify --faults instance-killed", "init --check"])(
  "a target that goes silent under %s: one SIGINT ends it, and what stays is named",
  async (command) => {
    await using way = await openSilentWay(server.urls[system]);
    using folder = openFolder();
    const faults = { "instance-killed": { begin: "true", end: "true" } };
    const config = { target: { urls: [way.url], faults }, system };
    writeFileSync(join(folder.path, "rollcall.config.json"), JSON.stringify(config));
    const running = startRollcall(command.split(" "), { cwd: folder.path });
    await watcher.awaitStrangers(1);
    way.stop();
    const startMs = performance.now();
    running.child.kill("SIGINT");
    const { code, stderr } = await running.ended;
    expect(performance.now() - startMs).toBeLessThan(10_000);
    const [, run] = /^left behind +\d+: .*; next: npx rollcall verify --clean (\w+)$/m.exec(stderr) ?? [];
    expect(stderr).toMatch(/^interrupted: what could not be deleted is named above$/m);
    expect(code).toBe(130);
    await cleanBehind(way.url, run!);
  },
);

test("after SIGKILL, verify --clean RUN deletes what was left behind, once", async () => {
  // Whom a test before left there says nothing of this run.
  expect(await watcher.strangers()).toEqual([]);
  const running = startRollcall(args());
  const [, run] = await running.says(/^run (\w+) of /m);
  await watcher.awaitStrangers(accountsUnderWay);
  running.child.kill("SIGKILL");
  await running.ended;
  expect((await watcher.strangers()).length).toBeGreaterThanOrEqual(accountsUnderWay);
  const cleaned = await rollcall(["verify", "--clean", run!]);
  expect(cleaned).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(new RegExp(`^run ${run}: \\d+ accounts? and \\d+ rooms? deleted`)) as string,
  });
  expect(await watcher.strangers()).toEqual([]);
  const again = await rollcall(["verify", "--clean", run!]);
  expect(again).toMatchObject({ code: 3, stderr: expect.stringContaining(`run "${run}" left no notes`) as string });
});

test("what still holds the process when all is tidied up, as a browser that closes slowly, is not waited for", async () => {
  const hold = `import { isMainThread } from "node:worker_threads"; if (isMainThread) setTimeout(() => {}, 3_600_000);`;
  const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(hold)}` };
  const running = startRollcall(args(), { env });
  await watcher.awaitStrangers(1);
  running.child.kill("SIGINT");
  const { code, stderr } = await running.ended;
  expect(stderr).toMatch(/^interrupted: nothing/m);
  expect(code).toBe(130);
});

test("the embedded server ends with the command, however that ends", async () => {
  const running = startRollcall(["verify", "--system", system], { detached: true });
  await running.says(/starting it …/);
  process.kill(-running.child.pid!, "SIGINT");
  const { code, stderr } = await running.ended;
  expect(stderr).toMatch(/^interrupted: nothing that was made is left behind$/m);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(code).toBe(130);
});

test("a signal while the command is still being loaded ends it with a word, too", async () => {
  // The signal comes as soon as the module of the subcommand is asked for.
  const hook = `import { registerHooks } from "node:module";
    registerHooks({ load(url, context, next) { if (url.endsWith("/cli/verify/verify.ts")) process.emit("SIGINT"); return next(url, context); } });`;
  const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(hook)}` };
  expect(await rollcall(args(), { env })).toEqual({ code: 130, stdout: "", stderr: "interrupted\n" });
});
