// A load run as one self-contained page: no network, works from file://. The verdict comes first, then what had to hold,
// then how it went over time.

import { style } from "../../../reports/html-style.ts";
import { text } from "../../../reports/escape.ts";
import type { FanOutSummary } from "../fan-out.ts";
import type { LoadSummary, Objective } from "../summary.ts";
import { chartOf, type Chart } from "./chart.ts";
import type { LoadReport } from "./report.ts";
import type { Sample } from "./samples.ts";

const ownStyle = `figure { margin: 1.2rem 0; } .chart { width: 100%; height: auto; font: 11px system-ui, sans-serif; } .chart text { fill: var(--dim); }
.legend span { margin-right: 1.4rem; color: var(--dim); font-size: .85rem; } .legend .fail { color: var(--fail); }
.objectives td:first-child, .steps td:first-child { text-align: left; color: inherit; white-space: normal; } .objectives td:last-child, .steps td:last-child { font: inherit; }
th { text-align: left; font-weight: 600; padding: .1rem .6rem .1rem 0; } .steps td { text-align: right; } .steps td:last-child { text-align: left; }
.verdict { font-size: 1.1rem; font-weight: 600; }`;

const classOf = { held: "pass", broke: "fail", unknown: "inconclusive", spoilt: "inconclusive" } as const;

export function loadHtmlOf(report: LoadReport): string {
  const { summary, question, createdAt, rollcall, samples, p99Ms } = report;
  const { url, system, scenario, connections, verdict, because, objectives } = summary;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Load: ${text(scenario)}</title><style>${style}
${ownStyle}</style></head>
<body><main><h1>Load: ${text(scenario)}</h1><p>${text(question)}</p>
<p class="dim">${text(url)} (${text(system)}) · ${connections} connections · ${text(createdAt)} · rollcall ${text(rollcall)}</p>
<p class="verdict ${verdict}">${verdict}${because.length === 0 ? "" : `: ${text(because.join("; "))}`}</p>
<h2>What had to hold</h2>
<table class="objectives"><tbody>${objectives.map(objectiveRow).join("\n")}</tbody></table>
${"steps" in summary ? stepsBlock(summary) : ledgerBlock(summary)}
<h2>Over time</h2>
${chartsOf(samples, p99Ms).map(chartOf).join("\n") || '<p class="dim">k6 drove: it keeps no times for this page</p>'}
</main></body></html>
`;
}

const objectiveRow = ({ name, came, because = "" }: Objective): string =>
  `<tr><td>${text(name)}</td><td class="${classOf[came]}">${came}</td><td>${text(because)}</td></tr>`;

const facts = (pairs: readonly (readonly [string, string | number])[]): string =>
  `<dl class="facts">${pairs.map(([name, value]) => `<div><dt>${text(name)}</dt><dd>${text(value)}</dd></div>`).join("")}</dl>`;

const times = ({ p50, p99, max }: { p50: number; p99: number; max: number }): string =>
  `p50 ${p50.toFixed(0)} ms · p99 ${p99.toFixed(0)} ms · max ${max.toFixed(0)} ms`;

const dayPairs = (day: NonNullable<LoadSummary["day"]>): [string, string | number][] => [
  ["logins", `${day.logins}, ${times(day.loginMs)}`],
  ["tabs closed, and opened again", `${day.closed}, ${day.opened}; ${day.failures} attempts failed`],
  ["reads of the history", `${day.reads}, ${times(day.readMs)}; ${day.readFailures} failed`],
];

function ledgerBlock(summary: LoadSummary): string {
  const { storm, replay, slow, day, reasons = [], deliveryMs } = summary;
  const pairs: [string, string | number][] = [
    ["messages published", summary.published],
    ["sends of unknown fate", summary.unknown],
    ["deliveries expected", summary.expected],
    ["delivered", summary.delivered],
    ["lost", summary.lost],
    ["duplicate", summary.duplicate],
    ["reordered", summary.reordered],
    ["foreign", summary.foreign],
    ["missed by who was cut off", summary.missed ?? 0],
    ["heard by who came or went, and not owed", summary.unowed ?? 0],
    ["delivery", times(deliveryMs)],
    ...(storm === undefined
      ? []
      : ([["came back", `${storm.returned} of ${storm.left}, ${times(storm.backMs)}`]] as [string, string][])),
    ...(replay === undefined
      ? []
      : ([["replayed", `${replay.deliveries} deliveries, ${times(replay.afterMs)} after the return`]] as [
          string,
          string,
        ][])),
    ...(slow === undefined
      ? []
      : ([["slow readers", `${slow.connections}, ${slow.cut} of them cut off`]] as [string, string][])),
    ...(day === undefined ? [] : dayPairs(day)),
    ...reasons.map(([how, count]): [string, string] => ["connections ended", `${count} × ${how}`]),
  ];
  return `<h2>Every delivery</h2>${facts(pairs)}`;
}

const stepsBlock = ({ steps, knee }: FanOutSummary): string => `<h2>Rates that were tried</h2>
<table class="steps"><thead><tr><th>messages a second</th><th>deliveries a second</th><th>p50</th><th>p99</th><th></th></tr></thead><tbody>
${steps
  .map(
    ({ rate, held, deliveriesPerSecond, deliveryMs, because }) =>
      `<tr><td>${rate}</td><td>${deliveriesPerSecond}</td><td>${deliveryMs.p50.toFixed(0)} ms</td><td>${deliveryMs.p99.toFixed(0)} ms</td><td class="${classOf[held]}">${text([held, ...because].join(": "))}</td></tr>`,
  )
  .join("\n")}
</tbody></table>${knee === undefined ? "" : `<p>The highest that held: ${knee.rate} messages, ${knee.deliveriesPerSecond} deliveries a second.</p>`}`;

function chartsOf(samples: readonly Sample[], p99Ms: number): Chart[] {
  const seconds = samples.map((sample) => sample.seconds);
  const of = (value: (sample: Sample) => number | undefined): number[] =>
    samples.map((sample) => value(sample) ?? Number.NaN);
  const heard = (sample: Sample, value: number): number => (sample.deliveries === 0 ? Number.NaN : value);
  return [
    {
      title: "Connections",
      unit: "",
      seconds,
      series: [
        { name: "connected", values: of(({ connected }) => connected) },
        { name: "dropped so far", values: of(({ dropped }) => dropped) },
        { name: "came back so far", values: of(({ returned }) => returned) },
      ],
    },
    {
      title: "Deliveries a second",
      unit: "",
      seconds,
      series: [{ name: "deliveries", values: of(({ deliveries }) => deliveries) }],
    },
    {
      title: "Delivery time",
      unit: "ms",
      seconds,
      series: [
        { name: "p50", values: of((sample) => heard(sample, sample.deliveryMs.p50)) },
        { name: "p99", values: of((sample) => heard(sample, sample.deliveryMs.p99)) },
      ],
      limit: { name: "p99 over the whole run may be", value: p99Ms },
    },
    {
      title: "The server's process: processors",
      unit: "",
      seconds,
      series: [{ name: "processors", values: of(({ server }) => server?.cpu) }],
    },
    {
      title: "The server's process: memory",
      unit: "MiB",
      seconds,
      series: [{ name: "memory", values: of(({ server }) => server?.memoryMiB) }],
    },
  ];
}
