// What teams run on a build server: the steps of the GitHub Action and of the GitLab template as scripts, with the
// variables that the platforms set.

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { run, ProgramError } from "../../drivers/programs.ts";
import { closedEnvironment } from "../../targets/environment.ts";
import { startFaulty } from "../../targets/faulty.ts";
import { mutants } from "../../targets/mutants.ts";
import { home, openFolder } from "./rollcall.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const textOf = (file: string): string => readFileSync(join(repository, file), "utf8");

interface Action {
  inputs: Record<string, { default: string }>;
  runs: { steps: { name?: string; run?: string; env?: Record<string, string> }[] };
}

let server: Awaited<ReturnType<typeof startFaulty>>;
beforeAll(async () => {
  server = await startFaulty(mutants.find(({ id }) => id === "subscribe-second-delivery")!);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function script(line: string, env: Record<string, string>, cwd: string): Promise<{ code: number; text: string }> {
  const variables = closedEnvironment({ HOME: home, NO_COLOR: "1", PATH: process.env["PATH"]!, ...env });
  try {
    const { stdout } = await run("bash", ["-c", line], { deadlineMs: 100_000, cwd, env: variables });
    return { code: 0, text: stdout };
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    const code = Number(/exit code (\d+)/.exec(error.message)?.[1]);
    return { code, text: error.stdout + error.message };
  }
}

/** The step as GitHub runs it: expressions are replaced, inputs that are not given have their defaults. */
async function step(inputs: Record<string, string>, cwd: string): Promise<{ code: number; text: string }> {
  const action = parse(textOf("action.yml")) as Action;
  const { run: line, env = {} } = action.runs.steps.find(({ name }) => name === "Verify")!;
  const valueOf = (expression: string): string => {
    const name = /^inputs\.([\w-]+)$/.exec(expression)?.[1];
    if (name !== undefined) return inputs[name] ?? action.inputs[name]!.default;
    expect(expression).toBe("github.action_path");
    return repository;
  };
  const variables = Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      value.replaceAll(/\$\{\{ (.+?) \}\}/g, (_, expression: string) => valueOf(expression)),
    ]),
  );
  const github = { GITHUB_ACTIONS: "true", GITHUB_ACTION_PATH: repository };
  return await script(line!, { ...github, GITHUB_STEP_SUMMARY: join(cwd, "summary.md"), ...variables }, cwd);
}

const url = (): string => server.urls["discodeit-1"];

test("on GitHub a cause is an annotation and in the summary, and the job fails", async () => {
  using folder = openFolder();
  const { code, text } = await step(
    { url: url(), system: "discodeit-1", args: "--only subscribe.exactly-once" },
    folder.path,
  );
  expect(code).toBe(1);
  expect(text).toMatch(/^::error title=Rollcall%3A duplicate::subscribe\.exactly-once: .*%0Aduplicate delivery: /m);
  expect(readFileSync(join(folder.path, "summary.md"), "utf8")).toContain("| `duplicate` | fail |");
  const report = join(folder.path, "rollcall-report");
  for (const name of ["report.html", "junit.xml", "summary.md", "badge.svg", "ctrf.json"])
    expect(existsSync(join(report, name)), name).toBe(true);
  expect(JSON.parse(readFileSync(join(report, "ctrf.json"), "utf8"))).toMatchObject({
    results: { summary: { tests: 1, failed: 1 } },
  });
});

test("what is known to fail fails no job, and is no error", async () => {
  using folder = openFolder();
  const known = join(folder.path, "known.json");
  writeFileSync(known, '{"subscribe.exactly-once": {"reason": "mended next week"}}');
  const inputs = { url: url(), system: "discodeit-1", args: "--only subscribe.exactly-once", "known-failing": known };
  const { code, text } = await step(inputs, folder.path);
  expect(text).not.toContain("::error");
  expect(code).toBe(0);
});

test("on GitLab the job is the script of the package, and keeps JUnit", async () => {
  const template = parse(textOf("deploy/ci/gitlab.yml")) as {
    ".rollcall": {
      script: string[];
      variables: Record<string, string>;
      artifacts: { reports: { junit: string }; paths: string[] };
    };
  };
  const { script: lines, variables, artifacts } = template[".rollcall"];
  expect(lines[0]).toBe("npm ci");
  using folder = openFolder();
  const line = lines[1]!.replace("node_modules/rollcall", repository);
  const more = { ROLLCALL: `node ${join(repository, "cli/rollcall.js")}`, ROLLCALL_URL: url() };
  const asked = { ROLLCALL_SYSTEM: "discodeit-1", ROLLCALL_ARGS: "--only subscribe.exactly-once", GITLAB_CI: "true" };
  const { code, text } = await script(line, { ...variables, ...more, ...asked }, folder.path);
  expect(code).toBe(1);
  expect(text).not.toContain("::error");
  const junit = artifacts.reports.junit.replace("$ROLLCALL_REPORT", variables["ROLLCALL_REPORT"]!);
  expect(readFileSync(join(folder.path, junit), "utf8")).toContain('failures="1"');
});

test("a run that was killed shows nothing of an earlier one", async () => {
  using folder = openFolder();
  const rollcall = `node ${join(repository, "cli/rollcall.js")}`;
  const asked = { ROLLCALL_URL: url(), ROLLCALL_SYSTEM: "discodeit-1", ROLLCALL_ARGS: "--only subscribe.exactly-once" };
  const github = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: join(folder.path, "summary.md") };
  const line = `bash ${join(repository, "deploy/ci/verify.sh")}`;
  expect((await script(line, { ROLLCALL: rollcall, ...asked, ...github }, folder.path)).text).toContain("::error");
  rmSync(github.GITHUB_STEP_SUMMARY);
  writeFileSync(join(folder.path, "killed"), `[ "$1" = verify ] && exit 137; exec ${rollcall} "$@"`);
  const { code, text } = await script(line, { ROLLCALL: "sh killed", ...asked, ...github }, folder.path);
  expect(code).toBe(137);
  expect(text).not.toContain("::error");
  expect(existsSync(github.GITHUB_STEP_SUMMARY)).toBe(false);
});

test("without a server the job says what to set", async () => {
  using folder = openFolder();
  const { code, text } = await step({}, folder.path);
  expect(code).toBe(3);
  expect(text).toContain("nothing to verify: set ROLLCALL_URL");
});
