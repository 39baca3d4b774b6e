import { describe, expect, test } from "vitest";
import { clausesOf } from "../../contract/catalogue.ts";
import type { Capability } from "../../contract/clause.ts";
import { demoAdmin, systemNames, type SystemName } from "../../contract/wire.ts";
import { freePorts } from "../../targets/compose-room.ts";
import { startFaulty } from "../../targets/faulty.ts";
import { secondPortVariable } from "../../targets/second-port.ts";
import type { Target } from "../../targets/target.ts";
import { variants, type Variant } from "../../targets/variants.ts";
import { runContract } from "./run.ts";
import { openTlsProxy } from "./tls-proxy.ts";

async function run({ id, notes, only, secondPort, behindTls }: Variant, system: SystemName): Promise<string[]> {
  const [port] = await freePorts(1);
  await using server = await startFaulty({
    system,
    patches: Object.values(notes).flat(),
    environment: { ...(secondPort === true && { [secondPortVariable]: String(port) }) },
  });
  await using proxy = behindTls === true ? await openTlsProxy(server.urls[system]) : undefined;
  const first = proxy?.url ?? server.urls[system];
  const target: Target = {
    name: id,
    system,
    instances: secondPort === true ? [first, `http://127.0.0.1:${port}`] : [first],
    capabilities: new Set<Capability>(["admin", ...(secondPort === true ? (["two-instances"] as const) : [])]),
    admin: demoAdmin,
    ...(proxy !== undefined && { ca: proxy.ca }),
    ours: false,
  };
  const clauses = clausesOf(system).filter((clause) => only.some((word) => clause === word || clause.startsWith(`${word}.`)));
  const { verdicts, leftBehind } = await runContract({ target, only: clauses });
  expect(verdicts.length).toBe(clauses.length);
  return [
    ...verdicts.filter(({ kind }) => kind !== "pass" && kind !== "weak" && kind !== "unsupported").map((verdict) => `${verdict.id} is ${verdict.kind}: ${verdict.because}`),
    ...leftBehind.map((what) => `left behind: ${what}`),
  ];
}

describe.concurrent("the verifier gets along with", () => {
  const cases = variants.flatMap((variant) => systemNames.map((system) => [variant.id, system, variant] as const));
  test.each(cases)("%s (%s)", async (_, system, variant) => {
    const trouble = await run(variant, system);
    const rightly = (line: string): boolean => variant.rightly?.some((id) => line.startsWith(`${id} is fail`)) === true;
    expect(trouble.filter((line) => !rightly(line))).toEqual([]);
    expect(trouble.filter(rightly).length).toBe(variant.rightly?.length ?? 0);
  });
});
