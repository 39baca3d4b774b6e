// Which clauses does `--only` name? By ids, areas, patterns, and the causes of a report. A word that names nothing is a
// usage error: a filter that matches nothing must not look green.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { catalogue, isClauseId, type ClauseId } from "../../contract/catalogue.ts";
import { diagnosisById, listCauses } from "../../reports/cause-ids.ts";
import { folderOf, reportIn } from "../read-report.ts";
import { UsageError } from "./usage-error.ts";

/** What each cause of a report broke, by its id; undefined: no such cause. */
export interface Causes {
  /** The report's folder; undefined: none is named. */
  from: string | undefined;
  byId: () => ReadonlyMap<string, readonly string[]>;
}

const none: Causes = { from: undefined, byId: () => new Map() };

/** Those of `--from`, or of the report that the run is about to replace. It is read when a word asks for it. */
export function causesIn({ from, report }: { from?: string; report?: string }): Causes {
  const path = from ?? (report !== undefined && existsSync(join(report, "report.json")) ? report : undefined);
  if (path === undefined) return none;
  return { from: folderOf(path), byId: () => read(path) };
}

function read(path: string): Map<string, string[]> {
  const broken = new Map<string, string[]>();
  try {
    for (const { id, clauses } of reportIn(path).runs.flatMap(({ verdicts }) => listCauses(verdicts)))
      broken.set(id, [...(broken.get(id) ?? []), ...clauses]);
  } catch (error) {
    throw new UsageError(`--from: ${(error as Error).message}`);
  }
  return broken;
}

/** In the order of the words, each once. `causes`: absent where no causes are taken. Throws UsageError. */
export function selectClauses(list: string, causes?: Causes): ClauseId[] {
  const said = causes === undefined ? "" : "--only: ";
  return [...new Set(list.split(",").flatMap((word) => selectedBy(word.trim(), said, causes)))];
}

function selectedBy(word: string, said: string, causes: Causes | undefined): ClauseId[] {
  const ids = Object.keys(catalogue) as ClauseId[];
  if (isClauseId(word)) return [word];
  if (/[*?]/.test(word)) {
    const matching = ids.filter((id) => matches(id, word));
    if (matching.length > 0) return matching;
    const beginning = word.split(/[*?]/, 1)[0]!.replace(/\.$/, "");
    throw new UsageError(`${said}no clause matches ${JSON.stringify(word)}${resembling(beginning, ids)}${listed}`);
  }
  const area = ids.filter((id) => id.startsWith(`${word}.`));
  if (area.length > 0) return area;
  const ofCause = causes === undefined ? undefined : selectedByCause(word, causes);
  if (ofCause !== undefined) return ofCause;
  throw new UsageError(
    `${said}no clause or area is called ${JSON.stringify(word)}${resembling(word, ids)}${listed}${causes?.from === undefined ? "" : `; causes of ${causes.from}: ${namesOf(causes)}`}`,
  );
}

const listed = "; `rollcall clauses` lists them";

/** `*` stands for any letters, `?` for one. */
const matches = (id: string, pattern: string): boolean =>
  new RegExp(
    `^${pattern
      .replaceAll(/[^*?\w-]/g, String.raw`\$&`)
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  ).test(id);

const namesOf = ({ byId }: Causes): string => [...byId().keys()].join(", ") || "none, it is green";

/** Undefined: it is no cause. */
function selectedByCause(word: string, causes: Causes): ClauseId[] | undefined {
  const broken = causes.byId().get(word);
  if (broken !== undefined) {
    const clauses = broken.filter(isClauseId);
    if (clauses.length > 0) return clauses;
    throw new UsageError(`--only: ${word} broke scenarios with faults: \`rollcall verify --faults\` runs them`);
  }
  if (!diagnosisById.has(word)) return undefined;
  throw new UsageError(
    causes.from === undefined
      ? `--only: ${JSON.stringify(word)} is a cause, and no report says what it broke: name one with --from DIR; \`rollcall explain ${word}\` says which clauses find it`
      : `--only: ${causes.from} has no cause ${JSON.stringify(word)}; it has ${namesOf(causes)}`,
  );
}

const shownMax = 5;

/** What may have been meant: the areas and clauses that share the longest beginning with it. */
function resembling(name: string, ids: readonly ClauseId[]): string {
  const areas = [...new Set(ids.map((id) => id.split(".")[0]!))];
  for (let length = name.length; length > 2; length -= 1) {
    const alike = [...areas, ...ids].filter((known) => known.startsWith(name.slice(0, length)));
    if (alike.length > 0) return `; did you mean ${alike.slice(0, shownMax).join(", ")}?`;
  }
  return `; areas are ${areas.join(", ")}`;
}
