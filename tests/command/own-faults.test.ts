// `verify --faults` on a backend of somebody's own, whose rollcall.config.ts says by which commands it is killed and
// started again, and `judge` on what it wrote: rooms over bare WebSocket, where nothing answers what is said, and
// nothing can be read again.

import { existsSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { expect, test } from "vitest";
import type { Judgement } from "../../checkers/judge.ts";
import { run } from "../../drivers/programs.ts";
import { closedEnvironment } from "../../targets/environment.ts";
import { folderOf } from "../own/start.ts";
import { openFolder, rollcall, startRollcall } from "./rollcall.ts";

const name = "express-sse";
const config = path.join(folderOf(name), "rollcall.config.ts");
const id = "faults.instance-killed";

interface Own extends AsyncDisposable {
  env: Record<string, string>;
  url: string;
  /** Undefined: it does not run. */
  pid(): number | undefined;
  report: string;
}

/** It is started, killed and started again by the commands of its config. */
async function startOwn(mutant = ""): Promise<Own> {
  const folder = openFolder();
  const state = path.join(folder.path, "state");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    PATH: [path.dirname(process.execPath), process.env["PATH"]].join(path.delimiter),
    OWN_STATE: state,
    OWN_URL: url,
    OWN_MUTANT: mutant,
    PORT: String(port),
  };
  const pid = (): number | undefined =>
    existsSync(`${state}.pid`) ? Number(readFileSync(`${state}.pid`, "utf8")) : undefined;
  await run("sh", [path.join(folderOf(name), "start.sh")], { deadlineMs: 60_000, env: closedEnvironment(env) });
  return {
    env,
    url,
    pid,
    report: path.join(folder.path, "report"),
    [Symbol.asyncDispose]: () => {
      const running = pid();
      if (running !== undefined) process.kill(running, "SIGKILL");
      folder[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function verify(own: Own): Promise<{ verdict: Record<string, unknown>; code: number | null; judged: Judgement }> {
  const args = ["--config", config, "--faults", "instance-killed", "--report", own.report, "--json"];
  const { code, stdout, stderr } = await rollcall(["verify", ...args], { env: own.env });
  expect(stdout, stderr).not.toBe("");
  const { runs } = JSON.parse(stdout) as { runs: { verdicts: Record<string, unknown>[] }[] };
  const file = path.join(own.report, "tables.instance-killed.history.jsonl");
  const { stdout: judgement, stderr: trouble } = await rollcall(["judge", file, "--json"]);
  expect(judgement, trouble).not.toBe("");
  return { verdict: runs[0]!.verdicts[0]!, code, judged: JSON.parse(judgement) as Judgement };
}

test("it is killed and started again: what was said meanwhile is missed, and nothing is lost", async () => {
  await using own = await startOwn();
  const before = own.pid();
  const { verdict, code, judged } = await verify(own);
  expect(verdict).toMatchObject({ id, kind: "pass" });
  expect(code).toBe(0);
  expect(own.pid()).not.toBe(before);
  expect(judged).toMatchObject({
    complete: true,
    readers: 0,
    readsAgain: false,
    findings: [],
    deliveries: { lost: 0 },
  });
  expect(judged.deliveries.once).toBeGreaterThan(30);
  expect(judged.availability).toMatchObject([{ fault: "instance-killed" }]);
});

test("one that gives every seventh saying to nobody after that is found, though nothing answers what is said", async () => {
  await using own = await startOwn("mumbles");
  const { verdict, code, judged } = await verify(own);
  expect(verdict).toMatchObject({
    id,
    kind: "fail",
    because: expect.stringMatching(/^lost: .* was not pushed .*, but what came after it/) as string,
  });
  expect(code).toBe(1);
  expect(judged.deliveries).toMatchObject({ foreign: 0, ghost: 0, duplicate: 0, reordered: 0 });
  expect(judged.deliveries.lost).toBeGreaterThan(0);
});

test("Ctrl-C while everybody talks: every seat is left, and the command ends", async () => {
  await using own = await startOwn();
  const args = ["verify", "--config", config, "--faults", "instance-killed", "--report", own.report];
  const running = startRollcall(args, { env: own.env, detached: true });
  const file = path.join(own.report, "tables.instance-killed.history.jsonl");
  const isTalking = (): boolean => existsSync(file) && readFileSync(file, "utf8").includes('"acknowledged"');
  await expect.poll(isTalking, { timeout: 60_000, interval: 20 }).toBe(true);
  process.kill(-running.child.pid!, "SIGINT");
  const { code, stdout, stderr } = await running.ended;
  expect(code, stdout + stderr).toBe(130);
});

test("Ctrl-C while it is away: it is started again before the command ends", async () => {
  await using own = await startOwn();
  const before = own.pid();
  const args = ["verify", "--config", config, "--faults", "instance-killed", "--report", own.report];
  const running = startRollcall(args, { env: own.env, detached: true });
  await expect.poll(() => own.pid(), { timeout: 60_000, interval: 20 }).not.toBe(before);
  process.kill(-running.child.pid!, "SIGINT");
  const { code, stdout, stderr } = await running.ended;
  expect(code, stdout + stderr).toBe(130);
  expect(own.pid()).toBeGreaterThan(0);
  expect((await fetch(`${own.url}/up`)).status).toBe(200);
});
