// What a run of several systems came to, at one glance: a line each, and what all of them come to. Pure.

import type { VerdictKind } from "../checkers/verdict.ts";
import type { Report } from "./report.ts";

export const shownKinds = ["pass", "fail", "weak", "untested"] as const satisfies readonly VerdictKind[];

export type Came = "passed" | "failed" | "inconclusive" | "broken";

export interface OverviewRow {
  system: string;
  target: string;
  /** In the order of `shownKinds`; undefined: no clause was judged. */
  counts: readonly number[] | undefined;
  came: Came;
}

const cameTo: Readonly<Record<number, Came>> = { 0: "passed", 1: "failed", 2: "inconclusive" };

/** Runs in their order, then what could not be verified at all. Fewer than two need no overview. */
export function overviewOf({ runs, broken }: Report): OverviewRow[] {
  const rows = [
    ...runs.map(({ target, counts, exitCode }): OverviewRow => ({
      system: target.system,
      target: target.name,
      counts: shownKinds.map((kind) => counts[kind]),
      came: cameTo[exitCode] ?? "broken",
    })),
    ...broken.map(({ target, system }): OverviewRow => ({ system, target, counts: undefined, came: "broken" })),
  ];
  return rows.length < 2 ? [] : rows;
}

/** "all 8 systems passed", or which did not, worst first. */
export function overviewLine(rows: readonly OverviewRow[]): string {
  const by = Map.groupBy(rows, ({ came }) => came);
  const passed = by.get("passed")?.length ?? 0;
  if (passed === rows.length) return `all ${passed} systems passed`;
  const others = (["failed", "broken", "inconclusive"] as const).flatMap((came) => {
    const systems = by.get(came)?.map(({ system }) => system) ?? [];
    return systems.length === 0 ? [] : [`${systems.length} of ${rows.length} systems ${came}: ${systems.join(", ")}`];
  });
  return [...others, ...(passed === 0 ? [] : [`${passed} passed`])].join(" · ");
}
