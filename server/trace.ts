// Who was refused, from where, and what for? One line each at info, so that an operator sees guessing, forging and
// prying; a refused origin at warn, because it is most often a page of the operator's own that nobody listed. And a
// counter, which counts those that are not written too: lines are bounded in rate, because a stranger must not be able
// to fill a disk. What comes from outside is shortened, and what a terminal or a reader might take for something else
// is escaped. Never a secret, never a token.

import type { Logger } from "pino";
import type { Counter } from "prom-client";

type RefusalKind =
  | "login"
  | "refresh"
  | "token-forged"
  | "token-expired"
  | "token-ended"
  | "connect"
  | "origin"
  | "csrf"
  | "access"
  /** Too much was under way. */
  | "busy";

export interface Refusal {
  kind: RefusalKind;
  /** The client's address, where it is known. */
  from?: string | undefined;
  /** The user who asked, or the name that was tried. */
  who?: string | undefined;
  /** As `DELETE /api/messages/<id>`, without a query. */
  what?: string | undefined;
  why?: string | undefined;
  /** What it was compared with; ours, so it is written as it is. */
  compared?: Record<string, unknown>;
}

export interface Trace {
  refused(refusal: Refusal): void;
}

/** So many lines of a kind at once, then one a second: at most some 25 MB a day and kind. */
const linesAtOnce = 50;
const linesPerSecond = 1;
const charactersMax = 120;

interface Allowance {
  lines: number;
  sinceMs: number;
  unwrittenCount: number;
}

/** Writes refusals to the log and counts them. `nowMs` is a monotonic clock. */
export function openTrace(
  log: Pick<Logger, "info" | "warn">,
  counter: Pick<Counter<"kind">, "inc">,
  nowMs: () => number = () => performance.now(),
): Trace {
  const allowances = new Map<RefusalKind, Allowance>();
  return {
    refused({ kind, compared, ...details }) {
      counter.inc({ kind });
      const allowance = allowances.get(kind) ?? { lines: linesAtOnce, sinceMs: nowMs(), unwrittenCount: 0 };
      allowances.set(kind, allowance);
      const now = nowMs();
      allowance.lines = Math.min(linesAtOnce, allowance.lines + ((now - allowance.sinceMs) / 1_000) * linesPerSecond);
      allowance.sinceMs = now;
      if (allowance.lines < 1) return void (allowance.unwrittenCount += 1);
      allowance.lines -= 1;
      const shown = Object.entries(details).flatMap(([name, value]) =>
        value === undefined || value === "" ? [] : [[name, printable(value)]],
      );
      const unwritten = allowance.unwrittenCount === 0 ? {} : { unwritten: allowance.unwrittenCount };
      allowance.unwrittenCount = 0;
      const level = kind === "origin" ? "warn" : "info";
      log[level]({ refused: kind, ...Object.fromEntries(shown), ...compared, ...unwritten }, "refused");
    },
  };
}

/**
 * At most 120 characters, each of which is seen as what it is: controls, invisible and reordering ones, and blanks of
 * other widths as \u{…}.
 */
export function printable(text: string): string {
  const short = text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text;
  return short
    .toWellFormed()
    .replaceAll(/[\p{C}\p{Z}]/gu, (character) =>
      character === " " ? " " : `\\u{${character.codePointAt(0)?.toString(16)}}`,
    );
}
