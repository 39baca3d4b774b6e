// What is a cause called? By an id that stays the same from run to run: that of its diagnosis, as `one-instance`, or
// that of the clause, where it is one clause alone. Pure.

import { diagnoses, surroundingMistakes } from "../contract/diagnoses.ts";
import { wiringMistakes } from "../systems/discodeit/mistakes.ts";
import type { Verdict } from "../checkers/verdict.ts";
import { causesOf, type Cause } from "./causes.ts";
import type { ListedCause } from "./report.ts";

const kebab = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Every diagnosis that Rollcall itself has, by the id of the cause. */
export const diagnosisById: ReadonlyMap<string, string> = new Map(
  Object.entries({ ...diagnoses, ...surroundingMistakes, ...wiringMistakes }).map(([key, words]) => [
    kebab(key),
    words,
  ]),
);

const idByDiagnosis = new Map([...diagnosisById].map(([id, words]) => [words, id]));

const idCharsMax = 40;

/** Of a diagnosis that stands in a definition of somebody's own: the words before its colon. */
function idOfWords(words: string): string {
  const id = words
    .split(":", 1)[0]!
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
    .replaceAll(/^-|-$/g, "");
  const whole = id.length <= idCharsMax ? id : id.slice(0, idCharsMax).replace(/-[^-]*$/, "");
  return whole === "" ? "unnamed" : whole;
}

export const causeIdOf = (diagnosis: string): string => idByDiagnosis.get(diagnosis) ?? idOfWords(diagnosis);

export const idOf = ({ head }: Pick<Cause, "head">): string =>
  head.diagnosis === undefined ? head.id : causeIdOf(head.diagnosis);

/** As report.json has them, worst first. */
export const listCauses = (verdicts: readonly Verdict[]): ListedCause[] =>
  causesOf(verdicts).map((cause) => {
    const { head, same, untested } = cause;
    return {
      id: idOf(cause),
      ...(head.diagnosis === undefined ? {} : { diagnosis: head.diagnosis }),
      clauses: [head, ...same].map(({ id }) => id),
      untested: untested.map(({ id }) => id),
    };
  });
