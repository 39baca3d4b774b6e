import { describe, expect, test } from "vitest";
import type { Capability } from "../../contract/clause.ts";
import { demoAdmin, systemNames, type SystemName } from "../../systems/discodeit/wire.ts";
import type { Verdict } from "../../checkers/verdict.ts";
import { freePorts } from "../../targets/compose/room.ts";
import { startFaulty } from "../../targets/faulty.ts";
import { mistakenServers, type MistakenServer } from "../../targets/mistakes.ts";
import { secondPortVariable } from "../../targets/second-port.ts";
import type { Target } from "../../systems/target.ts";
import { diagnoses as shared } from "../../runner/diagnosis.ts";
import { wiringMistakes } from "../../systems/discodeit/mistakes.ts";
import { runContract } from "../../runner/run.ts";
import { discodeitSystems } from "../../systems/discodeit/definition.ts";

const diagnoses = { ...shared, ...wiringMistakes };

type Given = { system: SystemName; verdicts: Verdict[] };

async function run({ mistakes, environment, secondPort }: MistakenServer): Promise<Given[]> {
  const [port] = await freePorts(1);
  await using server = await startFaulty({
    patches: mistakes.flatMap(({ patches }) => patches),
    environment: { ...environment, SYSTEMS: systemNames.join(","), [secondPortVariable]: String(port) },
  });
  const given: Given[] = [];
  for (const system of systemNames) {
    const only = mistakes.filter((mistake) => (mistake.system ?? "discodeit-1") === system).map(({ clause }) => clause);
    if (only.length === 0) continue;
    const hasSecond = secondPort === true && system === systemNames[0];
    const target: Target = {
      name: "mistaken",
      system: discodeitSystems[system],
      instances: hasSecond ? [server.urls[system], `http://127.0.0.1:${port}`] : [server.urls[system]],
      capabilities: new Set<Capability>(["admin", ...(hasSecond ? (["two-instances"] as const) : [])]),
      admin: demoAdmin,
      throwAway: true,
    };
    given.push({ system, verdicts: (await runContract({ target, only, house: true, timeoutMs: 2_000 })).verdicts });
  }
  // It makes the mistake, and no other: it does not fail as code.
  expect(await server.end()).toBeUndefined();
  return given;
}

test("every diagnosis has a server that makes the mistake", () => {
  const made = mistakenServers.flatMap(({ mistakes }) => mistakes.map(({ diagnosis }) => diagnosis));
  expect(made.toSorted()).toEqual(Object.keys(diagnoses).toSorted());
});

describe.concurrent("each mistake is called by its name", () => {
  test.each(
    mistakenServers.map((server) => [server.mistakes.map(({ diagnosis }) => diagnosis).join(", "), server] as const),
  )("%s", async (_, server) => {
    const given = await run(server);
    const named = server.mistakes.map(({ clause, system = "discodeit-1" }) => {
      const verdict = given.find((item) => item.system === system)?.verdicts.find(({ id }) => id === clause);
      return [clause, verdict?.diagnosis ?? `${verdict?.kind}: ${verdict?.because}`];
    });
    expect(named).toEqual(
      server.mistakes.map(({ diagnosis, clause }) => [clause, diagnoses[diagnosis as keyof typeof diagnoses]]),
    );
  });
});
