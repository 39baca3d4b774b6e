// One run of the contract against one target: canary, baseline, every proof of the set (several at a time), clean-up.
// The same runner serves `rollcall verify` and Vitest. Verdicts come from error classes alone: see `outcomeOf`.

import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { catalogue, clausesOf, type ClauseId } from "../contract/catalogue.ts";
import type { Capability, Clause } from "../contract/clause.ts";
import { judge, type KnownFailure, type Outcome, type Verdict } from "../checkers/verdict.ts";
import { HarnessError, TargetError, TimeoutError } from "../drivers/errors.ts";
import { Network } from "../drivers/network.ts";
import { RestClient } from "../drivers/rest.ts";
import { csrfRule, fetchCsrf, Discodeit } from "../systems/discodeit/client.ts";
import { Secrets, Transcript } from "../drivers/transcript.ts";
import type { Target } from "../systems/target.ts";
import { randomOf, shuffled } from "./random.ts";
import { AccountPool, type Account } from "./account-pool.ts";
import { measureBaseline, unmeasured, type Baseline } from "./baseline.ts";
import { askCanary, type Canary } from "./canary.ts";
import type { Limit } from "../drivers/rate-limit.ts";
import { cleanUp, RunFile } from "./clean-up.ts";
// eslint-disable-next-line no-restricted-imports -- the one thing that is taken from tests/
import { proofs, runFirst, runLast } from "../tests/contract/proofs.ts";
import { Inconclusive, Violation } from "./proof.ts";
import type { RunContext } from "./rooms.ts";
import { World } from "./world.ts";

export interface RunOptions {
  target: Target;
  /** Only these clauses; an empty list is an error of the caller. */
  only?: readonly ClauseId[];
  jobs?: number;
  /** Clauses about time over 5 s. */
  patient?: boolean;
  timeoutMs?: number;
  seed?: number;
  known?: ReadonlyMap<ClauseId, KnownFailure>;
  onVerdict?: (verdict: Verdict, done: number, total: number) => void;
  onPhase?: (phase: string) => void;
  /** Told before anything is made: the name by which a killed run is tidied up. */
  onStart?: (run: string) => void;
  /** Told when even the setting up failed and not everything could be deleted afterwards. */
  onLeftBehind?: (run: string, leftBehind: readonly string[]) => void;
  /** Aborted: no new proof starts, what runs is ended, the clean-up still happens. */
  signal?: AbortSignal;
  /** Where secrets of this run are known, to be shared with the reports. */
  secrets?: Secrets;
}

export interface RunResult {
  run: string;
  target: Target;
  canary: Canary;
  baseline: Baseline;
  seed: number;
  verdicts: Verdict[];
  /** How many clauses the set has, and how many were selected. */
  clausesInSet: number;
  clausesSelected: number;
  interrupted: boolean;
  durationMs: number;
  /** What could not be deleted. */
  leftBehind: string[];
}

const jobsDefault = 8;

/** No proof needs longer, patient ones aside; a proof that does is our fault. */
const proofLimitMs = 60_000;
const patientLimitMs = 150_000;

/** Between two proofs that listen while they delete users. */
const aftermathMs = 1_000;

/** After an interruption: how long what is under way may take to end, so that the clean-up finds all that it made. */
const windDownMs = 5_000;

/**
 * Runs the contract. Throws TargetError or TimeoutError when the target cannot even be set up (sign-up, login, one
 * message).
 */
export async function runContract(options: RunOptions): Promise<RunResult> {
  const { target } = options;
  const startMs = performance.now();
  const secrets = options.secrets ?? new Secrets();
  const onLimit = ({ status, waitMs, request }: Limit): void =>
    options.onPhase?.(
      `the target limits us: ${request} is answered ${status}; waiting ${Math.ceil(waitMs / 1_000)} s as told`,
    );
  const network = new Network({ onLimit, ...(target.ca === undefined ? {} : { ca: target.ca }) });
  const run = randomBytes(4).toString("hex").slice(0, 6);
  const seed = options.seed ?? randomBytes(4).readUInt32LE();
  const context = contextOf(options, run, network, secrets);
  const file = new RunFile(run, target, context);
  const clauses = clausesOf(target.system);
  const selected = clauses.filter((id) => options.only === undefined || options.only.includes(id));
  const underWay = new Set<Promise<unknown>>();
  const tidyUp = async (): Promise<string[]> => {
    await Promise.race([
      Promise.allSettled([context.pool.close(), ...underWay]),
      wait(windDownMs, undefined, { ref: false }),
    ]);
    return await cleanUp(context, file, options.onPhase);
  };
  options.onStart?.(run);
  try {
    options.onPhase?.("asking the canary");
    const canary = await askCanary(
      new RestClient({
        csrf: csrfRule,
        baseUrl: target.instances[0],
        network,
        transcript: new Transcript(secrets, 50),
        label: "canary",
      }),
    );
    // A wrong address of an instance must not wait for the clauses that need two, which may not be selected.
    for (const baseUrl of [...target.instances.slice(1), ...(target.proxy === undefined ? [] : [target.proxy])])
      await fetchCsrf(
        new RestClient({
          csrf: csrfRule,
          baseUrl,
          network,
          transcript: new Transcript(secrets, 10),
          label: "instance",
        }),
      );
    await checkAdmin(context, options);
    options.onPhase?.("measuring the target");
    await withWorld(context, secrets, (world) =>
      limited(measureBaseline(world, options.timeoutMs), {
        limitMs: proofLimitMs,
        signal: options.signal,
        underWay,
        network,
      }),
    );
    options.onPhase?.(`proving ${selected.length} clauses`);
    const verdicts = await proveAll(selected, { options, context, secrets, canary, seed, underWay });
    const leftBehind = await tidyUp();
    return {
      run,
      target: context.target,
      canary,
      baseline: context.baseline,
      seed,
      verdicts,
      clausesInSet: clauses.length,
      clausesSelected: selected.length,
      interrupted: options.signal?.aborted ?? false,
      durationMs: performance.now() - startMs,
      leftBehind,
    };
  } catch (error) {
    const leftBehind = await tidyUp();
    if (leftBehind.length > 0) options.onLeftBehind?.(run, leftBehind);
    throw error;
  } finally {
    await network.close();
  }
}

/**
 * Wrong credentials are found before they would turn every clause red that needs the admin. Guessed ones are dropped.
 */
async function checkAdmin(context: RunContext, options: RunOptions): Promise<void> {
  const { target } = context;
  if (target.admin === undefined || !target.capabilities.has("admin")) return;
  try {
    options.onPhase?.("logging in as admin");
    await context.admin();
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    if (target.admin.guessed !== true)
      throw new HarnessError(
        `Cannot log in as the admin ${JSON.stringify(target.admin.username)}: ${error.message}. Are the credentials right?`,
        {
          cause: error,
        },
      );
    context.target = {
      ...target,
      capabilities: new Set([...target.capabilities].filter((capability) => capability !== "admin")),
    };
  }
}

async function withWorld<T>(context: RunContext, secrets: Secrets, work: (world: World) => Promise<T>): Promise<T> {
  await using world = new World(context, new Transcript(secrets));
  return await work(world);
}

/** What all worlds of a run share: accounts are made when first asked for. */
export function contextOf(
  options: Pick<RunOptions, "target" | "timeoutMs">,
  run: string,
  network: Network,
  secrets: Secrets,
): RunContext {
  const { target } = options;
  const system = new Discodeit(target.system);
  const pool = new AccountPool({ run, baseUrl: target.instances[0], network, secrets, system });
  const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
    let made: Promise<T> | undefined;
    return () => (made ??= make());
  };
  const admin = once(async (): Promise<Account> => {
    if (target.admin === undefined) throw new HarnessError("Cannot log in as admin: no credentials were given");
    secrets.add(target.admin.password);
    const rest = new RestClient({
      csrf: csrfRule,
      baseUrl: target.instances[0],
      network,
      transcript: new Transcript(secrets, 50),
      label: "ADMIN",
    });
    secrets.add(await system.logIn(rest, target.admin.username, target.admin.password));
    const me = (await system.users(rest)).find(({ username }) => username === target.admin!.username);
    if (me === undefined) throw new TargetError("malformed", "Cannot find the admin in GET /api/users");
    return {
      username: me.username,
      password: target.admin.password,
      email: me.email,
      id: me.id,
      label: "ADMIN",
      rest,
      gone: false,
      disposable: false,
      loggedInAtMs: performance.now(),
    };
  });
  const manager = once(async (): Promise<Account> => {
    const account = await pool.extra("m");
    const answer = await system.roleAnswer((await admin()).rest, account.id, "CHANNEL_MANAGER");
    if (answer.status !== 200)
      throw new TargetError("refused", `Cannot make a channel manager: PUT /api/auth/role answered ${answer.status}`);
    await pool.logInAgain(account); // a role change ends the logins
    return account;
  });
  const peer = once(() => pool.extra("p"));
  return {
    target,
    network,
    pool,
    system,
    baseline: unmeasured(options.timeoutMs),
    run,
    manager,
    peer,
    admin,
    channels: [],
  };
}

interface Proving {
  options: RunOptions;
  context: RunContext;
  secrets: Secrets;
  canary: Canary;
  seed: number;
  /** Proofs that have not ended, those included whose verdict was given before. */
  underWay: Set<Promise<unknown>>;
}

/**
 * Proves in a seeded order, several at a time; those that delete users when all others are done; those that wait beside
 * the others.
 */
async function proveAll(ids: readonly ClauseId[], proving: Proving): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const { options } = proving;
  const runPhase = async (queue: ClauseId[], jobs: number): Promise<void> => {
    const worker = async (): Promise<void> => {
      for (;;) {
        const id = queue.shift();
        if (id === undefined || options.signal?.aborted === true) return;
        const verdict = await prove(id, proving);
        verdicts.push(verdict);
        options.onVerdict?.(verdict, verdicts.length, ids.length);
      }
    };
    await Promise.all(Array.from({ length: jobs }, worker));
  };
  const isPatient = (id: ClauseId): boolean => clauseOf(id).needs?.includes("patience") === true;
  const inOrder = shuffled(ids, randomOf(proving.seed));
  const jobs = options.jobs ?? jobsDefault;
  const deletes = (id: ClauseId): boolean => runLast.alone.has(id) || runLast.together.has(id);
  const patient = inOrder.filter((id) => isPatient(id) && !deletes(id));
  const waiting = inOrder.filter((id) => !isPatient(id) && runFirst.has(id) && !deletes(id));
  const quick = inOrder.filter((id) => !isPatient(id) && !runFirst.has(id) && !deletes(id));
  // Proofs that mostly wait get workers of their own, or they would hold up the quick ones.
  await Promise.all([runPhase(patient, Math.max(1, patient.length)), runPhase(waiting, jobs), runPhase(quick, jobs)]);
  const alone = inOrder.filter((id) => runLast.alone.has(id));
  const together = inOrder.filter((id) => runLast.together.has(id));
  for (const [index, id] of alone.entries()) {
    // What a deletion does to everybody's streams may take a moment to show: not in the next proof, please.
    if (index > 0) await wait(aftermathMs);
    await runPhase([id], 1);
  }
  await runPhase(together, jobs);
  const order = new Map(clausesOf(options.target.system).map((id, at) => [id as string, at]));
  return verdicts.toSorted((one, other) => order.get(one.id)! - order.get(other.id)!);
}

const clauseOf = (id: ClauseId): Clause => catalogue[id];

async function prove(id: ClauseId, proving: Proving): Promise<Verdict> {
  const { context, options, secrets } = proving;
  const clause = clauseOf(id);
  const startMs = performance.now();
  const transcript = new Transcript(secrets);
  const outcome = await outcomeOf(id, clause, transcript, proving);
  const judged = judge(clause.level, outcome, options.known?.get(id));
  return {
    id,
    level: clause.level,
    text: clause.text,
    source: clause.source,
    durationMs: performance.now() - startMs,
    ...judged,
    ...(judged.because === undefined ? {} : { because: secrets.redact(judged.because) }),
    ...(judged.kind === "pass" || judged.kind === "unsupported"
      ? {}
      : {
          evidence: transcript.events.map((event) => ({
            ...event,
            atMs: event.atMs - startMs,
            text: secrets.redact(event.text),
          })),
        }),
  };

  async function outcomeOf(
    proofId: ClauseId,
    { needs = [], negative }: Clause,
    wire: Transcript,
    { canary }: Proving,
  ): Promise<Outcome> {
    const world = new World(context, wire);
    const missing = needs.filter((capability) => !has(capability, world));
    if (missing.length > 0) return { kind: "unsupported", missing };
    if (negative === true && !canary.honest)
      return { kind: "inconclusive", because: `the target is not to be trusted in refusals: ${canary.because}` };
    try {
      const proof = proofs[proofId] as (typeof proofs)[ClauseId] | undefined;
      if (proof === undefined) return { kind: "broken", because: "no proof was written" };
      await limited(proof(world), {
        limitMs: needs.includes("patience") ? patientLimitMs : proofLimitMs,
        signal: options.signal,
        underWay: proving.underWay,
        network: context.network,
      });
      return { kind: "held" };
    } catch (error) {
      return outcomeOfError(error);
    } finally {
      await world[Symbol.asyncDispose]();
    }
  }

  function has(capability: Capability, world: World): boolean {
    return capability === "patience" ? options.patient === true : world.has(capability);
  }
}

/** Whose fault an error is follows from its class; anything unknown is ours. */
function outcomeOfError(error: unknown): Outcome {
  if (error instanceof Violation)
    return {
      kind: "violated",
      because: error.message,
      ...(error.diagnosis === undefined ? {} : { diagnosis: error.diagnosis }),
    };
  if (error instanceof Inconclusive) return { kind: "inconclusive", because: error.message };
  if (error instanceof TargetError || error instanceof TimeoutError)
    return { kind: "violated", because: error.message };
  const because =
    error instanceof Error
      ? error instanceof HarnessError
        ? error.message
        : (error.stack ?? error.message)
      : String(error);
  return { kind: "broken", because };
}

async function limited(
  work: Promise<unknown>,
  {
    limitMs,
    signal,
    underWay,
    network,
  }: { limitMs: number; signal: AbortSignal | undefined; underWay: Set<Promise<unknown>>; network: Network },
): Promise<void> {
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
    onAbort = () => reject(new Inconclusive("interrupted"));
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal?.removeEventListener("abort", onAbort);
  }
}
