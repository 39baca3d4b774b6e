// What `--watch` knows after some rounds, and what it runs next. Terms: round – one run of some clauses; red – a clause
// that is not green and was asked for. Pure.

import { isBroken, type Verdict } from "../../../checkers/verdict.ts";
import type { ClauseId } from "../../../contract/catalogue.ts";
import { causesOf } from "../../../reports/causes.ts";

/** What the next round is to run: everything, what is red, or the first clause of the worst cause. */
export type Wish = "all" | "failed" | "one";

const isUnknown = ({ kind }: Verdict): boolean => ["untested", "inconclusive", "broken"].includes(kind);
const isRed = (verdict: Verdict): boolean => (isBroken(verdict) && verdict.kind !== "expected") || isUnknown(verdict);

export interface Round {
  /** Red before, and it holds. */
  fixed: readonly string[];
  /** Broken now, and it was not before. In the first round: none, for nothing was before. */
  broke: readonly string[];
}

export class Rounds {
  readonly all: readonly ClauseId[];
  readonly #verdicts = new Map<string, Verdict>();
  #count = 0;

  constructor(all: readonly ClauseId[]) {
    this.all = all;
  }

  get count(): number {
    return this.#count;
  }

  /** The latest of each clause. */
  get verdicts(): Verdict[] {
    return this.all.flatMap((id) => this.#verdicts.get(id) ?? []);
  }

  get red(): Verdict[] {
    return this.verdicts.filter(isRed);
  }

  add(verdicts: readonly Verdict[]): Round {
    const fixed: string[] = [];
    const broke: string[] = [];
    for (const verdict of verdicts) {
      const before = this.#verdicts.get(verdict.id);
      if (before !== undefined && isRed(before) && verdict.kind === "pass") fixed.push(verdict.id);
      if (this.#count > 0 && isRed(verdict) && isBroken(verdict) && !(before !== undefined && isBroken(before)))
        broke.push(verdict.id);
      this.#verdicts.set(verdict.id, verdict);
    }
    this.#count++;
    return { fixed, broke };
  }

  /**
   * What a wish comes to. What is untested is asked when what it rests on holds: else it would only take time. Nothing
   * red: everything.
   */
  idsOf(wish: Wish): readonly ClauseId[] {
    const { red } = this;
    if (wish === "all" || red.length === 0) return this.all;
    const [worst] = causesOf(red);
    if (wish === "one") return [worst!.head.id as ClauseId];
    const failed = red.filter(({ kind }) => kind !== "untested");
    return (failed.length > 0 ? failed : red).map(({ id }) => id as ClauseId);
  }

  /** Nothing is broken any more, and what was untested because of it has yet to be asked. */
  get isOnlyUntested(): boolean {
    const { red } = this;
    return red.length > 0 && red.every(({ kind }) => kind === "untested");
  }
}
