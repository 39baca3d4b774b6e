// A run as one self-contained page: no network, works from file://. What is not pass comes first, with the timed
// transcript of its wire.

import { pointer } from "../checkers/story.ts";
import { verdictKinds, type Evidence, type Verdict } from "../checkers/verdict.ts";
import { areasOf, causesOf, isSecurity, type Cause } from "./causes.ts";
import type { Report, RunReport } from "./report.ts";

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const text = (value: string | number): string => String(value).replace(/[&<>"']/g, (character) => escapes[character]!);

const style = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); --dim: color-mix(in srgb, currentColor 60%, transparent); }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; } code, pre { font: 12.5px/1.5 ui-monospace, monospace; }
.counts span { display: inline-block; margin: 0 .8rem .3rem 0; } .dim { color: var(--dim); }
details { border-top: 1px solid var(--line); padding: .45rem 0; } summary { cursor: pointer; }
.kind { display: inline-block; min-width: 6.5rem; font-weight: 600; }
.pass { color: #1a7f37; } .fail { color: #cf222e; } .weak { color: #9a6700; } .broken, .inconclusive { color: #8250df; } .expected { color: #0969da; } .unsupported, .untested, .not { color: var(--dim); }
@media (prefers-color-scheme: dark) { .pass { color: #3fb950; } .fail { color: #ff7b72; } .weak { color: #d29922; } .broken, .inconclusive { color: #bc8cff; } .expected { color: #58a6ff; } }
h3 { font-size: 1rem; margin: 1.6rem 0 .3rem; } .cause { margin-bottom: .6rem; } .under { margin-left: 1.2rem; } .cause > p { margin: .2rem 0 .2rem 1.2rem; }
.filter { position: sticky; top: 0; background: Canvas; padding: .5rem 0; display: flex; gap: .6rem; flex-wrap: wrap; z-index: 1; } .filter input { flex: 1; min-width: 12rem; font: inherit; padding: .2rem .5rem; } .filter select { font: inherit; }
[hidden] { display: none; }
.story { font: 12.5px/1.6 ui-monospace, monospace; overflow-wrap: anywhere; }
.finding { font-weight: 700; }
.diagnosis { border-left: 3px solid #0969da; padding-left: .7rem; }
table { border-collapse: collapse; width: 100%; } td { padding: .1rem .6rem .1rem 0; vertical-align: top; } td:last-child { white-space: pre-wrap; overflow-wrap: anywhere; font: 12px/1.45 ui-monospace, monospace; }
td:first-child { text-align: right; white-space: nowrap; color: var(--dim); } td:nth-child(2) { white-space: nowrap; }`;

/** Of the README, "How to read a report". */
const words: readonly [string, string][] = [
  ["clause", "one sentence that must hold; its id is area.what-must-hold"],
  ["MUST", "the system's description says it; a target that breaks it fails"],
  ["SHOULD", "a protocol's specification, security or good practice asks for it; a target that breaks it is weak"],
  ["house", "only Rollcall's own server promises it; scored with --house"],
  ["fail", "a MUST is broken"],
  ["weak", "a SHOULD is broken"],
  ["untested", "what the clause rests on does not work; the clause that is about that says why"],
  ["unsupported", "needs something that the target does not declare"],
  ["not scored", "a house rule, or younger than the requirement set"],
  ["expected", "fails, and is listed as known failing"],
  ["inconclusive", "nothing can be said"],
  ["broken", "our own fault, Docker's or the network's"],
  ["canary", "before any refusal is trusted, the target must refuse what no server may accept"],
];

/** Hides what does not match; a cause stays when something in it does. No network, no library. */
const filterScript = `
const [search, kind, level] = document.querySelectorAll(".filter input, .filter select");
const show = () => {
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const isFiltered = words.length > 0 || kind.value !== "" || level.value !== "";
  for (const item of document.querySelectorAll(".verdict")) {
    const fits = (kind.value === "" || item.dataset.kind === kind.value) && (level.value === "" || item.dataset.level === level.value);
    const text = item.textContent.toLowerCase();
    item.hidden = !(fits && words.every((word) => text.includes(word)));
    if (isFiltered && !item.hidden) for (let up = item.parentElement; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
  }
  for (const cause of document.querySelectorAll(".cause")) cause.hidden = !cause.querySelector(".verdict:not([hidden])");
};
document.querySelector(".filter").addEventListener("input", show);
document.querySelector(".filter").addEventListener("submit", (event) => event.preventDefault());
if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.setAttribute("open", "");`;

export function htmlOf(report: Report): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Rollcall report</title><style>${style}</style></head>
<body><h1>Rollcall report</h1><p class="dim">${text(report.createdAt)} · rollcall ${text(report.rollcall)}</p>
${report.broken.map(({ target, system, because, next }) => `<section><h2>${text(target)} · ${text(system)}</h2><p class="counts"><span class="broken">broken</span></p><p>${text(because)}</p><p class="diagnosis">${text(next)}</p></section>`).join("\n")}
<form class="filter" role="search"><input type="search" aria-label="Search the clauses" placeholder="Search: id, text, reason">
<select aria-label="Verdict"><option value="">every verdict</option>${verdictKinds.map((kind) => `<option>${kind}</option>`).join("")}</select>
<select aria-label="Level"><option value="">every level</option><option>MUST</option><option>SHOULD</option><option>house</option></select></form>
${report.runs.map(runSection).join("\n")}
<details><summary>Words</summary><dl>${words.map(([word, meaning]) => `<dt>${word}</dt><dd>${text(meaning)}</dd>`).join("")}</dl></details>
<script>${filterScript}</script>
</body></html>
`;
}

function runSection(run: RunReport): string {
  const { manifest, baseline } = run;
  const counts = verdictKinds
    .filter((kind) => run.counts[kind] > 0)
    .map((kind) => `<span class="${kind}">${run.counts[kind]} ${kind}</span>`);
  const causes = causesOf(run.verdicts);
  const inCauses = new Set(causes.flatMap(({ head, same, untested }) => [head, ...same, ...untested]));
  const heavy = causes.filter(({ head, untested }) => head.kind === "fail" || untested.length > 0);
  const light = causes.filter((cause) => !heavy.includes(cause));
  const others = run.verdicts.filter((verdict) => !inCauses.has(verdict));
  const ours = others.filter(({ kind }) => kind === "broken" || kind === "inconclusive");
  const quiet = others.filter((verdict) => !ours.includes(verdict));
  return `<section><h2>${text(run.target.name)} · ${text(run.target.system)}</h2>
<p class="counts">${counts.join("")}</p>
<p class="dim">${run.target.instances.map(text).join(" · ")}<br>${manifest.clausesScored} of ${manifest.clausesInSet} clauses scored, ${manifest.clausesJudged} of ${manifest.clausesSelected} selected ones judged${manifest.interrupted ? ", interrupted" : ""} · run ${text(run.run)} · seed ${manifest.seed} · exit code ${run.exitCode}<br>
receipts ${baseline.receipts ? "yes" : "no"} · ${text(baseline.note)} · delivery p50 ${baseline.deliveryMsP50.toFixed(1)} ms, p99 ${baseline.deliveryMsP99.toFixed(1)} ms · deadline ${baseline.deadlineMs} ms${run.canary.honest ? "" : ` · <span class="inconclusive">canary: ${text(run.canary.because ?? "")}</span>`}</p>
${group(
  "Causes, worst first",
  heavy.map((cause) => causeBlock(cause, run)),
)}
${group(
  "Not the target's fault, or nothing can be said",
  ours.map((verdict) => verdictBlock(verdict, true, run)),
)}
${group(
  "Security",
  light.filter(isSecurity).map((cause) => causeBlock(cause, run)),
)}
${group(
  "The rest",
  light.filter((cause) => !isSecurity(cause)).map((cause) => causeBlock(cause, run)),
)}
<details${inCauses.size + ours.length === 0 ? " open" : ""}><summary>${quiet.length} clauses passed, unsupported or not scored</summary>${quiet.map((verdict) => verdictBlock(verdict, false, run)).join("\n")}</details></section>`;
}

const group = (title: string, blocks: readonly string[]): string =>
  blocks.length === 0 ? "" : `<h3>${title}</h3>${blocks.join("\n")}`;

/** One reason: the worst clause that says so, what else it broke, and what could not be tested because of it. */
function causeBlock({ head, same, untested }: Cause, run: RunReport): string {
  const { target } = run;
  const only = [head, ...same].map(({ id }) => id).join(",");
  const command = `rollcall verify ${target.instances.join(" ")} --system ${target.system} --only ${only}`;
  const folded = (what: string, verdicts: readonly Verdict[]): string =>
    verdicts.length === 0
      ? ""
      : `<details class="under"><summary>${what}: ${verdicts.length} (${text(areasOf(verdicts))})</summary>${verdicts.map((verdict) => verdictBlock(verdict, false, run)).join("\n")}</details>`;
  return `<div class="cause">${verdictBlock(head, head.kind === "fail", run)}${folded("broken for the same reason", same)}${folded("untested because of it", untested)}<p class="dim">again: <code>${text(command)}</code></p></div>`;
}

function verdictBlock(verdict: Verdict, open: boolean, { target: { system } }: RunReport): string {
  const head = `<span class="kind ${verdict.kind}">${verdict.kind}</span><code>${text(verdict.id)}</code> ${text(verdict.text)} <span class="dim">${verdict.level}${verdict.security === true ? " · security" : ""} · ${text(verdict.source)} · ${Math.round(verdict.durationMs)} ms</span>`;
  const parts = [
    verdict.because === undefined ? "" : `<p>${text(verdict.because)}</p>`,
    verdict.diagnosis === undefined ? "" : `<p class="diagnosis">${text(verdict.diagnosis)}</p>`,
    verdict.measured === undefined ? "" : `<p class="dim">${verdict.measured.map(text).join("<br>")}</p>`,
    ...(verdict.stories ?? []).map(storyBlock),
    verdict.evidence === undefined || verdict.evidence.length === 0
      ? ""
      : `<details><summary>wire transcript, ${verdict.evidence.length} lines</summary><table>${verdict.evidence.map(evidenceRow).join("")}</table></details>`,
  ].filter((part) => part !== "");
  const data = ` class="verdict" id="${text(`${system}:${verdict.id}`)}" data-kind="${verdict.kind}" data-level="${verdict.level}"`;
  if (parts.length === 0) return `<details${data}><summary>${head}</summary></details>`;
  return `<details${data}${open ? " open" : ""}><summary>${head}</summary>${parts.join("")}</details>`;
}

/** A message's way: the finding first, then who sent it, the answer, the faults, who heard it and who did not. */
function storyBlock([head, ...lines]: readonly string[], index: number): string {
  const kindOf = (line: string): string =>
    line.startsWith(pointer)
      ? ' class="fail finding"'
      : /NEVER HEARD|DOES NOT HAVE/.test(line)
        ? ' class="fail"'
        : line.startsWith("fault:")
          ? ' class="weak"'
          : "";
  const item = (line: string): string => `<li${kindOf(line)}>${text(line)}</li>`;
  return `<details${index === 0 ? " open" : ""}><summary class="fail finding">${text(head ?? "")}</summary><ol class="story">${lines.map(item).join("")}</ol></details>`;
}

const arrows = { sent: "→", received: "←", opened: "○", closed: "×" } as const;
const evidenceRow = ({ atMs, connection, direction, text: line }: Evidence): string =>
  `<tr><td>${atMs.toFixed(1)} ms</td><td>${text(connection)} ${arrows[direction]}</td><td>${text(line)}</td></tr>`;
