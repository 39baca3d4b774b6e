// `rollcall explain`: one clause, or one cause, in words: what must hold, why, how it is proved, how it usually breaks,
// how it is mended. The catalogue, the sources and the diagnoses say it; what only the proofs and the servers that are
// broken on purpose know is handed in. Pure.

import colors from "picocolors";
import { catalogue, featuresOf, levelOf, proofFileOf, type ClauseId } from "../contract/catalogue.ts";
import { features, type Level } from "../contract/clause.ts";
import { addressOf, partsOf, sourceOf } from "../contract/sources.ts";
import { causeIdOf } from "./cause-ids.ts";
import { levelText, owing } from "./contract.ts";

/** What is known of a clause beside the catalogue. */
export interface ProofFacts {
  /** Of its proof, where the sources are at hand. */
  line?: number;
  /** The steps that it is about: other proofs rest on them. */
  steps: readonly string[];
  /** What servers do that are broken on purpose, and that it must find out. */
  planted: readonly string[];
  /** What those do that are broken for another clause, and turn it red as well. */
  alsoRed: readonly string[];
  /** Servers that others wrote and that break it, with the reason. */
  peers: readonly { server: string; because: string }[];
  /** The diagnoses that a run may give here. */
  diagnoses: readonly string[];
}

export interface ExplainedClause {
  clause: ClauseId;
  text: string;
  security: boolean;
  levels: Readonly<Record<string, Level>>;
  why: readonly { source: string; text: string; where?: string; address?: string }[];
  proof: {
    file: string;
    line?: number;
    needs: readonly string[];
    /** What a system must have for it → the part of its definition that says so. */
    features: Readonly<Record<string, string>>;
    /** Its pass rests on a refusal, or on silence. */
    negative: boolean;
    steps: readonly string[];
  };
  breaks: Pick<ProofFacts, "planted" | "alsoRed" | "peers">;
  mends: readonly { cause: string; diagnosis: string }[];
}

export function explainClause(id: ClauseId, facts: ProofFacts): ExplainedClause {
  const { text, source, needs = [], negative, security } = catalogue[id];
  const { line, steps, planted, alsoRed, peers } = facts;
  return {
    clause: id,
    text,
    security: security === true,
    levels: Object.fromEntries(owing(id).map((system) => [system, levelOf(id, system)])),
    why: partsOf(source).map(whyOf),
    proof: {
      file: proofFileOf(id),
      ...(line === undefined ? {} : { line }),
      needs,
      features: Object.fromEntries(featuresOf(id).map((feature) => [feature, features[feature]])),
      negative: negative === true,
      steps,
    },
    breaks: { planted, alsoRed, peers },
    mends: facts.diagnoses.map((diagnosis) => ({ cause: causeIdOf(diagnosis), diagnosis })),
  };
}

function whyOf(part: string): ExplainedClause["why"][number] {
  const source = sourceOf(part);
  const address = source === undefined ? undefined : addressOf(source);
  return {
    source: part,
    text: source?.text ?? "",
    ...(source?.where === undefined ? {} : { where: source.where }),
    ...(address === undefined ? {} : { address }),
  };
}

export interface ExplainedCause {
  cause: string;
  /** What is wrong, as the diagnosis says it, and what to do about it. */
  seen: string;
  mend: string;
  diagnosis: string;
  /** The clauses whose proofs may find it. */
  clauses: readonly { clause: ClauseId; text: string }[];
}

export function explainCause(id: string, diagnosis: string, clauses: readonly ClauseId[]): ExplainedCause {
  const [seen = "", ...mend] = diagnosis.split(/[:;] /);
  return {
    cause: id,
    seen,
    mend: diagnosis.slice(mend.length === 0 ? 0 : seen.length + 2),
    diagnosis,
    clauses: clauses.map((clause) => ({ clause, text: catalogue[clause].text })),
  };
}

const section = (title: string, lines: readonly string[]): string[] => [
  "",
  colors.bold(title),
  ...lines.map((line) => `  ${line}`),
];

const shownMax = 5;
const some = (title: string, all: readonly string[]): string[] => [
  ...all.slice(0, shownMax).map((line) => `${title}${line}`),
  ...(all.length > shownMax ? [`… and ${all.length - shownMax} more (--json has all)`] : []),
];

function waysToBreak({ planted, alsoRed, peers }: ExplainedClause["breaks"]): string[] {
  const ways = [
    ...some("a planted fault: ", planted),
    ...peers.map(({ server, because }) => `in the field: ${server}: ${because}`),
    ...some("a fault of another clause, which this one finds, too: ", alsoRed),
  ];
  return ways.length > 0 ? ways : ["no fault of it is on record"];
}

export function linesOfClause(explained: ExplainedClause): string[] {
  const { clause, text, security, why, proof, breaks, mends } = explained;
  const planted = breaks.planted.length;
  return [
    `${colors.bold(clause)} (${levelText(clause)}${security ? "; security" : ""})`,
    ...section("What must hold", [text]),
    ...section("Why", [
      ...why.map((part) => `${part.source}: ${part.text}${part.where === undefined ? "" : ` (${part.where})`}`),
      ...new Set(why.flatMap(({ address }) => address ?? [])),
    ]),
    ...section("How it is proved", [
      `${proof.file}${proof.line === undefined ? "" : `:${proof.line}`}`,
      ...Object.entries(proof.features).map(([feature, from]) => `asks for ${feature} in the definition: ${from}`),
      ...proof.needs.map((need) => `needs ${need}; without it, it is unsupported`),
      ...(proof.negative
        ? ["it rests on a refusal, or on silence: it counts only on a target that passes the canary"]
        : []),
      ...(proof.steps.length === 0
        ? []
        : [`other proofs rest on it (${proof.steps.join(", ")}): while it fails, they are untested`]),
      ...(planted === 0
        ? []
        : [
            planted === 1
              ? "the verifier's own tests plant the fault below in a server, and this clause has to find it"
              : `the verifier's own tests plant ${planted} faults in a server, each of which this clause has to find`,
          ]),
    ]),
    ...section("How it usually breaks", waysToBreak(breaks)),
    ...section(
      "How it is mended",
      mends.length > 0
        ? mends.map(({ cause, diagnosis }) => `${colors.cyan(cause)}  ${diagnosis}`)
        : ["no mistake of the field is known for it: the report's transcript shows what was sent and what came"],
    ),
    "",
    `next: npx rollcall verify URL --only ${clause}`,
  ];
}

export function linesOfCause({ cause, seen, mend, clauses }: ExplainedCause): string[] {
  const ids = clauses.map(({ clause }) => clause);
  return [
    `${colors.bold(cause)} (a cause: one mistake that may break several clauses)`,
    ...section("What is wrong", [seen]),
    ...section("What is behind it, and how it is mended", [mend]),
    ...section(
      "Clauses that find it: what must hold",
      clauses.length > 0
        ? clauses.map(({ clause, text }) => `${colors.cyan(clause)}  ${text}`)
        : ["no clause of its own: a probe asks the target for it when several clauses look like it"],
    ),
    "",
    ids.length > 0
      ? `next: npx rollcall explain ${ids[0]!}, or npx rollcall verify URL --only ${ids.join(",")}`
      : "next: npx rollcall verify URL",
  ];
}
