// What a user sees who mistyped something: exit 3, one clear message, nothing started.

import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openFolder, rollcall } from "./rollcall.ts";

test.concurrent.each<[string, string[], string]>([
  ["an unknown flag", ["verify", "--no-such-flag"], "unknown option '--no-such-flag'"],
  ["an unknown command", ["verfiy"], "unknown command 'verfiy'"],
  [
    "an unknown clause",
    ["verify", "--only", "connect.no-such"],
    'no clause or area is called "connect.no-such"; did you mean connect.',
  ],
  ["a pattern that matches nothing", ["verify", "--only", "sokjs.*"], '--only: no clause matches "sokjs.*"; '],
  ["a cause of no report", ["verify", "--only", "duplicate"], "name one with --from DIR; `rollcall explain duplicate`"],
  [
    "a clause of another system",
    ["verify", "http://127.0.0.1:9", "--system", "study-room", "--only", "marks"],
    "--only: study-room has none of these clauses: marks.others-have-it-unread is one of redis-chat",
  ],
  [
    "an instance that is named twice",
    ["verify", "http://127.0.0.1:9", "http://127.0.0.1:9/"],
    "http://127.0.0.1:9 is named twice",
  ],
  [
    "a URL without a scheme",
    ["verify", "localhost:8080"],
    '"localhost:8080" is no URL: it begins with http:// or https://; did you mean http://localhost:8080?',
  ],
  [
    "an unknown system",
    ["verify", "http://127.0.0.1:9", "--system", "discord"],
    'unknown system "discord": known are discodeit-1, discodeit-2',
  ],
  ["an unknown capability", ["verify", "--capability", "magic"], 'unknown capability "magic"'],
  [
    "a configuration that is not there",
    ["verify", "--config", "/no/such.json"],
    "--config: there is no file /no/such.json",
  ],
  [
    "a CA that is not there",
    ["verify", "https://127.0.0.1:9", "--ca", "/no/such.pem"],
    "--ca: cannot read /no/such.pem",
  ],
  [
    "a server elsewhere without --yes",
    ["verify", "http://chat.example.org", "--system", "discodeit-1"],
    "It is not on this machine: add --yes to agree",
  ],
  ["a server elsewhere of unknown system", ["verify", "http://chat.example.org"], "say --system, or --yes"],
  ["a number that is none", ["load", "--connections", "x"], '--connections takes a whole number from 1, not "x"'],
  ["no scenario", ["load"], "`rollcall load connections` loads the embedded server, `rollcall load URL` yours"],
  [
    "a scenario that is none",
    ["load", "nothing"],
    'unknown scenario "nothing": known are connections, fan-out, publish, reconnect-storm',
  ],
  ["a scenario that is mistyped", ["load", "fanout"], "did you mean fan-out?"],
  [
    "a driver that cannot",
    ["load", "reconnect-storm", "--driver", "k6"],
    "--driver k6: reconnect-storm is driven by engine alone",
  ],
  [
    "a load elsewhere that nobody answers for",
    ["load", "mixed-day", "http://chat.example.org", "--system", "discodeit-1"],
    "200 connections and 60 accounts will be made there; if it is yours, add --i-own-this-target",
  ],
  [
    "a null run of something",
    ["load", "connections", "http://localhost:8080", "--null-run"],
    "--null-run loads a sink of our own: leave http://localhost:8080 out",
  ],
  ["a threshold of another scenario", ["load", "connections", "--back", "5"], "--back is for the storms"],
  [
    "a fault scenario that is none",
    ["verify", "--faults", "flood"],
    '--faults: no scenario is called "flood": known are instance-killed',
  ],
  ["--minutes without --faults", ["verify", "--minutes", "3"], "--minutes needs --faults"],
  ["--times without --faults", ["verify", "--times", "3"], "--times needs --faults"],
  [
    "clauses beside --faults",
    ["verify", "--faults", "--only", "sse"],
    "--only is about clauses: it does not go with --faults",
  ],
  ["a URL behind --faults", ["verify", "--faults", "http://127.0.0.1:9"], "the URL goes before it"],
  [
    "a short fault in a long run",
    ["verify", "--faults", "half-open", "--minutes", "1"],
    "--minutes: half-open is none of the faults of a long run",
  ],
  [
    "--times of one long run",
    ["verify", "--faults", "--minutes", "3", "--times", "3"],
    "--minutes is one long run: --times does not go with it",
  ],
  [
    "faults for a URL without a file that says how",
    ["verify", "http://127.0.0.1:9", "--faults", "kafka-killed"],
    'says how, as {"kafka-killed"',
  ],
  [
    "a flag of event streams for another system",
    ["verify", "http://127.0.0.1:9", "--system", "discodeit-1", "--publish-url", "http://127.0.0.1:9/p"],
    "--publish-url is about an event stream: it goes with --system sse, not discodeit-1",
  ],
  [
    "a mutant that is none",
    ["mutants", "--only", "conect.with-a-token"],
    'error: --only: no mutant matches "conect.with-a-token"; did you mean connect.with-a-token',
  ],
  ["a mutant like no other", ["mutants", "--only", "xyzzy-plugh"], 'no mutant matches "xyzzy-plugh"; areas are '],
  ["clauses of an unknown system", ["clauses", "--system", "x"], 'unknown system "x"'],
  [
    "an explanation of what is none",
    ["explain", "sse.contnt-type"],
    'no clause and no cause is called "sse.contnt-type"; did you mean sse.content-type',
  ],
])("%s is a usage error", async (_, args, message) => {
  const { code, stdout, stderr } = await rollcall(args);
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
});

test("an unknown id in a list of known failures is a usage error", async () => {
  using folder = openFolder();
  const path = join(folder.path, "known.json");
  writeFileSync(path, '{"connect.no-such":{"reason":"x"}}');
  const { code, stderr } = await rollcall(["verify", "--known-failing", path]);
  expect(stderr).toContain('--known-failing: no clause is called "connect.no-such"');
  expect(code).toBe(3);
});

test("two runs do not write one report at once", async () => {
  using folder = openFolder();
  const path = join(folder.path, ".rollcall.lock");
  writeFileSync(path, JSON.stringify({ pid: process.pid, host: hostname() }));
  const { code, stderr } = await rollcall(["verify", "http://127.0.0.1:9", "--report", folder.path]);
  expect(stderr).toContain(`cannot write into ${folder.path}: another run (process ${process.pid}) is under way`);
  expect(code).toBe(3);
});

test("a configuration is checked before anything is done", async () => {
  using folder = openFolder();
  const path = join(folder.path, "rollcall.config.json");
  writeFileSync(
    path,
    JSON.stringify({
      target: {
        urls: ["http://127.0.0.1:9"],
        ca: "no PEM",
        faults: { "instance-kiled": { begin: "true", end: "true" } },
      },
    }),
  );
  const { code, stderr } = await rollcall(["verify", "--config", path]);
  expect(stderr).toMatch(
    /rollcall\.config\.json: line 1: target\.ca: no certificate in PEM .*; line 1: target\.faults.*instance-kil/,
  );
  expect(code).toBe(3);
});

test.each([
  ['{ urls: "http://h" }', 'target.urls: expected a list, as ["http://localhost:8080"]'],
  ["{ urls: [] }", 'target.urls: expected a list, as ["http://localhost:8080"]'],
  ['{ redis: { host: "h" } }', "target.redis.port: expected a port, as 6379"],
  ['{ admin: "admin:s3cret" }', 'target.admin: expected { "username": "admin", "password": "secret" }'],
  ['"http://h"', 'target: expected { "urls": ["http://localhost:8080"] }'],
])("a configuration whose target is %s is told what is expected, in plain words", async (target, words) => {
  using folder = openFolder();
  writeFileSync(join(folder.path, "rollcall.config.ts"), `export default { target: ${target} };`);
  const { code, stderr } = await rollcall(["verify"], { cwd: folder.path });
  expect(stderr).toContain(words);
  expect(stderr).not.toMatch(/Invalid input|Too small|s3cret/);
  expect(code).toBe(3);
});

test.each(["commonjs", "module", undefined])(
  "a configuration in TypeScript is read in a project of type %s",
  async (type) => {
    using folder = openFolder();
    const path = join(folder.path, "rollcall.config.ts");
    writeFileSync(join(folder.path, "package.json"), JSON.stringify({ type }));
    writeFileSync(join(folder.path, "system.ts"), 'export const system: string = "discord";');
    writeFileSync(
      path,
      'import { system } from "./system.ts";\nexport default { target: { urls: ["http://127.0.0.1:9"] as string[] }, system };',
    );
    const { code, stderr } = await rollcall(["verify", "--config", path]);
    expect(stderr).toMatch(/rollcall\.config\.ts: system: .*discodeit-1/);
    expect(code).toBe(3);
  },
);

test("a configuration in CommonJS is read", async () => {
  using folder = openFolder();
  const path = join(folder.path, "rollcall.config.js");
  writeFileSync(join(folder.path, "package.json"), '{"type":"commonjs"}');
  writeFileSync(path, 'module.exports = { system: "discord" };');
  expect((await rollcall(["verify", "--config", path])).stderr).toMatch(/rollcall\.config\.js: system: .*discodeit-1/);
});

test("an admin without a colon is a usage error", async () => {
  const { code, stderr } = await rollcall(["verify", "http://127.0.0.1:9", "--system", "discodeit-1"], {
    env: { ROLLCALL_ADMIN: "admin" },
  });
  expect(stderr).toContain("ROLLCALL_ADMIN takes name:password");
  expect(code).toBe(3);
});

test("the launcher passes the exit code and the output on", async () => {
  const [help, wrong] = await Promise.all([
    rollcall(["verify", "--help"], { program: "launcher" }),
    rollcall(["verify", "--jobs", "x"], { program: "launcher" }),
  ]);
  expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining("Exit codes:") as string });
  expect(wrong).toMatchObject({ code: 3, stderr: expect.stringContaining("--jobs takes a whole number") as string });
});

test.each(["verify", "clauses", "serve", "doctor", "stack", "load", "init", "mutants", "judge", "report", "explain"])(
  "%s --help has examples that name real options",
  async (name) => {
    const { code, stdout } = await rollcall([name, "--help"]);
    expect(code).toBe(0);
    const [usage, examples = ""] = stdout.split(/^Examples?:$/m);
    expect(examples).toContain(`rollcall ${name}`);
    const subcommands =
      name === "stack" ? await Promise.all(["up", "down"].map((each) => rollcall([name, each, "--help"]))) : [];
    const known = [usage!, ...subcommands.map((each) => each.stdout)].join("\n");
    for (const [flag] of examples
      .split("\n\n")[0]!
      .replaceAll(/\$\([^)]*\)/g, "") // other programs' own
      .matchAll(/(?<=\s)--[a-z][a-z-]*/g))
      expect(known).toContain(flag);
  },
);

test("clauses are listed by area", async () => {
  const { stdout } = await rollcall(["clauses", "--system", "stomp", "connect", "sse.content-type"]);
  const ids = stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ +/)[1]!);
  expect(ids).toContain("sse.content-type");
  expect(ids.length).toBeGreaterThan(5);
  expect(ids.filter((id) => !/^(connect\.|sse\.content-type$)/.test(id))).toEqual([]);
  expect(await rollcall(["clauses", "conect"])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('no clause or area is called "conect"; did you mean con') as string,
  });
});

test("clauses are listed for people and scripts", async () => {
  const [table, json] = await Promise.all([
    rollcall(["clauses", "--system", "discodeit-1"]),
    rollcall(["clauses", "--json"]),
  ]);
  expect(table.stdout).toMatch(/^MUST +connect\./m);
  expect(JSON.parse(json.stdout)).toContainEqual(
    expect.objectContaining({ id: "witness.fetch", level: "MUST", proof: "tests/contract/shared/witness.ts" }),
  );
});

test("a clause and a cause are explained for people and scripts", async () => {
  const [clause, cause] = await Promise.all([
    rollcall(["explain", "subscribe.exactly-once"]),
    rollcall(["explain", "duplicate", "--json"]),
  ]);
  expect(clause).toMatchObject({ code: 0, stderr: "" });
  for (const title of [
    "What must hold",
    "Why",
    "How it is proved",
    "How it usually breaks",
    "How it is mended\n  duplicate  ",
  ])
    expect(clause.stdout).toContain(`\n${title}`);
  expect(JSON.parse(cause.stdout)).toMatchObject({
    cause: "duplicate",
    seen: "duplicate delivery",
    clauses: expect.arrayContaining([expect.objectContaining({ clause: "subscribe.exactly-once" })]) as unknown,
  });
});
