// How clauses come to their verdicts: each proof in its own world, several at a time, owners of steps first; then
// what was late or untested is looked at again, alone. Verdicts come from error classes alone: see `outcomeOfError`.

import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { judge, rootOf, tellRoot, type Outcome, type Verdict } from "../checkers/verdict.ts";
import { catalogue, clausesOf, featuresOf, levelOf, owes, type ClauseId } from "../contract/catalogue.ts";
import { features, type Capability, type Clause } from "../contract/clause.ts";
import { HarnessError, TargetError, TimeoutError } from "../drivers/errors.ts";
import type { Network } from "../drivers/network.ts";
import { Transcript, type Secrets, type WireEvent } from "../drivers/transcript.ts";
// eslint-disable-next-line no-restricted-imports -- the one thing that is taken from tests/
import { proofs, runFirst, runLast } from "../tests/contract/proofs.ts";
import type { Availability } from "./availability.ts";
import type { Canary } from "./canary.ts";
import { Inconclusive, lackOf, Unsupported, Violation } from "./proof.ts";
import { randomOf, shuffled } from "./random.ts";
import { readSet, type RequirementSet } from "./requirement-set.ts";
import type { RunContext } from "./rooms.ts";
import type { RunOptions } from "./run.ts";
import { ownerIds, ownerOf, Unmet } from "./steps.ts";
import { streamMistakes } from "./stream-mistakes.ts";
import type { Target } from "../systems/target.ts";
import { waysTo } from "../systems/ways.ts";
import { surroundings } from "./surroundings.ts";
import { nameCauses } from "./suspicions.ts";
import { Stall } from "./watchdog.ts";
import { firstOf } from "./text.ts";
import { World } from "./world.ts";

const jobsDefault = 8;

/** No proof needs longer, patient ones aside; a proof that does is our fault. */
const proofLimitMs = 60_000;
/** On a slow target everything takes longer. */
const proofLimitOf = (deadlineMs: number): number => Math.max(proofLimitMs, 15 * deadlineMs);
const patientLimitMs = 150_000;

/** A target that dies so often under one clause dies of it. */
const deathsMax = 2;

/** Between two proofs that listen while they delete users. */
const aftermathMs = 1_000;

/** How much too late something may come to have been late and not lost. */
const graceMs = 15_000;
/** Under load, later than this is a weakness. */
const lateMsMax = 10_000;

export interface Proving {
  options: RunOptions;
  context: RunContext;
  secrets: Secrets;
  canary: Canary;
  seed: number;
  availability: Availability;
  /** Called whenever a proof ended, repeated ones included. */
  onProved?: () => void;
  /** Proofs that have not ended, those included whose verdict was given before. */
  underWay: Set<Promise<unknown>>;
  /** Filled by `proveAll`. */
  proved: Map<ClauseId, Proved>;
}

interface Proved {
  verdict: Verdict;
  outcome: Outcome;
  /** What it waited for in vain came so much too late; an answer that nobody waits for any longer: nobody knows. */
  lateMs?: number | "unknown" | undefined;
  /** What the server did to it that may be another's fault, in words: a 5xx, a connection that was cut. */
  fault?: string | undefined;
  /** A client of its own that does not wait, as a page or fetch, was told to come again later (429). */
  limited?: boolean;
}

/**
 * Proves in a seeded order, several at a time; those that delete users when all others are done; those that wait
 * beside the others.
 */
export async function proveAll(ids: readonly ClauseId[], proving: Proving): Promise<Verdict[]> {
  const { options, proved } = proving;
  const system = proving.context.target.system.name;
  let total = ids.length;
  const add = (id: ClauseId, item: Proved): void => {
    proved.set(id, item);
    options.onVerdict?.(item.verdict, proved.size, total);
  };
  const set = readSet(system);
  const scored = ids.filter((id) => {
    const because = whyNotScored(id, options, set);
    if (because !== undefined) add(id, { verdict: notScored(id, options, because), outcome: { kind: "held" } });
    return because === undefined;
  });

  const runPhase = async (queue: ClauseId[], jobs: number): Promise<void> => {
    const worker = async (): Promise<void> => {
      for (;;) {
        const id = queue.shift();
        if (id === undefined || options.signal?.aborted === true) return;
        add(id, await proveThere(id, proving));
      }
    };
    await Promise.all(Array.from({ length: jobs }, worker));
  };
  const isBreaking = (id: ClauseId): boolean => runLast.breaking.has(id);
  await runPhases(
    scored.filter((id) => !isBreaking(id)),
    proving,
    runPhase,
  );
  for (;;) {
    // A step's owner that was not selected says why another is untested.
    const owners = [...proved.values()].flatMap(({ outcome }) => (outcome.kind === "untested" ? [outcome.owner] : []));
    const missing = [...new Set(owners)].filter(
      (id) => !proved.has(id as ClauseId) && owes(system, id as ClauseId),
    ) as ClauseId[];
    if (missing.length === 0 || options.signal?.aborted === true) break;
    total += missing.length;
    await runPhase(missing, 1);
  }
  await repeatAlone(proved, proving);
  const settled = await settleUntested(proved, proving);
  const others = options.signal?.aborted === true ? settled : await named(settled, proving);
  const verdicts = await withBreaking(scored.filter(isBreaking), others, proving, add);
  const order = new Map(clausesOf(system).map((id, at) => [id as string, at]));
  return verdicts.toSorted((one, other) => order.get(one.id)! - order.get(other.id)!);
}

async function runPhases(
  ids: readonly ClauseId[],
  { seed, options, context }: Proving,
  runPhase: (queue: ClauseId[], jobs: number) => Promise<void>,
): Promise<void> {
  const isPatient = (id: ClauseId): boolean => clauseOf(id).needs?.includes("patience") === true;
  const random = shuffled(ids, randomOf(seed));
  const inOrder = [...random.filter((id) => ownerIds.has(id)), ...random.filter((id) => !ownerIds.has(id))];
  const jobs = options.jobs ?? jobsDefault;
  const { alone, deleting, together } = runLast;
  const isLast = (id: ClauseId): boolean => alone.has(id) || deleting.has(id) || together.has(id);
  const patient = inOrder.filter((id) => isPatient(id) && !isLast(id));
  const waiting = inOrder.filter((id) => !isPatient(id) && runFirst.has(id) && !isLast(id));
  const quick = inOrder.filter((id) => !isPatient(id) && !runFirst.has(id) && !isLast(id));
  // Proofs that mostly wait get their own workers, or they would hold up the quick ones.
  await Promise.all([runPhase(patient, Math.max(1, patient.length)), runPhase(waiting, jobs), runPhase(quick, jobs)]);
  await runPhase(
    inOrder.filter((id) => alone.has(id)),
    1,
  );
  for (const [index, id] of inOrder.filter((one) => deleting.has(one)).entries()) {
    if (options.signal?.aborted === true) break;
    // What a deletion does to everybody's streams may take a moment to show: not in the next proof, please.
    if (index > 0) await wait(aftermathMs);
    await runPhase([id], 1);
    // It may have ended the logins of those whom the next one leases: that is one clause's to say.
    context.pool.doubtLogins();
  }
  await runPhase(
    inOrder.filter((id) => together.has(id)),
    jobs,
  );
}

/**
 * Clauses whose frames some servers die of, after all others: one at a time, and whoever dies of one breaks that one.
 * What the others came to stays as it is.
 */
async function withBreaking(
  ids: readonly ClauseId[],
  others: readonly Verdict[],
  proving: Proving,
  add: (id: ClauseId, item: Proved) => void,
): Promise<Verdict[]> {
  const { options } = proving;
  const lacks = (id: ClauseId): boolean => featuresOf(id).some((one) => !options.target.system.features.has(one));
  if (!ids.every(lacks))
    options.onPhase?.("sending what is malformed, of which some servers die: one clause at a time, behind all others");
  const asTheyAre = others.map((verdict) => [verdict.id as ClauseId, { verdict, outcome: { kind: "held" } }] as const);
  const proved = new Map<ClauseId, Proved>(asTheyAre);
  let deadly: ClauseId | undefined;
  const run = async (id: ClauseId): Promise<void> => {
    const item: Proved & { died?: true } = lacks(id)
      ? await prove(id, proving)
      : deadly === undefined
        ? await proveBreaking(id, proving)
        : afterDeath(id, deadly, proving);
    if (item.died === true) deadly ??= id;
    proved.set(id, item);
    add(id, item);
  };
  // What must hold comes first: the target may not outlive the rest.
  const rankOf = (id: ClauseId): number => (levelOf(id, options.target.system.name) === "MUST" ? 0 : 1);
  for (const id of shuffled(ids, randomOf(proving.seed)).toSorted((one, other) => rankOf(one) - rankOf(other))) {
    if (options.signal?.aborted === true) break;
    await run(id);
    const { outcome } = proved.get(id)!;
    // A step's owner that was not selected says why it is untested.
    if (outcome.kind === "untested" && !proved.has(outcome.owner as ClauseId)) await run(outcome.owner as ClauseId);
  }
  await repeatAlone(proved, proving);
  const settled = await settleUntested(proved, proving);
  const told = new Set(others.map(({ id }) => id));
  return [...others, ...settled.filter((verdict) => !told.has(verdict.id))];
}

/** A target that is there before and gone afterwards died of it. */
async function proveBreaking(id: ClauseId, proving: Proving): Promise<Proved & { died?: true }> {
  const { availability, options } = proving;
  if (!(await availability.whenThere())) return goneWhile(id, proving);
  const item = await proveThere(id, proving);
  if (options.signal?.aborted === true || (await availability.whenThere())) return item;
  const outcome: Outcome = { kind: "violated", because: "the target died while this clause was proved" };
  const verdict = {
    ...item.verdict,
    ...judge(levelOf(id, options.target.system.name), outcome, options.known?.get(id)),
  };
  return { outcome, verdict, died: true };
}

function afterDeath(id: ClauseId, deadly: ClauseId, { options }: Proving): Proved {
  const outcome: Outcome = { kind: "untested", owner: deadly, because: `the target died of ${deadly} before` };
  return { outcome, verdict: { ...about(id, options), ...judge("MUST", outcome), durationMs: 0 } };
}

/** With the causes that stand in front of the server, and those that one proof cannot tell apart. */
const named = (verdicts: readonly Verdict[], { context, secrets }: Proving): Promise<Verdict[]> =>
  nameCauses(verdicts, [...surroundings, ...streamMistakes], () => new World(context, new Transcript(secrets)));

/**
 * What came too late while others ran, or met a fault of the server or its limit, is proved again, alone. If it holds,
 * it was late, and how late is said, or it was somebody else's fault; what never came was lost, and no repetition
 * excuses that.
 */
async function repeatAlone(proved: Map<ClauseId, Proved>, proving: Proving): Promise<void> {
  for (const [id, item] of proved) {
    const { outcome, lateMs, fault } = item;
    if (proving.options.signal?.aborted === true) return;
    if (isLimited(item, proving)) {
      await proving.context.network.rateLimit?.passed();
      proved.set(id, limitedVerdict(outcome, await proveThere(id, proving)));
      continue;
    }
    if (outcome.kind !== "violated" || (lateMs === undefined && fault === undefined)) continue;
    if (lateMs === undefined && wasLetIn(id, outcome.because)) continue;
    const again = await proveThere(id, proving);
    if (again.outcome.kind !== "held") continue;
    const because = `${howItFailed(lateMs, fault)} while others ran (${outcome.because}); alone it holds`;
    proved.set(id, { outcome: again.outcome, verdict: { ...again.verdict, kind: lateness(lateMs), because } });
  }
}

/** What must be refused was not: no fault of the server elsewhere lets anybody in, and the next answer may be one. */
const wasLetIn = (id: ClauseId, because: string): boolean =>
  clauseOf(id).negative === true && /\banswered (?:2\d\d\b|CONNECTED\b)/.test(because);

/** Of a target that limits this run, and by the limit alone, as far as anybody can say. */
const isLimited = ({ outcome, limited }: Proved, { context }: Proving): boolean =>
  limited === true &&
  (outcome.kind === "violated" || outcome.kind === "untested") &&
  (context.network.rateLimit?.waitedMs ?? 0) > 0;

/** The limit is the target's good right: it fails no clause. */
function limitedVerdict(before: Outcome, again: Proved): Proved {
  const because = `the target limits us (429)${"because" in before ? `: ${before.because}` : ""}`;
  if (again.outcome.kind === "held")
    return { ...again, verdict: { ...again.verdict, because: `${because}; alone it holds` } };
  if (again.limited !== true) return again;
  return { outcome: { kind: "inconclusive", because }, verdict: { ...again.verdict, kind: "inconclusive", because } };
}

/** Late is a pass; a fault, and what came far too late or never, is a weakness. */
const lateness = (lateMs: Proved["lateMs"]): "pass" | "weak" =>
  typeof lateMs === "number" && lateMs <= lateMsMax ? "pass" : "weak";

function howItFailed(lateMs: Proved["lateMs"], fault = ""): string {
  if (lateMs === undefined) return fault;
  return lateMs === "unknown" ? "not in time" : `late by ${Math.round(lateMs)} ms`;
}

/**
 * Says of what is untested which clause says why. Where that one passes, the proof is repeated alone: its step was late
 * while others ran, or it is unstable.
 */
async function settleUntested(proved: Map<ClauseId, Proved>, proving: Proving): Promise<Verdict[]> {
  const verdicts = new Map<string, Verdict>([...proved].map(([id, { verdict }]) => [id, verdict]));
  for (const [id, { outcome, lateMs }] of proved) {
    if (outcome.kind !== "untested") continue;
    const root = rootOf(outcome.owner, verdicts);
    const says = verdicts.get(root);
    if (says !== undefined && says.kind !== "pass") {
      verdicts.set(id, { ...verdicts.get(id)!, owner: root });
      continue;
    }
    if (proving.options.signal?.aborted === true) continue;
    const again = await proveThere(id, proving);
    const unstable = `${outcome.because}, although ${outcome.owner} passes`;
    const because = `${lateMs === undefined ? "unstable step" : `${howItFailed(lateMs)} while others ran`}: ${unstable}`;
    if (again.outcome.kind === "held")
      verdicts.set(id, { ...again.verdict, kind: lateness(lateMs), because: `${because}; alone it holds` });
    else if (again.outcome.kind === "untested")
      verdicts.set(id, { ...again.verdict, kind: "inconclusive", because: unstable });
    else verdicts.set(id, again.verdict);
  }
  return [...verdicts.values()].map((verdict) =>
    verdict.kind === "untested" ? tellRoot(verdict, verdicts.get(verdict.owner ?? "")) : verdict,
  );
}

const clauseOf = (id: ClauseId): Clause => catalogue[id];

/** House rules are what our own server promises: `--house` scores them. */
function whyNotScored(id: ClauseId, { house, target }: RunOptions, set: RequirementSet): string | undefined {
  if (!set.ids.has(id))
    return `it came after set ${set.version} of ${target.system.name}, which \`rollcall clauses --freeze\` renews in a clone`;
  if (house === true || levelOf(id, target.system.name) !== "house") return undefined;
  return "house rules: a promise of Rollcall's own server alone; --house scores them";
}

const about = (
  id: ClauseId,
  { target }: RunOptions,
): Pick<Verdict, "id" | "level" | "text" | "source" | "security"> => {
  const clause = clauseOf(id);
  const { text, source, security } = clause;
  return { id, level: levelOf(id, target.system.name), text, source, ...(security === true ? { security } : {}) };
};

const notScored = (id: ClauseId, options: RunOptions, because: string): Verdict => ({
  ...about(id, options),
  kind: "not scored",
  because,
  durationMs: 0,
});

/**
 * Proves while the target is there. What was under way while it was away is proved once more. A clause that was under
 * way at two of its deaths is to blame if no other was; else it is proved while no other is.
 */
async function proveThere(id: ClauseId, proving: Proving): Promise<Proved> {
  const { availability, options } = proving;
  let deaths = 0;
  let hasDied = true;
  for (;;) {
    if (!(await availability.whenThere())) return goneWhile(id, proving);
    using turn = await availability.turns.begin(id, { alone: deaths >= deathsMax });
    // Whoever waited for its turn may find it gone.
    if (!(await availability.whenThere())) return goneWhile(id, proving);
    const startMs = performance.now();
    const result = await prove(id, proving);
    if (result.outcome.kind === "held" || result.outcome.kind === "unsupported") return result;
    if (options.signal?.aborted === true) return result;
    const isThere = await availability.whenThere();
    const outages = availability.outagesSince(startMs);
    if (outages.length === 0) return result;
    if (!isThere) return goneWhile(id, proving);
    // A pause may have any reason: a busy machine is one.
    hasDied &&= outages.some(({ died }) => died);
    if ((deaths += 1) < deathsMax || !turn.wasAlone) continue;
    const because = `the target ${hasDied ? "died" : "stopped answering"} ${deaths} times while this clause was proved`;
    const outcome: Outcome = { kind: hasDied ? "violated" : "inconclusive", because };
    const { owner: _, ...verdict } = result.verdict;
    return { outcome, verdict: { ...verdict, ...judge(verdict.level, outcome, options.known?.get(id)) } };
  }
}

function goneWhile(id: ClauseId, { options, availability }: Proving): Proved {
  const { underWay = [] } = availability.outages.at(-1) ?? {};
  const suspects = underWay.length === 0 ? "" : `; under way when it went: ${firstOf(underWay)}`;
  const because = `the target went away and did not come back${suspects}`;
  const outcome: Outcome = { kind: "inconclusive", because };
  return { outcome, verdict: { ...about(id, options), ...judge("MUST", outcome), durationMs: 0 } };
}

async function prove(id: ClauseId, proving: Proving): Promise<Proved> {
  const { options, secrets } = proving;
  const startMs = performance.now();
  const transcript = new Transcript(secrets);
  const { outcome, lateMs } = await outcomeOf(id, transcript, proving);
  proving.onProved?.();
  const subject = about(id, options);
  const judged = judge(subject.level, outcome, options.known?.get(id));
  const isQuiet = judged.kind === "pass" || judged.kind === "unsupported";
  const verdict: Verdict = {
    ...subject,
    durationMs: performance.now() - startMs,
    ...judged,
    ...(judged.because === undefined ? {} : { because: secrets.redact(judged.because) }),
    ...(isQuiet
      ? {}
      : {
          ...("connection" in outcome && outcome.connection !== undefined ? { connection: outcome.connection } : {}),
          ...(transcript.looked && { looked: { ...transcript.looked, atMs: transcript.looked.atMs - startMs } }),
          evidence: transcript.events.map((event) => ({
            ...event,
            atMs: event.atMs - startMs,
            text: secrets.redact(event.text),
          })),
        }),
  };
  return {
    verdict,
    outcome,
    lateMs,
    fault: faultIn(transcript.events, outcome),
    limited: transcript.events.some((event) => isAnswer(event, /^429\b/)),
  };
}

const isAnswer = ({ direction, text }: WireEvent, status: RegExp): boolean =>
  direction === "received" && status.test(text);

/** How Node and undici call it when a connection is gone, or nobody listens. */
const cutForms = /ECONNRESET|ECONNREFUSED|EPIPE|UND_ERR_SOCKET|socket hang up|other side closed|\b1006\b/;

/** A worker that dies and is back at once cuts everybody off, and no outage is seen. */
function faultIn(events: readonly WireEvent[], outcome: Outcome): string | undefined {
  if (events.some((event) => isAnswer(event, /^5\d\d\b/))) return "the server failed with a 5xx";
  const wasCut =
    events.some(({ direction, text }) => direction === "closed" && cutForms.test(text)) ||
    ("because" in outcome && cutForms.test(outcome.because));
  return wasCut ? "the server cut a connection" : undefined;
}

async function outcomeOf(
  id: ClauseId,
  transcript: Transcript,
  { context, options, canary, underWay, proved }: Proving,
): Promise<Pick<Proved, "outcome" | "lateMs">> {
  const { needs = [], negative } = clauseOf(id);
  const lacking = featuresOf(id).filter((feature) => !context.target.system.features.has(feature));
  if (lacking.length > 0) {
    const ways = waysTo(context.target.system.name, lacking);
    const said = ways === undefined ? { lines: lacking.map((feature) => features[feature]) } : { ways };
    return { outcome: { kind: "unsupported", missing: [], ...said } };
  }
  const world = new World(context, transcript);
  const has = (capability: Capability): boolean =>
    capability === "patience" ? options.patient === true : world.has(capability);
  const missing = needs.filter((capability) => !has(capability));
  if (missing.length > 0) return { outcome: lackOf(missing, context.target) };
  if (negative === true && !canary.honest) {
    const because = `the target is not to be trusted in refusals: ${canary.because}`;
    return { outcome: { kind: "inconclusive", because } };
  }
  try {
    await limited(proofs[id](world), {
      limitMs: needs.includes("patience") ? patientLimitMs : proofLimitOf(context.baseline.deadlineMs),
      signal: options.signal,
      underWay,
      network: context.network,
    });
    return { outcome: { kind: "held" } };
  } catch (error) {
    const outcome = outcomeOfError(id, error, context.target);
    const mayBeLate = outcome.kind === "violated" || (outcome.kind === "untested" && mayPass(outcome.owner, proved));
    const isAwaited = mayBeLate && options.signal?.aborted !== true;
    return { outcome, lateMs: isAwaited ? await lateBy(error, world) : undefined };
  } finally {
    transcript.end();
    await letGo(world, options.signal, underWay);
  }
}

/**
 * Disposes a world: what it opened is closed, whom it signed up is deleted. From an interruption on nobody waits for a
 * slow target here: the end of the run does so once for all, and not for long.
 */
export async function letGo(
  world: AsyncDisposable,
  signal: AbortSignal | undefined,
  underWay: Set<Promise<unknown>>,
): Promise<void> {
  const work = Promise.resolve(world[Symbol.asyncDispose]());
  underWay.add(work);
  const { promise: isInterrupted, resolve } = Promise.withResolvers<void>();
  const onAbort = (): void => resolve();
  if (signal?.aborted === true) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([work.finally(() => underWay.delete(work)), isInterrupted]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Whether nobody knows yet that this owner fails. Where it does, nobody waits for what its step lacks. */
function mayPass(owner: string, proved: Proving["proved"]): boolean {
  const verdict = proved.get(owner as ClauseId)?.verdict;
  return verdict === undefined || verdict.kind === "pass";
}

/**
 * How much too late came what was waited or looked for in vain; undefined: it never did, or the violation is another.
 * An answer to a request that was given up cannot be awaited.
 */
async function lateBy(error: unknown, { unseen }: World): Promise<Proved["lateMs"]> {
  if (error instanceof TimeoutError) return error.awaitLate === undefined ? "unknown" : error.awaitLate(graceMs);
  // A diagnosis names what no waiting mends, such as a message that came twice.
  const wasLookedFor = error instanceof Unmet || (error instanceof Violation && error.diagnosis === undefined);
  if (!wasLookedFor) return undefined;
  try {
    return await unseen?.(graceMs);
  } catch (failure) {
    // Whoever fails while it is looked at again was not late.
    if (failure instanceof TargetError || failure instanceof TimeoutError || failure instanceof Violation) return;
    throw failure;
  }
}

/** Whose fault an error is follows from its class, and from the step in which it came; anything unknown is ours. */
function outcomeOfError(id: ClauseId, error: unknown, target: Target): Outcome {
  const system = target.system.name;
  if (error instanceof Violation) {
    const { message: because, diagnosis } = error;
    return { kind: "violated", because, ...(diagnosis === undefined ? {} : { diagnosis }) };
  }
  if (error instanceof Unsupported) return lackOf(error.missing, target);
  if (error instanceof Inconclusive) return { kind: "inconclusive", because: error.message };
  if (error instanceof TargetError || error instanceof TimeoutError) {
    const owner = ownerOf(error.step, system);
    if (owner === undefined || owner === id) {
      const { message: because, hint } = error;
      return { kind: "violated", because, ...(hint === undefined ? {} : { diagnosis: hint }), ...seenOn(error) };
    }
    // A definition of one's own has no clause about, say, signing up: that it works is where such a run begins.
    if (!owes(system, owner)) return { kind: "inconclusive", because: error.message };
    return { kind: "untested", owner, because: error.message, ...seenOn(error) };
  }
  if (error instanceof HarnessError) return { kind: "broken", because: error.message };
  return { kind: "broken", because: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

const seenOn = ({ connection }: TargetError | TimeoutError): { connection?: string } =>
  connection === undefined ? {} : { connection };

export interface Limits {
  limitMs: number;
  signal: AbortSignal | undefined;
  underWay: Set<Promise<unknown>>;
  network: Network;
}

/** Awaits `work`, but no longer than the limit, nor beyond an interruption. */
export async function limited<T>(work: Promise<T>, { limitMs, signal, underWay, network }: Limits): Promise<T> {
  underWay.add(work);
  const forget = (): void => void underWay.delete(work);
  work.then(forget, forget); // when the limit comes first, the proof's own end is no news
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const limit = new Promise<never>((_, reject) => {
    const startMs = performance.now();
    const waitedBeforeMs = network.rateLimit?.waitedMs ?? 0;
    const look = (): void => {
      // What the target made us wait is not the proof's time.
      const leftMs = limitMs + (network.rateLimit?.waitedMs ?? 0) - waitedBeforeMs - (performance.now() - startMs);
      if (leftMs > 0) timer = setTimeout(look, leftMs);
      else reject(new HarnessError(`the proof did not end within ${limitMs} ms`));
    };
    look();
    onAbort = () => reject(new Inconclusive(signal?.reason instanceof Stall ? signal.reason.message : "interrupted"));
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal?.removeEventListener("abort", onAbort);
  }
}
