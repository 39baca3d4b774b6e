// Two reports side by side as one self-contained page, in the looks of report.html: no network, works from file://.

import {
  changes,
  stillRed,
  summaryOf,
  wayOf,
  type Change,
  type ComparedClause,
  type ComparedRun,
  type Comparison,
} from "./compare.ts";
import { causeIdOf } from "./cause-ids.ts";
import { style } from "./html-style.ts";
import { text } from "./escape.ts";

const words: Readonly<Record<Change, string>> = {
  broken: "held, and fails now",
  lost: "held, and nothing can be said now",
  fixed: "holds now, and did not",
  new: "only the new report judged it",
  gone: "only the old report judged it",
  otherwise: "another verdict, while it holds in neither or was not asked of both",
  unchanged: "the same verdict",
};

const classOf: Readonly<Record<Change, string>> = {
  broken: "fail",
  lost: "inconclusive",
  fixed: "pass",
  new: "expected",
  gone: "unsupported",
  otherwise: "weak",
  unchanged: "unsupported",
};

export function comparisonHtml(comparison: Comparison): string {
  const { old, new: now, notes, runs, counts } = comparison;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Two Rollcall reports</title><style>${style}</style></head>
<body><main><h1>Two Rollcall reports</h1><p class="dim">old: ${text(old.createdAt)} · rollcall ${text(old.rollcall)}<br>new: ${text(now.createdAt)} · rollcall ${text(now.rollcall)}</p>
<p class="${comparison.exitCode === 0 ? "pass" : "fail"}">${text(summaryOf(counts))}</p>
${notesBlock(notes)}
${runs.map(runSection).join("\n")}
<details><summary>Words</summary><dl class="words">${changes.map((change) => `<dt>${change}</dt><dd>${words[change]}</dd>`).join("")}</dl></details>
</main></body></html>
`;
}

const notesBlock = (notes: readonly string[]): string =>
  notes.length === 0 ? "" : `<ul>${notes.map((note) => `<li class="weak">${text(note)}</li>`).join("")}</ul>`;

function runSection({ system, target, notes, clauses }: ComparedRun): string {
  const red = stillRed(clauses);
  const groups = changes
    .filter((change) => change !== "unchanged")
    .map((change) =>
      groupBlock(
        `${change}: ${words[change]}`,
        clauses.filter((clause) => clause.change === change),
        change !== "new" && change !== "gone",
      ),
    );
  const same = clauses.filter((clause) => clause.change === "unchanged" && !red.includes(clause));
  return `<section><h2>${text(target)} · ${text(system)}</h2>${notesBlock(notes)}
${groups.join("\n")}
${groupBlock("still red", red, true)}
${groupBlock("unchanged", same, false)}</section>`;
}

const groupBlock = (title: string, clauses: readonly ComparedClause[], open: boolean): string =>
  clauses.length === 0
    ? ""
    : `<details${open ? " open" : ""}><summary><b>${text(title)}</b>, ${clauses.length}</summary>${clauses.map(clauseBlock).join("\n")}</details>`;

function clauseBlock(clause: ComparedClause): string {
  const { change, id, level, because, diagnosis } = clause;
  return `<div class="under"><p><span class="kind ${classOf[change]}">${text(wayOf(clause))}</span> <code>${text(id)}</code> ${text(clause.text)} <span class="dim">${level}</span></p>
${because === undefined ? "" : `<p class="dim">${change === "fixed" || change === "gone" ? "before: " : ""}${text(because)}</p>`}${diagnosis === undefined ? "" : `<p class="diagnosis">${text(diagnosis)} <span class="dim">cause <code>${text(causeIdOf(diagnosis))}</code></span></p>`}</div>`;
}
