// One verdict in report.html: what was expected beside what was observed, and the wire, reduced to what matters.

import { pointer } from "../checkers/story.ts";
import type { Evidence, Verdict } from "../checkers/verdict.ts";
import { text } from "./escape.ts";
import { judgedConnection, linesThatMatter, namesOf, placeOf } from "./evidence.ts";
import { sequenceBlock } from "./sequence.ts";
import { linked } from "./sources.ts";

export const areaOf = (id: string): string => id.slice(0, id.indexOf("."));

const link = (part: string, anchor: string): string => `<a href="#source-${anchor}">${text(part)}</a>`;

/** `open`: unfolded at first. `system`: a page may hold runs of several. */
export function verdictBlock(verdict: Verdict, open: boolean, system: string): string {
  const { id, kind, level } = verdict;
  const anchor = text(`${system}:${id}`);
  const head = `<span class="kind ${kind}">${kind}</span><code>${text(id)}</code> ${text(verdict.text)} <span class="dim">${level}${verdict.security === true ? " · security" : ""}</span>`;
  const parts = [
    // Not in the summary: a control in a control is none to a screen reader.
    `<p class="dim">${linked(verdict.source, link)} · ${Math.round(verdict.durationMs)} ms · <a href="#${anchor}" aria-label="link to ${text(id)}">#</a></p>`,
    verdict.because === undefined ? "" : facts(verdict, system),
    verdict.diagnosis === undefined ? "" : `<p class="diagnosis">${text(verdict.diagnosis)}</p>`,
    verdict.measured === undefined ? "" : `<p class="dim">${verdict.measured.map(text).join("<br>")}</p>`,
    ...(verdict.stories ?? []).map(storyBlock),
    sequenceBlock(verdict),
    transcriptBlock(verdict),
  ];
  const data = ` class="verdict" id="${anchor}" data-kind="${kind}" data-level="${level}" data-area="${text(areaOf(id))}"`;
  return `<details${data}${open ? " open" : ""}><summary>${head}</summary>${parts.join("")}</details>`;
}

function facts({ text: expected, because = "", owner, met }: Verdict, system: string): string {
  const linkTo = (id: string): string => `<a href="#${text(`${system}:${id}`)}">${text(id)}</a>`;
  // The reason of what is untested names the clause that says why.
  const observed = owner === undefined ? [because] : because.split(owner);
  const own =
    met === undefined ? "" : `<details><summary>what its own proof met</summary><p>${text(met)}</p></details>`;
  return `<dl class="facts"><div><dt>expected</dt><dd>${text(expected)}</dd></div><div><dt>observed</dt><dd>${observed.map(text).join(linkTo(owner ?? ""))}</dd></div></dl>${own}`;
}

function transcriptBlock(verdict: Verdict): string {
  const { evidence = [] } = verdict;
  if (evidence.length === 0) return "";
  const whole = `<details><summary>the whole wire transcript, ${countOf(evidence)}</summary>${table(evidence)}</details>`;
  const lines = linesThatMatter(verdict);
  if (lines.length === 0 || lines.length === evidence.length) return whole;
  const [name] = namesOf(verdict);
  const of = name === undefined ? `of ${placeOf(judgedConnection(verdict) ?? "")}` : `where it names ${name}`;
  return `<details><summary>wire transcript ${text(of)}, ${countOf(lines)}</summary>${table(lines)}</details>${whole}`;
}

const countOf = ({ length }: readonly unknown[]): string => `${length} ${length === 1 ? "line" : "lines"}`;

const arrows = { sent: "→", received: "←", opened: "○", closed: "×" } as const;
const table = (events: readonly Evidence[]): string => `<table>${events.map(row).join("")}</table>`;
const row = ({ atMs, connection, direction, text: line }: Evidence): string =>
  `<tr><td>${atMs.toFixed(1)} ms</td><td>${text(connection)} ${arrows[direction]}</td><td>${text(line)}</td></tr>`;

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
