// What `rollcall load` accounts for, and what it leaves behind.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { k6File } from "../../cli/doctor/k6.ts";
import type { FanOutSummary } from "../../cli/load/fan-out.ts";
import type { LoadSummary } from "../../cli/load/summary.ts";
import { startServer, type ServerProcess } from "../../targets/embedded.ts";
import { startFaulty } from "../../targets/faulty.ts";
import { variants } from "../../targets/variants.ts";
import { startToy } from "../verifier/toy/server.ts";
import { openDeafProxy } from "./deaf-proxy.ts";
import { home, openFolder, rollcall, startRollcall } from "./rollcall.ts";
import { openSilentWay } from "./silent-way.ts";
import { toyConfig } from "./toy-config.ts";
import { openWatcher, type Watcher } from "./watcher.ts";

const system = "discodeit-1";
/** The command has its own home, without the k6 that `doctor` put into the real one. */
const env = { PATH: [path.dirname(k6File() ?? ""), process.env.PATH].join(path.delimiter) };
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

const drivers = ["k6", "engine"] as const;

test.each(drivers)(
  "%s: a socket that goes deaf loses every message that it does not hear, the last of its room too",
  async (driver) => {
    await using proxy = await openDeafProxy(server.urls[system]);
    const asked = ["--system", system, "--connections", "20", "--seconds", "12", "--driver", driver, "--json"];
    const { code, stdout, stderr } = await rollcall(["load", "connections", proxy.url, ...asked], { env });
    expect(stdout, stderr).not.toBe("");
    // Four rooms of five sockets and three messages each; a socket hears one of its three.
    expect(JSON.parse(stdout) as LoadSummary).toMatchObject({
      opened: 20,
      published: 12,
      expected: 60,
      delivered: 20,
      lost: 40,
      duplicate: 0,
      reordered: 0,
    });
    expect(code).toBe(1);
  },
);

const load = (url: string, ...more: string[]): string[] => [
  "load",
  "connections",
  url,
  "--system",
  system,
  "--connections",
  "20",
  ...more,
];

test.each([
  ["ws://127.0.0.1:9/ws", [], "Try: curl -i http://127.0.0.1:9/ws"],
  ["http://127.0.0.1:9", ["--system", "redis-chat"], "Try: curl -i http://127.0.0.1:9/member/create"],
  ["http://127.0.0.1:9", ["--system", "discodeit-1"], "Try: curl -i http://127.0.0.1:9/"],
])("nobody at %s: nothing stays there, and the next step is about that", async (url, more, next) => {
  const { code, stderr } = await rollcall(["load", url, ...more, "--connections", "5"], { env });
  expect(stderr).toContain("ECONNREFUSED");
  expect(stderr).toContain(`next: Is the server running, and is the address right? ${next}`);
  expect(stderr).not.toMatch(/stays there|left behind|init --check/);
  expect(code).toBe(4);
});

test.each(drivers)("%s: Ctrl-C: exit 130, it says so, and nothing stays behind", async (driver) => {
  const running = startRollcall(load(server.urls[system], "--seconds", "60", "--driver", driver), {
    env,
    detached: true,
  });
  await running.says(/^20 connections in/m);
  expect(await watcher.strangers()).not.toEqual([]);
  process.kill(-running.child.pid!, "SIGINT");
  expect(await running.ended).toMatchObject({
    code: 130,
    stderr: expect.stringMatching(/^interrupted: nothing that was made is left behind$/m) as string,
  });
  expect(await watcher.strangers()).toEqual([]);
});

test("engine: Ctrl-C on a terminal prints what is known so far", async () => {
  const running = startRollcall(load(server.urls[system], "--seconds", "60", "--driver", "engine"), {
    env,
    detached: true,
  });
  await running.says(/^20 of 20 subscribed; [1-9]/m);
  // All of the group hear it, the processes that hold the connections among them.
  process.kill(-running.child.pid!, "SIGINT");
  const { code, stdout, stderr } = await running.ended;
  expect(stdout).toMatch(/^20 of 20 connections subscribed, 0 refused, 0 dropped$/m);
  expect(stdout).toMatch(/^inconclusive: interrupted; \d+ of 60 messages were published and acknowledged$/m);
  expect(stderr).toMatch(/^interrupted: nothing that was made is left behind$/m);
  expect(code).toBe(130);
  expect(await watcher.strangers()).toEqual([]);
});

test("reconnect-storm: all are dropped and come back, and every delivery is accounted for", async () => {
  const asked = ["--system", system, "--connections", "40", "--seconds", "6", "--json"];
  const { code, stdout, stderr } = await rollcall(["load", "reconnect-storm", server.urls[system], ...asked], { env });
  expect(stdout, stderr).not.toBe("");
  expect(JSON.parse(stdout) as LoadSummary).toMatchObject({
    scenario: "reconnect-storm",
    verdict: "pass",
    opened: 40,
    published: 6,
    lost: 0,
    duplicate: 0,
    reordered: 0,
    foreign: 0,
    storm: { left: 40, returned: 40 },
  });
  expect(code).toBe(0);
});

test.each([
  ["sse-streams", ["--seconds", "3"], { expected: 120 }],
  // Of forty tabs, eight people's, some close and open again; nobody is owed what was said while a tab was closed.
  [
    "mixed-day",
    ["--seconds", "12", "--senders", "4"],
    { lost: 0, day: { logins: 12, failures: 0, readFailures: 0, closed: expect.any(Number) as unknown } },
  ],
  // A quarter of them is in each room.
  ["sockjs-fallback", ["--seconds", "4"], { expected: 40 }],
  [
    "replay-storm",
    ["--seconds", "4"],
    {
      expected: 1_600,
      missed: 0,
      storm: { left: 40, returned: 40 },
      replay: { afterMs: expect.anything() as unknown },
    },
  ],
  [
    "slow-readers",
    ["--connections", "50", "--rate", "5", "--seconds", "3"],
    { expected: 49 * 15, slow: { connections: 1, cut: 0 } },
  ],
] as const)(
  "%s: every delivery is accounted for, and the report says how it went",
  async (scenario, numbers, found) => {
    using folder = openFolder();
    const report = path.join(folder.path, "report");
    const asked = [
      "--system",
      system,
      "--connections",
      "40",
      ...numbers,
      "--p99",
      "5000",
      "--report",
      report,
      "--json",
    ];
    const { code, stdout, stderr } = await rollcall(["load", scenario, server.urls[system], ...asked], { env });
    expect(stdout, stderr).not.toBe("");
    const nothing = { lost: 0, duplicate: 0, reordered: 0, foreign: 0 };
    expect(JSON.parse(stdout) as LoadSummary).toMatchObject({ scenario, verdict: "pass", ...nothing, ...found });
    expect(code).toBe(0);
    const written = JSON.parse(readFileSync(path.join(report, "load.json"), "utf8")) as { samples: unknown[] };
    expect(written).toMatchObject({ schema: 1, summary: { scenario, verdict: "pass" } });
    expect(written.samples.length).toBeGreaterThan(0);
    expect(readFileSync(path.join(report, "load.html"), "utf8")).toContain("nothing is lost");
    expect(readFileSync(path.join(report, "junit.xml"), "utf8")).toContain('failures="0"');
  },
);

test("streams on which everybody hears what is published are loaded, too", async () => {
  const asked = ["--system", "sse", "--connections", "150", "--seconds", "3", "--rate", "4", "--json"];
  const { code, stdout, stderr } = await rollcall(["load", "replay-storm", ...asked], { env });
  expect(stdout, stderr).not.toBe("");
  expect(JSON.parse(stdout) as LoadSummary).toMatchObject({ verdict: "pass", opened: 150, published: 12, lost: 0 });
  expect(code).toBe(0);
});

test.each(drivers)("%s: a null run loads a sink, which passes on everything and stays nowhere", async (driver) => {
  const args = ["load", "connections", "--null-run", "--driver", driver, "--connections", "40", "--seconds", "3"];
  const { code, stdout, stderr } = await rollcall([...args, "--json"], { env });
  expect(stdout, stderr).not.toBe("");
  expect(JSON.parse(stdout) as LoadSummary).toMatchObject({ system: "sink", opened: 40, expected: 30, delivered: 30 });
  expect(code).toBe(0);
});

test("publish: the rate that many senders reach is found, or a sentence says why not", async () => {
  const asked = ["--system", "stomp", "--connections", "5", "--senders", "5", "--seconds", "1", "--p99", "5", "--json"];
  const { code, stdout, stderr } = await rollcall(["load", "publish", ...asked], { env });
  expect(stdout, stderr).not.toBe("");
  const summary = JSON.parse(stdout) as FanOutSummary;
  expect(summary.steps[0]).toMatchObject({ rate: 16 });
  expect([0, 1, 2]).toContain(code);
  expect(summary.exitCode).toBe(code);
  expect(summary.because.length > 0).toBe(code !== 0);
});

test("Ctrl-C while the embedded server starts: exit 130, and it says so", async () => {
  const running = startRollcall(["load", "connections"], { env, detached: true });
  await running.says(/^starting the embedded server/m);
  process.kill(-running.child.pid!, "SIGINT");
  const { code, stderr } = await running.ended;
  expect(stderr).toMatch(/^interrupted: nothing/m);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(code).toBe(130);
});

test("after SIGKILL, load --clean RUN deletes what was left behind", async () => {
  const running = startRollcall(load(server.urls[system], "--seconds", "60", "--json"), { env, detached: true });
  const [, run] = await running.says(/^run ([\da-f]+) of /m);
  await watcher.awaitStrangers(2);
  process.kill(-running.child.pid!, "SIGKILL");
  await running.ended;
  expect((await watcher.strangers()).every((name) => name.startsWith(`l${run}`))).toBe(true);
  const cleaned = await rollcall(["load", "--clean", run!]);
  expect(cleaned).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(new RegExp(`^run ${run}: 2 accounts and \\d+ rooms? deleted`)) as string,
  });
  expect(await watcher.strangers()).toEqual([]);
});

test("what cannot be deleted is named, with the command that tries again", async () => {
  await using dying = await startServer({ environment: { SYSTEMS: system } });
  const running = startRollcall(load(dying.urls[system], "--seconds", "60"), { env });
  const [, run] = await running.says(/^run ([\da-f]+) of /m);
  await running.says(/^20 connections in/m);
  process.kill(dying.pid, "SIGKILL");
  await dying.exited;
  running.child.kill("SIGINT");
  const { code, stderr } = await running.ended;
  expect(stderr).toMatch(
    new RegExp(`left behind  6: channel .*ECONNREFUSED.* and 3 more; next: npx rollcall load --clean ${run}`),
  );
  expect(stderr).toMatch(/^interrupted: what could not be deleted is named above$/m);
  expect(code).toBe(130);
});

test.each([
  ["in the hold", /^20 connections in/m],
  ["while accounts are made", /^making accounts/m],
])("a target that goes silent %s: one SIGINT ends the run, and what stays is named", async (_, said) => {
  await using way = await openSilentWay(server.urls[system]);
  const running = startRollcall(load(way.url, "--seconds", "60"), { env });
  const [, run] = await running.says(/^run ([\da-f]+) of /m);
  await running.says(said);
  await watcher.awaitStrangers(1);
  way.stop();
  const startMs = performance.now();
  running.child.kill("SIGINT");
  const { code, stderr } = await running.ended;
  // Seven seconds are its own limit.
  expect(performance.now() - startMs).toBeLessThan(12_000);
  expect(stderr).toMatch(new RegExp(`^left behind +\\d+: .*; next: npx rollcall load --clean ${run}$`, "m"));
  expect(stderr).toMatch(/^interrupted: what could not be deleted is named above$/m);
  expect(code).toBe(130);
  // The notes hold everybody; the address that is silent is the notes' own.
  const notes = path.join(home, `.cache/rollcall/runs/${run}.json`);
  writeFileSync(notes, readFileSync(notes, "utf8").replace(way.url, server.urls[system]));
  expect(await rollcall(["load", "--clean", run!])).toMatchObject({ code: 0 });
  expect(await watcher.strangers()).toEqual([]);
});

/** Few and short: what is asked is whether everything is accounted for, not how fast it is. */
const small = ["--connections", "12", "--ramp", "2", "--seconds", "4", "--p99", "60000", "--json"];
const all = { opened: 12, refused: 0, dropped: 0, published: 4, expected: 12, delivered: 12, lost: 0 };

test.each(["study-room", "redis-chat", "gateway-chat", "gateway-chat-secure", "stomp"])(
  "%s is driven by its definition",
  async (name) => {
    const { code, stdout, stderr } = await rollcall(["load", "connections", "--system", name, ...small], { env });
    expect(stdout, stderr).not.toBe("");
    expect(JSON.parse(stdout) as LoadSummary, stderr).toMatchObject({ ...all, system: name, verdict: "pass" });
    expect(code).toBe(0);
  },
);

test("a backend of somebody's own is driven by its config, and tidied up as that says", async () => {
  await using toy = await startToy();
  using folder = openFolder();
  writeFileSync(path.join(folder.path, "rollcall.config.ts"), toyConfig(toy.url));
  const { code, stdout, stderr } = await rollcall(["load", "--config", "rollcall.config.ts", ...small], {
    env,
    cwd: folder.path,
  });
  expect(stdout, stderr).not.toBe("");
  expect(JSON.parse(stdout) as LoadSummary, stderr).toMatchObject({ ...all, system: "toy-chat", verdict: "pass" });
  expect(code).toBe(0);
  expect(toy.members()).toEqual([]);
  const wrong = toyConfig(toy.url, [
    "destinations: (room) => [`/topic/rooms/${room.id}`]",
    "destinations: (room) => [`/topic/room/${room.id}`]",
  ]);
  writeFileSync(path.join(folder.path, "rollcall.config.ts"), wrong);
  expect(await rollcall(["load", ...small, "--config", "rollcall.config.ts"], { env, cwd: folder.path })).toMatchObject(
    {
      code: 4,
      stderr: expect.stringMatching(/Cannot load: not even one message comes through: [^\n]*\nnext: /) as string,
    },
  );
  expect(toy.members()).toEqual([]);
});

test("without RECEIPT frames a message is taken when its sender hears it", async () => {
  const variant = variants.find(({ id }) => id === "stomp-and-messages")!;
  await using silent = await startFaulty({ patches: variant.notes["only DISCONNECT has a receipt"]! });
  const { code, stdout, stderr } = await rollcall(
    ["load", silent.urls[system], "--system", system, ...small.filter((word) => word !== "--json")],
    { env },
  );
  expect(stderr).toContain("no RECEIPT frames: what its sender hears was taken");
  expect(stdout, stderr).toContain("4 messages published, 12 deliveries expected: 12 delivered, 0 lost");
  expect(code).toBe(0);
});

test.each([
  ["express-sse", /^error: load cannot drive tables: its definition has no `stomp`.*; next: /m],
  ["game", /^error: load cannot drive own-game: its definition does not say how a text is sent; next: /m],
])("what the definition of %s lacks is one line, before anybody is asked", async (name, line) => {
  const config = new URL(`../own/${name}/rollcall.config.ts`, import.meta.url).pathname;
  // Nobody answers at its URL.
  expect(await rollcall(["load", "--config", config], { env })).toMatchObject({
    code: 3,
    stdout: "",
    stderr: expect.stringMatching(line) as string,
  });
});
