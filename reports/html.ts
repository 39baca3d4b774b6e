// A run as one self-contained page: no network, works from file://. What is not pass comes first, with the timed
// transcript of its wire.

import { pointer } from "../checkers/story.ts";
import { verdictKinds, type Evidence, type Verdict } from "../checkers/verdict.ts";
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
.pass { color: #1a7f37; } .fail { color: #cf222e; } .weak { color: #9a6700; } .broken, .inconclusive { color: #8250df; } .expected { color: #0969da; } .unsupported { color: var(--dim); }
.story { font: 12.5px/1.6 ui-monospace, monospace; overflow-wrap: anywhere; }
.finding { font-weight: 700; }
.diagnosis { border-left: 3px solid #0969da; padding-left: .7rem; }
table { border-collapse: collapse; width: 100%; } td { padding: .1rem .6rem .1rem 0; vertical-align: top; } td:last-child { white-space: pre-wrap; overflow-wrap: anywhere; font: 12px/1.45 ui-monospace, monospace; }
td:first-child { text-align: right; white-space: nowrap; color: var(--dim); } td:nth-child(2) { white-space: nowrap; }`;

export function htmlOf(report: Report): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Rollcall report</title><style>${style}</style></head>
<body><h1>Rollcall report</h1><p class="dim">${text(report.createdAt)} · rollcall ${text(report.rollcall)}</p>
${report.broken.map(({ target, system, because, next }) => `<section><h2>${text(target)} · ${text(system)}</h2><p class="counts"><span class="broken">broken</span></p><p>${text(because)}</p><p class="diagnosis">${text(next)}</p></section>`).join("\n")}
${report.runs.map(runSection).join("\n")}
</body></html>
`;
}

function runSection(run: RunReport): string {
  const { manifest, baseline } = run;
  const counts = verdictKinds
    .filter((kind) => run.counts[kind] > 0)
    .map((kind) => `<span class="${kind}">${run.counts[kind]} ${kind}</span>`);
  const notable = run.verdicts.filter(({ kind }) => kind !== "pass" && kind !== "unsupported");
  const quiet = run.verdicts.filter(({ kind }) => kind === "pass" || kind === "unsupported");
  return `<section><h2>${text(run.target.name)} · ${text(run.target.system)}</h2>
<p class="counts">${counts.join("")}</p>
<p class="dim">${run.target.instances.map(text).join(" · ")}<br>${manifest.clausesScored} of ${manifest.clausesInSet} clauses scored, ${manifest.clausesJudged} of ${manifest.clausesSelected} selected ones judged${manifest.interrupted ? ", interrupted" : ""} · run ${text(run.run)} · seed ${manifest.seed} · exit code ${run.exitCode}<br>
receipts ${baseline.receipts ? "yes" : "no"} · ${text(baseline.note)} · delivery p50 ${baseline.deliveryMsP50.toFixed(1)} ms, p99 ${baseline.deliveryMsP99.toFixed(1)} ms · deadline ${baseline.deadlineMs} ms${run.canary.honest ? "" : ` · <span class="inconclusive">canary: ${text(run.canary.because ?? "")}</span>`}</p>
${notable.map((verdict) => verdictBlock(verdict, true)).join("\n")}
<details${notable.length === 0 ? " open" : ""}><summary>${quiet.length} clauses passed or unsupported</summary>${quiet.map((verdict) => verdictBlock(verdict, false)).join("\n")}</details></section>`;
}

function verdictBlock(verdict: Verdict, open: boolean): string {
  const head = `<span class="kind ${verdict.kind}">${verdict.kind}</span><code>${text(verdict.id)}</code> ${text(verdict.text)} <span class="dim">${verdict.level} · ${text(verdict.source)} · ${Math.round(verdict.durationMs)} ms</span>`;
  const parts = [
    verdict.because === undefined ? "" : `<p>${text(verdict.because)}</p>`,
    verdict.diagnosis === undefined ? "" : `<p class="diagnosis">${text(verdict.diagnosis)}</p>`,
    verdict.measured === undefined ? "" : `<p class="dim">${verdict.measured.map(text).join("<br>")}</p>`,
    ...(verdict.stories ?? []).map(storyBlock),
    verdict.evidence === undefined || verdict.evidence.length === 0
      ? ""
      : `<details><summary>wire transcript, ${verdict.evidence.length} lines</summary><table>${verdict.evidence.map(evidenceRow).join("")}</table></details>`,
  ].filter((part) => part !== "");
  if (parts.length === 0) return `<details><summary>${head}</summary></details>`;
  return `<details${open ? " open" : ""}><summary>${head}</summary>${parts.join("")}</details>`;
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
