import { describe, expect, test } from "vitest";
import type { Capability } from "../../contract/clause.ts";
import { demoAdmin } from "../../contract/wire.ts";
import { freePorts } from "../../targets/compose-room.ts";
import { startFaulty } from "../../targets/faulty.ts";
import { mistakenServers, type MistakenServer } from "../../targets/mistakes.ts";
import { secondPortVariable } from "../../targets/second-port.ts";
import type { Target } from "../../targets/target.ts";
import { diagnoses } from "./diagnosis.ts";
import { runContract, type RunResult } from "./run.ts";

async function run({ mistakes, environment, secondPort }: MistakenServer): Promise<RunResult> {
  const [port] = await freePorts(1);
  await using server = await startFaulty({
    patches: mistakes.flatMap(({ patches }) => patches),
    environment: { ...environment, [secondPortVariable]: String(port) },
  });
  const first = server.urls["discodeit-1"];
  const target: Target = {
    name: "mistaken",
    system: "discodeit-1",
    instances: secondPort === true ? [first, `http://127.0.0.1:${port}`] : [first],
    capabilities: new Set<Capability>(["admin", ...(secondPort === true ? (["two-instances"] as const) : [])]),
    admin: demoAdmin,
    ours: true,
  };
  return await runContract({ target, only: mistakes.map(({ clause }) => clause), timeoutMs: 2_000 });
}

test("every diagnosis has a server that makes the mistake", () => {
  const made = mistakenServers.flatMap(({ mistakes }) => mistakes.map(({ diagnosis }) => diagnosis));
  expect(made.toSorted()).toEqual(Object.keys(diagnoses).toSorted());
});

describe.concurrent("each mistake is called by its name", () => {
  test.each(mistakenServers.map((server) => [server.mistakes.map(({ diagnosis }) => diagnosis).join(", "), server] as const))("%s", async (_, server) => {
    const { verdicts } = await run(server);
    const given = server.mistakes.map(({ clause }) => {
      const verdict = verdicts.find(({ id }) => id === clause);
      return [clause, verdict?.diagnosis ?? `${verdict?.kind}: ${verdict?.because}`];
    });
    expect(given).toEqual(server.mistakes.map(({ diagnosis, clause }) => [clause, diagnoses[diagnosis as keyof typeof diagnoses]]));
  });
});
