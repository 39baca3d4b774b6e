// What a run on a server of the user's own comes to: selection, known failures, reports, and what a liar is worth.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clausesOf, type ClauseId } from "../../contract/catalogue.ts";
import type { Report } from "../../reports/report.ts";
import { startServer, type ServerProcess } from "../../targets/embedded.ts";
import { patch, startFaulty } from "../../targets/faulty.ts";
import { openFolder, rollcall } from "./rollcall.ts";
import { openWatcher } from "./watcher.ts";

let server: ServerProcess;
beforeAll(async () => void (server = await startServer()));
afterAll(async () => await server[Symbol.asyncDispose]());

const [one, two] = ["discodeit-1", "discodeit-2"] as const;

test("without --system it finds out what the server speaks, and says how; no progress where there is no terminal", async () => {
  for (const [system, how] of [
    [one, "login takes JSON"],
    [two, "login takes form fields"],
  ] as const) {
    const { code, stdout, stderr } = await rollcall(["verify", server.urls[system], "--only", "frames"]);
    expect(stderr).toContain(`${server.urls[system]} speaks ${system}: ${how}`);
    expect(stdout + stderr).not.toMatch(/\r|\p{Cc}\[/u);
    expect(stdout).toMatch(/^\d+ pass, \d+ not scored · \d+ of \d+ clauses scored/m);
    expect(code).toBe(0);
  }
});

test("the wrong --system is reported with the right one, and leaves nobody behind", async () => {
  for (const [right, wrong] of [
    [one, two],
    [two, one],
  ] as const) {
    await using watcher = await openWatcher(server.urls[right], right);
    const { code, stdout, stderr } = await rollcall([
      "verify",
      server.urls[right],
      "--system",
      wrong,
      "--only",
      "frames",
    ]);
    expect(stderr).toContain(`next: It speaks ${right}: say --system ${right}, or leave --system away`);
    expect(stderr).not.toMatch(/left behind|\n\s+at /);
    expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
    expect(await watcher.strangers()).toEqual([]);
  }
});

test("--only selects ids and areas, and --json prints nothing but JSON", async () => {
  const { code, stdout, stderr } = await rollcall([
    "verify",
    server.urls[one],
    "--system",
    one,
    "--only",
    "frames,witness.fetch",
    "--json",
  ]);
  const { runs } = JSON.parse(stdout) as Report;
  const wanted = clausesOf(one).filter((id) => id.startsWith("frames.") || id === "witness.fetch");
  expect(runs[0]!.verdicts.map(({ id }) => id)).toEqual(wanted);
  expect(runs[0]!.manifest).toMatchObject({
    clausesSelected: wanted.length,
    clausesJudged: wanted.length,
    interrupted: false,
    leftBehind: [],
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

test("what ran not at all is never green", async () => {
  const elsewhere = clausesOf(two).find((id) => !clausesOf(one).includes(id))!;
  const nothing = await rollcall(["verify", server.urls[one], "--system", one, "--only", elsewhere]);
  expect(nothing).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(`--only: ${one} has none of these clauses: ${elsewhere} is one of`) as string,
  });
  const unsupported = await rollcall(["verify", server.urls[one], "--system", one, "--only", "proxy"]);
  expect(unsupported).toMatchObject({
    code: 2,
    stdout: expect.stringMatching(/\d+ unsupported · 0 of \d+ clauses scored/) as string,
  });
});

test("a wrong admin is reported before it would turn clauses red", async () => {
  const { code, stderr } = await rollcall(["verify", server.urls[one], "--system", one, "--only", "frames"], {
    env: { ROLLCALL_ADMIN: "admin:not-the-password" },
  });
  expect(stderr).toContain('Cannot log in as the admin "admin"');
  expect(stderr).not.toContain("not-the-password");
  expect(code).toBe(4);
});

test("without an admin, the clauses that need one are unsupported", async () => {
  await using other = await startServer({ environment: { SYSTEMS: one, ADMIN_PASSWORD: "another-1234!" } });
  const { code, stdout } = await rollcall([
    "verify",
    other.urls[one],
    "--system",
    one,
    "--only",
    "channels,frames",
    "--json",
  ]);
  const { verdicts, target } = (JSON.parse(stdout) as Report).runs[0]!;
  expect(verdicts.filter(({ kind }) => kind !== "pass" && kind !== "unsupported" && kind !== "not scored")).toEqual([]);
  expect(verdicts.find(({ kind }) => kind === "unsupported")?.because).toContain("needs admin");
  expect(target.capabilities).not.toContain("admin");
  expect(code).toBe(0);
});

const copiesClause: ClauseId = "subscribe.exactly-once";

test("a known failure is expected while it fails, and fails when it passes", async () => {
  using folder = openFolder();
  const list = join(folder.path, "known.json");
  writeFileSync(
    list,
    JSON.stringify({ [copiesClause]: { reason: "every MESSAGE comes twice", link: "https://example.org/7" } }),
  );
  const fault = {
    id: "x",
    what: "x",
    patches: [
      patch(
        "server/stomp/broker.ts",
        "for (const member of members) member.deliver(message);",
        "for (const member of [...members, ...members]) member.deliver(message);",
      ),
    ],
  };
  await using faulty = await startFaulty(fault);
  const verify = (url: string, ...flags: string[]): ReturnType<typeof rollcall> =>
    rollcall(["verify", url, "--system", one, "--only", copiesClause, ...flags]);
  expect(await verify(faulty.urls[one])).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(new RegExp(`^fail  ${copiesClause}`, "m")) as string,
  });
  expect(await verify(faulty.urls[one], "--known-failing", list)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("every MESSAGE comes twice (https://example.org/7): ") as string,
  });
  expect(await verify(server.urls[one], "--known-failing", list)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining("take it off the list") as string,
  });
  // What one cause broke is run again by its name, as the console and report.json have it.
  const dir = join(folder.path, "report");
  const first = await verify(faulty.urls[one], "--report", dir);
  expect(first.stdout).toContain("(cause duplicate)");
  const [{ causes = [] } = {}] = (JSON.parse(readFileSync(join(dir, "report.json"), "utf8")) as Report).runs;
  expect(causes).toMatchObject([{ id: "duplicate", clauses: [copiesClause] }]);
  const healed = await rollcall(["verify", server.urls[one], "--only", "duplicate", "--report", dir]);
  expect(healed).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^1 pass · 1 of \d+ clauses scored/m) as string,
  });
  // The list is written from a run, reasons that somebody wrote stay, and what holds again goes.
  const written = join(folder.path, "written.json");
  const said = (what: string): string => expect.stringContaining(`known failing: ${written} lists ${what}`) as string;
  expect(await verify(faulty.urls[one], "--write-known-failing", written)).toMatchObject({
    code: 1,
    stdout: said(`1; added 1 (${copiesClause})`),
  });
  expect(JSON.parse(readFileSync(written, "utf8"))).toMatchObject({
    [copiesClause]: { reason: expect.stringMatching(/duplicate|copies|times/) as string },
  });
  writeFileSync(written, readFileSync(list));
  const again = await verify(faulty.urls[one], "--known-failing", written, "--write-known-failing", written);
  expect(again).toMatchObject({ code: 0, stdout: said("1; kept the reasons of 1") });
  expect(JSON.parse(readFileSync(written, "utf8"))).toEqual(JSON.parse(readFileSync(list, "utf8")));
  const mended = await verify(server.urls[one], "--write-known-failing", written);
  expect(mended).toMatchObject({ code: 0, stdout: said(`0; dropped, they hold now: 1 (${copiesClause})`) });
});

test("a config in the working folder is read, and the run's first line says so", async () => {
  using folder = openFolder();
  writeFileSync(
    join(folder.path, "rollcall.config.ts"),
    `export default { target: { urls: [${JSON.stringify(server.urls[one])}] as string[] }, system: "discodeit-1" };`,
  );
  const here = await rollcall(["verify", "--only", "frames.crlf"], { cwd: folder.path });
  expect(here.stderr.split("\n", 1)).toEqual(["config: rollcall.config.ts"]);
  expect(here.stdout).toContain(server.urls[one]);
  expect(here.code).toBe(0);
  const ours = await rollcall(["verify", "--embedded", "--system", one, "--only", "frames.crlf"], { cwd: folder.path });
  expect(ours.stderr).toMatch(/^verifying Rollcall's own server, embedded/);
  expect(ours.stdout).not.toContain(server.urls[one]);
  expect(ours.code).toBe(0);
});

test.each(["rollcall.config.json", "rollcall.config.mjs"])("%s without a URL is a usage error", async (name) => {
  using folder = openFolder();
  writeFileSync(join(folder.path, name), name.endsWith("json") ? "{}" : "export default {};");
  const { code, stdout, stderr } = await rollcall(["verify", "--only", "frames.crlf"], { cwd: folder.path });
  expect(stderr).toContain(`${name} names no URL: add "target"`);
  expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  // With a URL the rest of it is used.
  const url = await rollcall(["verify", server.urls[one], "--only", "frames.crlf"], { cwd: folder.path });
  expect(url.stderr).toContain(`config: ${name}`);
  expect(url.code).toBe(0);
});

test("a liar's refusals are worth nothing: what rests on them is inconclusive", async () => {
  const fault = {
    id: "liar",
    what: "answers whoever asks for anything to read",
    patches: [
      patch(
        "server/systems/discodeit/routes/routes.ts",
        "const principal = await authenticate(core, token);",
        `const principal = await authenticate(core, token);
    if (!principal && request.method === "GET") return void response.json([]);`,
      ),
    ],
  };
  await using liar = await startFaulty(fault);
  const { code, stdout } = await rollcall([
    "verify",
    liar.urls[one],
    "--only",
    "accounts.update-only-self,frames",
    "--json",
  ]);
  const { verdicts, canary } = (JSON.parse(stdout) as Report).runs[0]!;
  expect(canary).toEqual({
    honest: false,
    because: expect.stringContaining("with a garbage bearer token were answered 2xx") as string,
  });
  expect(verdicts.find(({ id }) => id === "accounts.update-only-self")).toMatchObject({
    kind: "inconclusive",
    because: expect.stringContaining("not to be trusted in refusals") as string,
  });
  expect(verdicts.some(({ kind }) => kind === "pass")).toBe(true);
  expect(code).toBe(2);
});

test("a report is written in three forms, and rendered again the same", async () => {
  using folder = openFolder();
  const dir = join(folder.path, "report");
  const { code, stdout } = await rollcall([
    "verify",
    server.urls[one],
    "--system",
    one,
    "--only",
    "frames,proxy",
    "--report",
    dir,
  ]);
  expect(stdout).toContain(`report: ${join(dir, "report.html")}`);
  expect(code).toBe(0);
  const read = (): string[] =>
    ["report.json", "junit.xml", "report.html"].map((name) => readFileSync(join(dir, name), "utf8"));
  const before = read();
  const again = await rollcall(["report", join(dir, "report.json")]);
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("clauses scored") as string });
  expect(read()).toEqual(before);
});
