// A chart over time as SVG: lines, two axes and a legend, drawn without a script and without a network. Its colours are
// the page's own, so that it can be read in light and in dark; lines differ by dashes, too.

import { text } from "../../../reports/escape.ts";

interface Series {
  name: string;
  /** One for each instant; NaN: there is none. */
  values: readonly number[];
}

export interface Chart {
  title: string;
  unit: string;
  seconds: readonly number[];
  series: readonly Series[];
  /** A line across, as a threshold. */
  limit?: { name: string; value: number };
}

const [width, height, left, right, bottom, top] = [720, 200, 64, 20, 24, 10];
const looks = [
  { colour: "var(--known)", dashes: "" },
  { colour: "var(--odd)", dashes: "6 3" },
  { colour: "var(--weak)", dashes: "2 3" },
] as const;

/** 1, 2 or 5 and zeros, so that four lines or so fit. */
export function stepOf(highest: number): number {
  const rough = highest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough)!;
}

const shown = (value: number): string =>
  value >= 10_000 ? `${Number((value / 1_000).toPrecision(3))}k` : String(Number(value.toPrecision(3)));

export function chartOf({ title, unit, seconds, series, limit }: Chart): string {
  const values = series.flatMap((one) => one.values).filter((value) => !Number.isNaN(value));
  if (seconds.length < 2 || values.length === 0) return "";
  const step = stepOf(Math.max(...values, limit?.value ?? 0, 1e-3));
  const highest = Math.ceil(Math.max(...values, limit?.value ?? 0, step) / step) * step;
  const [first, last] = [seconds[0]!, seconds.at(-1)!];
  const x = (second: number): number => left + ((second - first) / (last - first)) * (width - left - right);
  const y = (value: number): number => height - bottom - (value / highest) * (height - bottom - top);
  const at = (value: number): string => value.toFixed(1);
  const ticks = Array.from({ length: Math.round(highest / step) + 1 }, (_, index) => index * step);
  const grid = ticks.map(
    (value) =>
      `<line x1="${left}" x2="${width - right}" y1="${at(y(value))}" y2="${at(y(value))}" stroke="var(--line)"/><text x="${left - 6}" y="${at(y(value) + 4)}" text-anchor="end">${shown(value)}</text>`,
  );
  const clock = [0, 1, 2, 3, 4].map((quarter) => first + ((last - first) * quarter) / 4);
  const times = clock.map(
    (second) => `<text x="${at(x(second))}" y="${height - 6}" text-anchor="middle">${Math.round(second)} s</text>`,
  );
  const lines = series.map(({ values: own }, index) => {
    const { colour, dashes } = looks[index % looks.length]!;
    const points = own.flatMap((value, place) =>
      Number.isNaN(value) ? [] : [`${at(x(seconds[place]!))},${at(y(value))}`],
    );
    return `<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dashes}"/>`;
  });
  const across =
    limit === undefined
      ? ""
      : `<line x1="${left}" x2="${width - right}" y1="${at(y(limit.value))}" y2="${at(y(limit.value))}" stroke="var(--fail)" stroke-dasharray="8 4"/>`;
  const legend = [
    ...series.map(
      ({ name, values: own }, index) =>
        `<span><svg width="28" height="8" aria-hidden="true"><line x1="0" x2="28" y1="4" y2="4" stroke="${looks[index % looks.length]!.colour}" stroke-width="2" stroke-dasharray="${looks[index % looks.length]!.dashes}"/></svg> ${text(name)}, at most ${shown(Math.max(...own.filter((value) => !Number.isNaN(value)), 0))} ${text(unit)}</span>`,
    ),
    ...(limit === undefined
      ? []
      : [`<span class="fail">${text(limit.name)} ${shown(limit.value)} ${text(unit)}</span>`]),
  ];
  return `<figure><figcaption><h3>${text(title)}</h3></figcaption><svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${text(title)}">${grid.join("")}${times.join("")}${across}${lines.join("")}</svg><p class="legend">${legend.join("")}</p></figure>`;
}
