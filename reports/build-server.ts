// What a build server shows of a run: GitHub's annotations, a summary in Markdown, a badge, and CTRF, which several
// dashboards read. All of it from the report alone. Sources: GitHub, "Workflow commands"; ctrf.io. Pure.

import { isBroken, type Verdict } from "../checkers/verdict.ts";
import { idOf } from "./cause-ids.ts";
import { causesOf, isSecurity, rerunCommand, type Cause } from "./causes.ts";
import { plain } from "./console.ts";
import { cut } from "./cut.ts";
import { text } from "./escape.ts";
import type { Report, RunReport } from "./report.ts";

/** GitHub shows ten of each kind for a step. */
const annotationsMax = 10;
const reasonMax = 300;

type Severity = "error" | "warning" | "notice";

/** As the exit code sees it: a broken MUST fails the build, a SHOULD only under --strict. */
function severityOf({ head }: Cause, strict: boolean): Severity {
  if (head.kind === "fail" || head.kind === "broken" || (strict && head.kind === "weak")) return "error";
  return head.kind === "weak" || head.kind === "inconclusive" ? "warning" : "notice";
}

const data = (value: string): string => value.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (value: string): string => data(value).replaceAll(":", "%3A").replaceAll(",", "%2C");

const countOf = ({ same, untested }: Cause): string => {
  const more = [
    ...(same.length > 0 ? [`${same.length} more for the same reason`] : []),
    ...(untested.length > 0 ? [`${untested.length} untested because of it`] : []),
  ];
  return more.length === 0 ? "" : ` (${more.join(", ")})`;
};

/** A line for each cause, as GitHub reads them from the output of a step. */
export function annotationsOf({ runs, broken }: Report): string[] {
  const all = [
    ...broken.map(({ target, because, next }) => ({
      severity: "error" as const,
      title: `Rollcall: ${target} was not verified`,
      message: next === "" ? plain(because) : `${plain(because)}\n${plain(next)}`,
    })),
    ...runs.flatMap(({ verdicts, strict }) =>
      causesOf(verdicts).map((cause) => {
        const { id, because = "", diagnosis } = cause.head;
        const what = `${id}${countOf(cause)}: ${plain(cut(because, reasonMax))}`;
        const message = diagnosis === undefined ? what : `${what}\n${plain(diagnosis)}`;
        return { severity: severityOf(cause, strict), title: `Rollcall: ${idOf(cause)}`, message };
      }),
    ),
  ];
  return (["error", "warning", "notice"] as const).flatMap((severity) =>
    all
      .filter((one) => one.severity === severity)
      .slice(0, annotationsMax)
      .map(({ title, message }) => `::${severity} title=${property(title)}::${data(message)}`),
  );
}

const cell = (value: string): string => text(plain(value)).replaceAll("|", "\\|");

function summaryOfRun(run: RunReport): string {
  const { target, counts, manifest, verdicts, exitCode } = run;
  const kinds = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}`);
  const causes = causesOf(verdicts);
  const came = { 0: "passed", 1: "failed", 2: "inconclusive" }[exitCode] ?? "broken";
  const rows = causes.map((cause) => {
    const { head } = cause;
    const security = isSecurity(cause) ? " · security" : "";
    return `| \`${idOf(cause)}\` | ${head.kind}${security} | \`${head.id}\`${countOf(cause)} | ${cell(cut(head.because ?? "", reasonMax))} | ${cell(head.diagnosis ?? "")} |`;
  });
  const ids = causes.flatMap(({ head, same }) => [head, ...same]).filter((verdict) => isBroken(verdict));
  const again =
    ids.length === 0
      ? ""
      : `\n\`${rerunCommand(
          target,
          ids.slice(0, 20).map(({ id }) => id),
        )}\`\n`;
  return `### Rollcall: ${cell(target.name)} (${target.system}) ${came}

${kinds.join(", ")} · ${manifest.clausesScored} of ${manifest.clausesInSet} clauses scored
${rows.length === 0 ? "" : `\n| cause | | clause | what came | how it is mended |\n|---|---|---|---|---|\n${rows.join("\n")}\n${again}`}`;
}

/** Markdown, with a line end. */
export function summaryMarkdown({ runs, broken }: Report): string {
  const notVerified = broken.map(
    ({ target, system, because, next }) =>
      `### Rollcall: ${cell(target)} (${system}) was not verified\n\n${cell(because)}\n\n${cell(next)}\n`,
  );
  return [...notVerified, ...runs.map(summaryOfRun)].join("\n");
}

const badgeColours = { passed: "#1a7f37", failed: "#cf222e", inconclusive: "#6e7781" } as const;

/** An SVG: how many clauses passed of those that were scored. */
export function badgeOf({ runs, broken }: Report): string {
  const passed = runs.reduce((sum, { counts }) => sum + counts.pass, 0);
  const scored = runs.reduce((sum, { manifest }) => sum + manifest.clausesScored, 0);
  const codes = runs.map(({ exitCode }) => exitCode);
  const came =
    broken.length > 0 || codes.includes(1) ? "failed" : scored === 0 || codes.includes(2) ? "inconclusive" : "passed";
  const value = scored === 0 ? "not verified" : `${passed} of ${scored}`;
  const [left, right] = [62, 16 + 7 * value.length];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="rollcall: ${value}"><clipPath id="r"><rect width="${left + right}" height="20" rx="3"/></clipPath><g clip-path="url(#r)"><rect width="${left}" height="20" fill="#32383f"/><rect x="${left}" width="${right}" height="20" fill="${badgeColours[came]}"/></g><g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle"><text x="${left / 2}" y="14">rollcall</text><text x="${left + right / 2}" y="14">${value}</text></g></svg>
`;
}

type CtrfStatus = "passed" | "failed" | "skipped" | "other";

function statusOf({ kind }: Verdict, strict: boolean): CtrfStatus {
  if (kind === "pass") return "passed";
  if (kind === "fail" || (strict && kind === "weak")) return "failed";
  return kind === "broken" || kind === "inconclusive" ? "other" : "skipped";
}

/** CTRF, as JSON with a line end. */
export function ctrfOf({ runs, broken, createdAt, rollcall }: Report): string {
  const tests = [
    ...runs.flatMap(({ verdicts, strict, target }) =>
      verdicts.map((verdict) => ({
        name: `${verdict.id}: ${verdict.text}`,
        status: statusOf(verdict, strict),
        duration: Math.round(verdict.durationMs),
        suite: `${target.system} > ${verdict.id.split(".")[0]}`,
        rawStatus: verdict.kind,
        ...(verdict.because === undefined ? {} : { message: verdict.because }),
        ...(verdict.diagnosis === undefined ? {} : { trace: verdict.diagnosis }),
      })),
    ),
    ...broken.map(({ system, because }) => ({
      name: "the target can be verified",
      status: "other" as const,
      duration: 0,
      suite: system,
      rawStatus: "broken",
      message: because,
    })),
  ];
  const count = (status: CtrfStatus): number => tests.filter((one) => one.status === status).length;
  const start = Date.parse(createdAt);
  const summary = {
    tests: tests.length,
    passed: count("passed"),
    failed: count("failed"),
    skipped: count("skipped"),
    pending: 0,
    other: count("other"),
    start: start - Math.round(Math.max(0, ...runs.map(({ durationMs }) => durationMs))),
    stop: start,
  };
  const results = { tool: { name: "rollcall", version: rollcall }, summary, tests };
  return `${JSON.stringify({ reportFormat: "CTRF", specVersion: "0.0.0", results }, undefined, 2)}\n`;
}
