// Hands a target to the runner and reports each verdict as a test. Which target is the Vitest project's choice: `-p
// contract@embedded`, `-p contract@stack`.

import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { catalogue, clausesOf, levelOf } from "../contract/catalogue.ts";
import type { Capability } from "../contract/clause.ts";
import { demoAdmin } from "../systems/discodeit/wire.ts";
import { servedSystems as systemNames, type ServedSystem } from "../systems/served/wire.ts";
import { systems } from "../systems/systems.ts";
import type { Verdict } from "../checkers/verdict.ts";
import { findChromium } from "../drivers/chromium.ts";
import { startServers } from "../targets/embedded.ts";
import { ownCapabilities } from "../targets/own.ts";
import type { Target } from "../systems/target.ts";
import { linesThatMatter } from "../reports/evidence.ts";
import { runContract, type RunResult } from "../runner/run.ts";
import { stackTarget } from "./stack.ts";

declare module "vitest" {
  interface ProvidedContext {
    targetName: "embedded" | "stack";
  }
}

/**
 * The embedded target is one instance without a proxy or a broker, and patience is for the stack: there these clauses
 * are judged. The stack lets no page of another origin in, which the embedded target does.
 */
const allowed = ({ because = "" }: Verdict): string[] => {
  const elsewhere =
    targetName === "embedded" ? /^needs (two-instances|kafka-tap|redis-tap|proxy|.*patience)/ : /^needs other-origin/;
  const isNoPartOfIt = because.startsWith("needs what the system's definition does not say");
  const isLeftOut =
    isNoPartOfIt || elsewhere.test(because) || (browser === undefined && because.startsWith("needs browser"));
  return isLeftOut ? ["pass", "unsupported"] : ["pass"];
};

/** Without a Chromium, what only a browser shows is unsupported. */
const browser = findChromium();

const targetName = inject("targetName");
let server: Awaited<ReturnType<typeof startServers>> | undefined;

const runs = new Map<ServedSystem, { run: Promise<RunResult>; verdicts: Map<string, PromiseWithResolvers<Verdict>> }>();

// Two systems at a time: patience of one is time for the other. The clauses that need patience run once: on the stack.
beforeAll(async () => {
  if (targetName === "embedded") server = await startServers(systemNames);
  const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];
  for (const [at, system] of systemNames.entries()) {
    const verdicts = new Map(clausesOf(system).map((id) => [id as string, Promise.withResolvers<Verdict>()]));
    const run = lanes[at % lanes.length]!.then(() =>
      runContract({
        target: targetOf(system),
        patient: targetName === "stack",
        house: true,
        // The others may be looked at again.
        onVerdict: (verdict) => void (verdict.kind === "pass" && verdicts.get(verdict.id)!.resolve(verdict)),
      }),
    );
    lanes[at % lanes.length] = run.catch(() => undefined); // reported by the tests
    run.then(
      (result) => {
        for (const verdict of result.verdicts) verdicts.get(verdict.id)!.resolve(verdict);
      },
      (error: unknown) => {
        for (const { reject } of verdicts.values()) reject(error);
      },
    );
    for (const { promise } of verdicts.values()) promise.catch(() => {}); // reported by the test that waits for it
    runs.set(system, { run, verdicts });
  }
});

afterAll(async () => {
  await Promise.allSettled([...runs.values()].map(({ run }) => run));
  await server?.[Symbol.asyncDispose]();
});

function targetOf(name: ServedSystem): Target {
  if (targetName === "stack") {
    const stack = stackTarget(name);
    if (browser === undefined) return stack;
    return { ...stack, browser, capabilities: new Set([...stack.capabilities, "browser"]) };
  }
  const system = systems[name]!;
  const { appoint, remove } = system.accounts ?? {};
  return {
    name: "embedded",
    system,
    instances: [server!.urls[name]],
    tcp: server!.tcp,
    capabilities: new Set<Capability>([
      ...ownCapabilities(system),
      ...(appoint === undefined ? [] : (["admin"] as const)),
      ...(browser === undefined ? [] : (["browser"] as const)),
    ]),
    ...(browser === undefined ? {} : { browser }),
    ...(appoint === undefined ? {} : { admin: demoAdmin }),
    // Where nobody can be deleted, no book is kept of who is there.
    throwAway: remove === undefined,
  };
}

describe.each(systemNames)(`${targetName} %s`, (system) => {
  test.each(clausesOf(system).map((id) => [id, levelOf(id, system), catalogue[id].text] as const))(
    "%s (%s) %s",
    async (id, _level, _text) => {
      const verdict = await runs.get(system)!.verdicts.get(id)!.promise;
      const evidence = linesThatMatter(verdict)
        .slice(-15)
        .map(
          ({ atMs, connection, direction, text }) =>
            `${Math.round(atMs)} ms ${connection} ${direction} ${text.slice(0, 200)}`,
        );
      expect(
        verdict.kind,
        [verdict.because, verdict.diagnosis, ...evidence].filter((line) => line !== undefined).join("\n"),
      ).toBeOneOf(allowed(verdict));
    },
  );

  test("everything the run created is deleted", async () => {
    expect((await runs.get(system)!.run).leftBehind).toEqual([]);
  });
});
