// Whoever wrote a definition reads in which line of it something is wrong: what no clause can say.

import { isExpected } from "../next-step.ts";
import { configFlag } from "./again.ts";
import { placeFinder, type FindPlace } from "../init/place.ts";
import { plain } from "../../reports/console.ts";
import type { BrokenRun } from "../../reports/report.ts";
import type { Tried } from "../../runner/tryout/tryout.ts";
import type { System } from "../../systems/define.ts";

/** `named`: the file, where the command line named it. */
export class AuthorOf {
  readonly #path: string;
  readonly #place: FindPlace;
  /** How the definition is checked. */
  readonly #check: string;

  constructor(path: string, system: System, named: string | undefined) {
    this.#path = path;
    this.#place = placeFinder(path, system);
    this.#check = `npx rollcall init --check${configFlag(named)}`;
  }

  /** Functions that do not do what they are for. What is wrong may be the server all the same: the clauses judge it. */
  tell(wrong: readonly Tried[], redact: (text: string) => string): void {
    for (const { name, because, error } of wrong)
      console.error(`definition: ${this.#place(name, error) ?? this.#path}  ${name}: ${plain(redact(because))}`);
    if (wrong.length > 0) console.error(`definition: ${this.#check} shows what each function asked and got`);
  }

  /** A run that did not come about: the function for which it did not, and its line. */
  explain(run: BrokenRun, reason: unknown): BrokenRun {
    const name = /^Cannot (?:use (\S+) of the system|[^(:]+\(([\w.]+)\):)/.exec(run.because)?.slice(1).find(Boolean);
    if (name === undefined || !isExpected(reason)) return run;
    const place = this.#place(name, reason);
    return {
      ...run,
      because: place === undefined ? run.because : `${place}: ${run.because}`,
      next: `${this.#check} shows what each function asked and got`,
    };
  }
}
