// The exchange under judgement as a sequence diagram: who said what to the target, what came back, and what did not.
// SVG without a script and without a network, in the page's own colours. What it shows stands in the transcript, too.
// Pure.

import type { Evidence, Verdict } from "../checkers/verdict.ts";
import { cut } from "./cut.ts";
import { judgedConnection, linesThatMatter, markersIn, namesOf, placeOf } from "./evidence.ts";
import { text } from "./escape.ts";

/** One mistake fits one screen: the newest steps, and the connections on which they happened. */
const stepsMax = 24;
const lanesMax = 5;
const labelCharsMax = 58;
const [width, laneTop, rowHeight, margin] = [760, 44, 26, 70];

interface Step {
  lane: number;
  direction: Evidence["direction"] | "missing";
  label: string;
  atMs: number | undefined;
  /** It is what is judged. */
  judged: boolean;
}

/** A frame by its command and the message that is judged, or its destination; anything else by its first line. */
function labelOf(line: string, markers: readonly string[]): string {
  const [first = ""] = line.split("\n", 1);
  const command = /^[A-Z]{3,}(?=\s|$)/.exec(first)?.[0];
  const marker = markers.find((one) => line.includes(one));
  const destination = /\bdestination:(\S+)/.exec(line)?.[1];
  const what = marker ?? destination;
  return cut(command === undefined || what === undefined ? first : `${command} ${what}`, labelCharsMax);
}

interface Steps {
  lanes: string[];
  steps: Step[];
  /** How many are only in the transcript. */
  omitted: number;
}

function stepsOf(verdict: Verdict): Steps {
  const lines = linesThatMatter(verdict);
  const judged = judgedConnection(verdict);
  const names = namesOf(verdict);
  const markers = markersIn(names);
  const isJudged = ({ connection, direction, text: line }: Evidence): boolean =>
    connection === judged && direction === "received" && names.some((name) => line.includes(name));
  const places = [...new Set([...lines.map(({ connection }) => placeOf(connection)), placeOf(judged ?? "")])].filter(
    Boolean,
  );
  // The judged one is there in any case.
  const lanes = places.length <= lanesMax ? places : places.slice(-lanesMax);
  if (judged !== undefined && !lanes.includes(placeOf(judged))) lanes[0] = placeOf(judged);
  const all = lines
    .filter(({ connection }) => lanes.includes(placeOf(connection)))
    .map((line): Step => {
      const { connection, direction, atMs } = line;
      const lane = lanes.indexOf(placeOf(connection));
      return { lane, direction, label: labelOf(line.text, markers), atMs, judged: isJudged(line) };
    });
  const [missing] = markers;
  if (judged !== undefined && placeOf(judged) === judged && missing !== undefined && !lines.some(isJudged))
    all.push({ lane: lanes.indexOf(judged), direction: "missing", label: missing, atMs: undefined, judged: true });
  return { lanes, steps: all.slice(-stepsMax), omitted: lines.length - Math.min(all.length, stepsMax) };
}

/** Nothing where nothing was said that matters. */
export function sequenceBlock(verdict: Verdict): string {
  if (verdict.kind !== "fail" && verdict.kind !== "weak") return "";
  const { lanes, steps, omitted } = stepsOf(verdict);
  if (steps.length === 0) return "";
  const note = omitted > 0 ? `<p class="dim">the last steps; ${omitted} more are in the transcript</p>` : "";
  return `<details open><summary>the exchange, ${steps.length} ${steps.length === 1 ? "step" : "steps"}</summary>${svgOf(lanes, steps)}${note}</details>`;
}

function svgOf(lanes: readonly string[], steps: readonly Step[]): string {
  const height = laneTop + rowHeight * steps.length + 14;
  const xOf = (lane: number): number => margin + ((width - 2 * margin) * lane) / lanes.length;
  const target = xOf(lanes.length);
  const heads = [...lanes, "target"].map(
    (name, lane) =>
      `<text x="${xOf(lane)}" y="16" text-anchor="middle">${text(cut(name, laneCharsMax))}</text><line class="lane" x1="${xOf(lane)}" y1="24" x2="${xOf(lane)}" y2="${height - 6}"/>`,
  );
  const rows = steps.map((step, at) => rowOf(step, xOf(step.lane), target, laneTop + rowHeight * at + 12));
  return `<svg class="sequence" viewBox="0 0 ${width} ${height}" role="img" aria-label="what went between ${text(lanes.join(", "))} and the target; the transcript below has it as text">${heads.join("")}${rows.join("")}</svg>`;
}

const laneCharsMax = 18;

const notes = { opened: "○", closed: "×" } as const;

function rowOf({ direction, label, atMs, judged }: Step, x: number, target: number, y: number): string {
  const time = atMs === undefined ? "" : `<text class="time" x="2" y="${y + 4}">${Math.round(atMs)}</text>`;
  if (direction === "opened" || direction === "closed")
    return `${time}<text x="${x}" y="${y + 4}" text-anchor="middle">${notes[direction]}</text><text x="${x + 10}" y="${y + 4}">${text(label)}</text>`;
  const [from, to] = direction === "sent" ? [x, target] : [target, x];
  const kind = judged ? " found" : "";
  const words = direction === "missing" ? `✗ never came: ${label}` : label;
  const head = `<path class="head${kind}" d="M${to} ${y}l${from < to ? -7 : 7}-4v8z"/>`;
  const line = `<line class="step${kind}${direction === "missing" ? " missing" : ""}" x1="${from}" y1="${y}" x2="${to}" y2="${y}"/>${head}`;
  return `${time}${line}<text class="words${kind}" x="${(x + target) / 2}" y="${y - 4}" text-anchor="middle">${text(words)}</text>`;
}
