// A Spring game without accounts and texts: what its actions cause is heard, and what is broken on purpose is found.

import { beforeAll, describe, expect, test } from "vitest";
import { actions } from "../../contract/shared/actions.ts";
import { runNow } from "../../drivers/programs.ts";
import { folderOf, startOwn } from "../own/start.ts";
import { expectAlone, troubleIn, verify } from "./own-backend.ts";

/** Whether a program is there; tests of what needs it say why they are skipped. */
const isThere = (program: string): boolean => runNow("sh", ["-c", `command -v ${program}`], { deadlineMs: 5_000 }).ok;
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
