// Backends of our own making that resemble nothing built in, each verified with the rollcall.config.ts beside it: all
// of it holds, and what is broken on purpose is found by the clause that is about it.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { actions } from "../../contract/shared/actions.ts";
import { runNow } from "../../drivers/programs.ts";
import { freeRow } from "../../targets/compose/room.ts";
import { folderOf, startOwn, type OwnBackend } from "../own/start.ts";
import { rollcall, type Ended } from "./rollcall.ts";

interface Verdict {
  id: string;
  kind: string;
  because?: string;
}

/** With the config beside the backend. */
async function verify({ url, folder }: OwnBackend, ...flags: string[]): Promise<Ended & { verdicts: Verdict[] }> {
  const config = ["--config", join(folder, "rollcall.config.ts")];
  const ended = await rollcall(["verify", url, ...config, "--json", ...flags]);
  const { runs } = JSON.parse(ended.stdout) as { runs: { verdicts: Verdict[] }[] };
  return { ...ended, verdicts: runs.flatMap(({ verdicts }) => verdicts) };
}

const troubleIn = (verdicts: readonly Verdict[]): string[] =>
  verdicts
    .filter(({ kind }) => !["pass", "unsupported", "not scored"].includes(kind))
    .map(({ id, kind, because }) => `${kind} ${id}: ${because}`);

/** Of these areas, one clause after the other, this clause alone fails, for that reason. */
async function expectAlone(backend: OwnBackend, only: string, id: string, words: RegExp): Promise<void> {
  const { verdicts, code } = await verify(backend, "--only", only, "--jobs", "1");
  const fails = verdicts.filter(({ kind }) => kind === "fail");
  expect(fails).toMatchObject([{ id, because: expect.stringMatching(words) }]);
  expect(code).toBe(1);
}

describe("Express with bare WebSocket JSON and events", () => {
  const server = [process.execPath, "server.ts"] as const;

  test("all of it holds, and every function of its config works", async () => {
    await using backend = await startOwn("express-sse", server);
    const config = ["--config", join(backend.folder, "rollcall.config.ts")];
    const checked = await rollcall(["init", "--check", backend.url, ...config]);
    expect(checked.code, checked.stdout + checked.stderr).toBe(0);
    const { verdicts, code, stderr } = await verify(backend, "--strict");
    expect(troubleIn(verdicts)).toEqual([]);
    expect(verdicts.filter(({ kind }) => kind === "pass").length).toBeGreaterThan(20);
    expect([code, stderr]).toEqual([0, ""]);
  });

  test.each([
    ["echoes", "raw.echo-as-defined", /heard/],
    ["forgets", "replay.exactly-the-missing", /./],
    ["admits", "rooms.strangers-hear-no-socket", /a stranger heard 3 of three/],
    ["gossips", "rooms.strangers-hear-no-event", /a stranger heard/],
  ])("a server that %s breaks %s", async (mutant, id, words) => {
    await using backend = await startOwn("express-sse", server, { OWN_MUTANT: mutant });
    const { verdicts, code } = await verify(backend, "--only", "raw,replay,rooms");
    const fails = verdicts.filter(({ kind }) => kind === "fail");
    expect(fails.map((verdict) => verdict.id)).toContain(id);
    expect(fails.find((verdict) => verdict.id === id)!.because).toMatch(words);
    // Nothing else is blamed for it.
    expect(new Set(fails.map((verdict) => verdict.id.split(".")[0]))).toEqual(new Set([id.split(".")[0]]));
    expect(code).toBe(1);
  });
});

/** Whether a program is there; tests of what needs it say why they are skipped. */
const isThere = (program: string): boolean => runNow("sh", ["-c", `command -v ${program}`], { deadlineMs: 5_000 }).ok;
const hasRabbit = existsSync("/usr/lib/rabbitmq/bin/rabbitmq-server");

describe(`RabbitMQ with listed users${hasRabbit ? "" : " (skipped: apt-get install rabbitmq-server)"}`, () => {
  test.skipIf(!hasRabbit)("nothing that must hold is broken", { timeout: 240_000 }, async () => {
    const port = String(await freeRow(11));
    await using backend = await startOwn("rabbitmq", ["sh", "start.sh"], { PORT: port });
    const { verdicts, code } = await verify(backend);
    // What its makers know: it does not escape its message-ids, and hangs up without an ERROR.
    expect(troubleIn(verdicts).filter((line) => !line.startsWith("weak "))).toEqual([]);
    expect(verdicts.filter(({ kind }) => kind === "pass").length).toBeGreaterThan(25);
    expect(code).toBe(0);
  });

  test.skipIf(!hasRabbit)(
    "what a proxy in front of it breaks is found by its clause",
    { timeout: 240_000 },
    async () => {
      const port = String(await freeRow(11));
      await using broker = await startOwn("rabbitmq", ["sh", "start.sh"], { PORT: port });
      for (const [mutant, id, words] of [
        ["doubles", "subscribe.exactly-once", /2 times to one subscription/],
        ["keeps", "subscribe.unsubscribe-one", /unsubscribed subscription goes on hearing/],
      ] as const) {
        const env = { OWN_MUTANT: mutant, BROKER: broker.url };
        await using proxy = await startOwn("rabbitmq", [process.execPath, "proxy.ts"], env);
        await expectAlone(proxy, "subscribe,send", id, words);
      }
    },
  );
});

const hasMaven = isThere("mvn") && isThere("java");

describe(`a Spring game without texts${hasMaven ? "" : " (skipped: apt-get install maven)"}`, () => {
  const java = ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-jar", "target/game.jar"] as const;
  let built: ReturnType<typeof runNow> | undefined;

  beforeAll(() => {
    if (hasMaven)
      built = runNow("mvn", ["-q", "-B", "-ntp", "package"], { cwd: folderOf("game"), deadlineMs: 500_000 });
  }, 600_000);

  /** Without a repository of packages there is no game to verify; whatever else fails is ours. */
  function checkBuilt(skip: (condition: boolean, note: string) => void): void {
    skip(
      built === undefined || /Could not (resolve|transfer)|Unknown host/.test(built.stdout),
      "Maven gets no packages",
    );
    expect(built!.ok, built!.failure).toBe(true);
  }

  test("nothing is broken", { timeout: 300_000 }, async ({ skip }) => {
    checkBuilt(skip);
    await using backend = await startOwn("game", java, { SERVER_PORT: "0" });
    const { verdicts, code } = await verify(backend);
    expect(troubleIn(verdicts)).toEqual([]);
    expect(verdicts.filter(({ kind }) => kind === "pass").map(({ id }) => id)).toEqual(
      expect.arrayContaining(Object.keys(actions)),
    );
    expect(verdicts.filter(({ kind }) => kind === "pass").length).toBeGreaterThan(13);
    expect(code).toBe(0);
  });

  test.for([
    ["forgets", "actions.reach-every-subscriber", /^of 2 subscribers 1 heard nothing of ready$/],
    ["repeats", "actions.effects-come-once", /came 2 times to one subscription$/],
    ["strays", "actions.other-rooms-are-silent", /^an effect was heard in another room/],
  ] as const)("a game that %s breaks %s", { timeout: 300_000 }, async ([mutant, id, words], { skip }) => {
    checkBuilt(skip);
    await using backend = await startOwn("game", java, { SERVER_PORT: "0", OWN_MUTANT: mutant });
    await expectAlone(backend, "actions", id, words);
  });
});
