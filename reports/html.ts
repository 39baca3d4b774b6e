// A run as one self-contained page: no network, works from file://. Causes come first, then what concerns security,
// then the rest; what the sources are and what the words mean stands at its end.

import { verdictKinds, type Verdict } from "../checkers/verdict.ts";
import { addressOf, sourceOf } from "../contract/sources.ts";
import { idOf } from "./cause-ids.ts";
import { areasOf, causesOf, isSecurity, type Cause, rerunCommand } from "./causes.ts";
import { closingOf } from "./closing.ts";
import { script, style } from "./html-style.ts";
import { text } from "./escape.ts";
import { areaOf, verdictBlock } from "./html-verdict.ts";
import { overviewLine, overviewOf, shownKinds, type Came, type OverviewRow } from "./overview.ts";
import { receiptsOf, type Report, type RunReport } from "./report.ts";
import { linked } from "./sources.ts";

/** Of the README, "How to read a report". */
const words: readonly [string, string][] = [
  ["clause", "one sentence that must hold; its id is area.what-must-hold"],
  ["MUST", "the system's description says it; a target that breaks it fails"],
  ["SHOULD", "a protocol's specification, security or good practice asks for it; a target that breaks it is weak"],
  ["house", "only Rollcall's own server promises it; scored with --house"],
  ["fail", "a MUST is broken"],
  ["weak", "a SHOULD is broken"],
  ["untested", "a prerequisite failed; the clause that covers it says why"],
  ["unsupported", "needs something that the target does not declare"],
  ["not scored", "only Rollcall's own server promises it, or it is newer than what counts for this system"],
  ["expected", "fails, and is listed as known failing"],
  ["inconclusive", "nothing can be said"],
  ["broken", "our own fault, Docker's or the network's"],
  ["canary", "before any refusal is trusted, the target must refuse what no server may accept"],
];

export function htmlOf(report: Report): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Rollcall report</title><style>${style}</style></head>
<body><main><h1>Rollcall report</h1><p class="dim">${text(report.createdAt)} · rollcall ${text(report.rollcall)}</p>
${overviewBlock(report)}
${report.broken.map(({ target, system, because, next }, at) => `<section id="${anchorOf(report.runs.length + at)}"><h2>${text(target)} · ${text(system)}</h2><p class="counts"><span class="broken">broken</span></p><p>${text(because)}</p><p class="diagnosis">${text(next)}</p></section>`).join("\n")}
${filterForm(report)}
${report.runs.map((run, at) => runSection(run, anchorOf(at))).join("\n")}
<details><summary>Words</summary><dl class="words">${words.map(([word, meaning]) => `<dt>${word}</dt><dd>${text(meaning)}</dd>`).join("")}</dl></details>
${sourcesBlock(report)}
</main><script>${script}</script>
</body></html>
`;
}

/** Of a section; rows of the overview are counted as it counts them. */
const anchorOf = (at: number): string => `system-${at + 1}`;

const cameClass: Record<Came, string> = {
  passed: "pass",
  failed: "fail",
  inconclusive: "inconclusive",
  broken: "broken",
};

/** Of several systems: a row each, with a link to its section. */
function overviewBlock(report: Report): string {
  const rows = overviewOf(report);
  if (rows.length === 0) return "";
  const row = ({ system, target, counts, came }: OverviewRow, at: number): string =>
    `<tr><td><a href="#${anchorOf(at)}">${text(system)}</a></td><td>${text(target)}</td>${shownKinds.map((_, kind) => `<td>${counts?.[kind] ?? "–"}</td>`).join("")}<td class="${cameClass[came]}">${came}</td></tr>`;
  return `<table class="overview"><thead><tr><th>system</th><th>target</th>${shownKinds.map((kind) => `<th>${kind}</th>`).join("")}<th></th></tr></thead>
<tbody>${rows.map(row).join("\n")}</tbody></table><p>${text(overviewLine(rows))}</p>`;
}

function filterForm({ runs }: Report): string {
  const verdicts = runs.flatMap((run) => run.verdicts);
  const areas = [...new Set(verdicts.map(({ id }) => areaOf(id)))].toSorted();
  const select = (what: string, values: readonly string[]): string =>
    `<select aria-label="${what}"><option value="">every ${what}</option>${values.map((value) => `<option>${text(value)}</option>`).join("")}</select>`;
  return `<form class="filter" role="search"><input type="search" aria-label="Search the clauses" placeholder="Search: id, text, reason">
${select("verdict", verdictKinds)}${select("level", ["MUST", "SHOULD", "house"])}${select("area", areas)}<output class="dim"></output></form>`;
}

/** What the sources of this page's clauses are; docs/sources.md of the package has all of them. */
function sourcesBlock({ runs }: Report): string {
  const anchors = new Map<string, string>();
  for (const { source } of runs.flatMap((run) => run.verdicts))
    linked(source, (part, anchor) => {
      anchors.set(part, anchor);
      return part;
    });
  if (anchors.size === 0) return "";
  const item = ([part, anchor]: [string, string]): string => {
    const source = sourceOf(part);
    const address = source === undefined ? undefined : addressOf(source);
    const where =
      address === undefined ? "" : ` <a href="${text(address)}" rel="noreferrer">${text(source?.where ?? "")}</a>`;
    return `<dt id="source-${anchor}">${text(part)}</dt><dd>${text(source?.text ?? "")}${where}</dd>`;
  };
  const sorted = [...anchors].toSorted(([one], [other]) => one.localeCompare(other, "en", { numeric: true }));
  return `<details><summary>Sources: what the clauses rest on</summary><p class="dim">All of them: docs/sources.md in the package.</p><dl class="words">${sorted.map(item).join("")}</dl></details>`;
}

const deliveryOf = ({ deliveryMsP50, deliveryMsP99 }: RunReport["baseline"]): string =>
  deliveryMsP50 === 0 ? "" : ` · delivery p50 ${deliveryMsP50.toFixed(1)} ms, p99 ${deliveryMsP99.toFixed(1)} ms`;

function runSection(run: RunReport, anchor: string): string {
  const { manifest, baseline } = run;
  const counts = verdictKinds
    .filter((kind) => run.counts[kind] > 0)
    .map((kind) => `<span class="${kind}">${run.counts[kind]} ${kind}</span>`);
  const closing = closingOf(run);
  const causes = causesOf(run.verdicts);
  const inCauses = new Set(causes.flatMap(({ head, same, untested }) => [head, ...same, ...untested]));
  const heavy = causes.filter(({ head, untested }) => head.kind === "fail" || untested.length > 0);
  const light = causes.filter((cause) => !heavy.includes(cause));
  const others = run.verdicts.filter((verdict) => !inCauses.has(verdict));
  const ours = others.filter(({ kind }) => kind === "broken" || kind === "inconclusive");
  const quiet = others.filter((verdict) => !ours.includes(verdict));
  return `<section id="${anchor}"><h2>${text(run.target.name)} · ${text(run.target.system)}</h2>
<p class="counts">${counts.join("")}</p>
<p class="dim">${(run.target.addresses ?? run.target.instances).map(text).join(" · ")}<br>${manifest.clausesScored} of ${manifest.clausesInSet} clauses scored, ${manifest.clausesJudged} of ${manifest.clausesSelected} selected ones judged${manifest.interrupted ? ", interrupted" : ""} · run ${text(run.run)} · seed ${manifest.seed} · exit code ${run.exitCode}<br>
receipts ${receiptsOf(baseline)} · ${text(baseline.note)}${deliveryOf(baseline)} · deadline ${baseline.deadlineMs} ms${baseline.crossing === undefined ? "" : `<br>${text(baseline.crossing)}`}${run.canary.honest ? "" : ` · <span class="inconclusive">canary: ${text(run.canary.because ?? "")}</span>`}</p>
${closing === undefined ? "" : `<p class="weak">${text(closing)}</p>`}
${group(
  "Causes, worst first",
  heavy.map((cause) => causeBlock(cause, run)),
)}
${group(
  "Not the target's fault, or nothing can be said",
  ours.map((verdict) => verdictBlock(verdict, true, run.target.system)),
)}
${group(
  "Security",
  light.filter(isSecurity).map((cause) => causeBlock(cause, run)),
)}
${group(
  "The rest",
  light.filter((cause) => !isSecurity(cause)).map((cause) => causeBlock(cause, run)),
)}
<details${inCauses.size + ours.length === 0 ? " open" : ""}><summary>${quiet.length === 1 ? "1 clause" : `${quiet.length} clauses`} passed, unsupported or not scored</summary>${quiet.map((verdict) => verdictBlock(verdict, false, run.target.system)).join("\n")}</details></section>`;
}

const group = (title: string, blocks: readonly string[]): string =>
  blocks.length === 0 ? "" : `<h3>${title}</h3>${blocks.join("\n")}`;

/** One reason: the worst clause that says so, what else it broke, and what could not be tested because of it. */
function causeBlock(cause: Cause, run: RunReport): string {
  const { head, same, untested } = cause;
  const { target } = run;
  const only = [head, ...same].map(({ id }) => id);
  const command = rerunCommand(target, only);
  const folded = (what: string, verdicts: readonly Verdict[]): string =>
    verdicts.length === 0
      ? ""
      : `<details class="under"><summary>${what}: ${verdicts.length} (${text(areasOf(verdicts))})</summary>${verdicts.map((verdict) => verdictBlock(verdict, false, run.target.system)).join("\n")}</details>`;
  return `<div class="cause">${verdictBlock(head, head.kind === "fail", run.target.system)}${folded("broken for the same reason", same)}${folded("untested because of it", untested)}<p class="dim">cause <code>${text(idOf(cause))}</code> · again: <code>${text(command)}</code></p></div>`;
}
