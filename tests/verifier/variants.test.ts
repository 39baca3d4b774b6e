import { describe, expect, test } from "vitest";
import type { Verdict } from "../../checkers/verdict.ts";
import { clausesOf, type ClauseId } from "../../contract/catalogue.ts";
import type { Capability } from "../../contract/clause.ts";
import { findChromium } from "../../drivers/chromium.ts";
import { demoAdmin, systemNames as revisions } from "../../systems/discodeit/wire.ts";
import { freePorts } from "../../targets/compose/room.ts";
import { startFaulty } from "../../targets/faulty.ts";
import { secondPortVariable } from "../../targets/second-port.ts";
import type { Target } from "../../systems/target.ts";
import { variants, type Variant } from "../../targets/variants.ts";
import { runContract } from "../../runner/run.ts";
import { openTlsProxy } from "../contract/steps/tls-proxy.ts";
import { systemNamed } from "../../systems/systems.ts";

/** What a variant that says exactly what is red does not say of a verdict; undefined: it is as said. */
function surprise({ red, untested = [], green = [] }: NonNullable<Variant["exactly"]>, { id, kind, level }: Verdict) {
  if (red.includes(id as ClauseId)) return kind === "fail" || (kind === "weak" && level !== "MUST") ? undefined : "red";
  if (untested.includes(id as ClauseId)) return kind === "untested" ? undefined : "untested";
  if (green.includes(id as ClauseId)) return kind === "pass" ? undefined : "green";
  return ["pass", "unsupported", "untested", "not scored"].includes(kind) ? undefined : "green or untested";
}

/** What is not as it should be, and what was left behind. */
function troubleIn(variant: Variant, system: string, verdicts: readonly Verdict[]): string[] {
  const { exactly } = variant;
  if (exactly !== undefined)
    return verdicts.flatMap((verdict) => {
      const wanted = surprise(exactly, verdict);
      const { id, kind, because } = verdict;
      return wanted === undefined ? [] : [`${system}: ${id} is ${kind}, not ${wanted}: ${because}`];
    });
  // What is no MUST may rest on what the notes say is missing.
  const isFine = ({ kind, level, owner }: Verdict): boolean =>
    ["pass", "weak", "unsupported", "not scored"].includes(kind) ||
    // What one of the notes says outright: SockJS behind CSRF.
    (kind === "untested" && (level !== "MUST" || owner === "csrf.spares-sockjs"));
  return verdicts
    .filter((verdict) => !isFine(verdict))
    .map(({ id, kind, because }) => `${system}: ${id} is ${kind}: ${because}`);
}

/** What is not as it should be, and what was left behind. */
async function troubleWith(
  variant: Variant,
  system: string,
  instances: readonly [string, ...string[]],
): Promise<string[]> {
  await using proxy = variant.behindTls === true ? await openTlsProxy(instances[0]) : undefined;
  const isDiscodeit = revisions.some((revision) => revision === system);
  const target: Target = {
    name: variant.id,
    system: systemNamed(system)!,
    instances: proxy === undefined ? instances : [proxy.url, ...instances.slice(1)],
    capabilities: new Set<Capability>([
      ...(isDiscodeit ? (["admin"] as const) : []),
      ...(instances.length > 1 ? (["two-instances"] as const) : []),
      ...(variant.inBrowser === true ? (["browser"] as const) : []),
    ]),
    ...(variant.inBrowser === true && { browser: findChromium()! }),
    ...(isDiscodeit && { admin: demoAdmin }),
    ...(proxy !== undefined && { ca: proxy.ca }),
    throwAway: false,
  };
  const only = clausesOf(system).filter((clause) =>
    variant.only.some((word) => clause === word || clause.startsWith(`${word}.`)),
  );
  const { verdicts, leftBehind } = await runContract({ target, only });
  expect(only.filter((id) => !verdicts.some((verdict) => verdict.id === id))).toEqual([]);
  const left = variant.leavesBehind === true ? [] : leftBehind;
  return [...troubleIn(variant, system, verdicts), ...left.map((what) => `${system}: left behind: ${what}`)];
}

async function run(variant: Variant): Promise<string[]> {
  const systems = variant.systems ?? revisions;
  const [port] = await freePorts(1);
  await using server = await startFaulty({
    patches: Object.values(variant.notes).flat(),
    environment: {
      SYSTEMS: systems.join(","),
      ...variant.environment,
      ...(variant.secondPort !== undefined && { [secondPortVariable]: String(port) }),
    },
  });
  const second = `http://127.0.0.1:${port}`;
  const instancesOf = (first: string): [string, ...string[]] => {
    if (variant.secondPort === undefined) return [first];
    return variant.secondPort === "first" ? [second, first] : [first, second];
  };
  const trouble: string[] = [];
  for (const system of systems) trouble.push(...(await troubleWith(variant, system, instancesOf(server.urls[system]))));
  const crash = await server.end();
  return crash === undefined ? trouble : [...trouble, `crashed: ${crash}`];
}

describe.concurrent("the verifier gets along with", () => {
  const seen = variants.filter(({ inBrowser }) => inBrowser !== true || findChromium() !== undefined);
  test.each(seen.map((variant) => [variant.id, variant] as const))("%s", async (_, variant) => {
    const trouble = await run(variant);
    const rightly = (line: string): boolean =>
      variant.rightly?.some((id) => line.includes(`: ${id} is fail:`)) === true;
    expect(trouble.filter((line) => !rightly(line))).toEqual([]);
    expect(trouble.filter(rightly).length).toBe((variant.rightly?.length ?? 0) * (variant.systems ?? revisions).length);
  });
});
