// One run of the contract against one target: canary, baseline, every proof of the set, clean-up. The same runner
// serves `rollcall verify` and Vitest.

import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { request } from "undici";
import type { KnownFailure, Verdict } from "../checkers/verdict.ts";
import { clausesOf, type ClauseId } from "../contract/catalogue.ts";
import { HarnessError, TargetError, TimeoutError } from "../drivers/errors.ts";
import { answerTimeoutMsDefault, Network, urlBelow } from "../drivers/network.ts";
import type { PageOrigin } from "../drivers/page.ts";
import { reach } from "../drivers/reach.ts";
import type { Limit } from "../drivers/rate-limit.ts";
import type { RestClient } from "../drivers/rest.ts";
import { Secrets, Transcript } from "../drivers/transcript.ts";
import { othersWithLogins, systemNamed } from "../systems/systems.ts";
import { whoMayLogIn } from "../systems/ways.ts";
import type { Target } from "../systems/target.ts";
import { AccountBook } from "./account-book.ts";
import { AccountPool, accountsMax, type Account } from "./account-pool.ts";
import { measureBaseline, unmeasured, type Baseline } from "./baseline.ts";
import { asksForAdmin, makeEarly, type Before } from "./before.ts";
import { Availability } from "./availability.ts";
import { clockOffsetMs } from "./clock.ts";
import { askCanary, type Canary } from "./canary.ts";
import { cleanUp, overAfter, RunFile, staysOf, type CleanUpOptions } from "./clean-up.ts";
import { doorsOf, findOrigin, pageOf } from "./origin.ts";
import { letGo, limited, proveAll, type Limits, type Proving } from "./prove.ts";
import type { RunContext } from "./rooms.ts";
import { Speaker } from "./speaker.ts";
import { tryTalking, type Tried } from "./tryout/tryout.ts";
import { Watchdog } from "./watchdog.ts";
import { World } from "./world.ts";
import { counted } from "./text.ts";

export interface RunOptions {
  target: Target;
  /** Only these clauses; an empty list is an error of the caller. */
  only?: readonly ClauseId[];
  jobs?: number;
  /** Clauses about time over 5 s. */
  patient?: boolean;
  /** House rules too: what only our own server promises. */
  house?: boolean;
  timeoutMs?: number;
  seed?: number;
  known?: ReadonlyMap<ClauseId, KnownFailure>;
  /** What an earlier run found out about this target. */
  before?: Before;
  onVerdict?: (verdict: Verdict, done: number, total: number) => void;
  /** Told what the run came to before anything is deleted: `leftBehind` is empty as yet. */
  onJudged?: (result: RunResult) => void;
  onPhase?: (phase: string) => void;
  /** Told before anything is made: the name by which a killed run is tidied up. */
  onStart?: (run: string) => void;
  /** Told which functions of a definition of one's own do not do what they are for. */
  onDefinition?: (wrong: readonly Tried[]) => void;
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
  /** As `Network.page`. */
  page: PageOrigin;
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
  /** What the definition cannot delete, in words. */
  stays: string | undefined;
  /** When the target did not answer, since the start of the run. */
  outages: { fromMs: number; lastedMs: number; isOver: boolean; underWay: readonly string[] }[];
  /** How often the target asked us to come again later, and how long we waited, in all. */
  limited: { count: number; waitedMs: number } | undefined;
}

/** After an interruption: how long what is under way may take to end, so that the clean-up finds all that it made. */
const windDownMs = 3_000;

/** On a target that takes seconds for everything. */
export const baselineLimitMs = 180_000;

/** A target that answers nothing for so long is away, and one that is away for so long does not come back. */
const answerWithinMs = 4_000;
const returnWithinMs = 120_000;
/** Nobody restarts a server that was started for this run. */
const throwAwayReturnWithinMs = 3_000;

/** A letter and five more: names of accounts begin with it, and some servers allow ten characters. */
export const newRunName = (): string => `r${randomBytes(5).readUIntBE(0, 5).toString(36).padStart(5, "0").slice(-5)}`;

/**
 * Runs the contract. Throws TargetError or TimeoutError when the target cannot even be set up (sign-up, login, one
 * message).
 */
export async function runContract(options: RunOptions): Promise<RunResult> {
  const { target } = options;
  const startMs = performance.now();
  const secrets = options.secrets ?? new Secrets();
  const network = openNetwork(options);
  const run = newRunName();
  const seed = options.seed ?? randomBytes(4).readUInt32LE();
  const context = contextOf(options, run, network, secrets);
  const file = new RunFile(run, target, context);
  const selected = clausesOf(target.system.name).filter((id) => options.only?.includes(id) ?? true);
  const underWay = new Set<Promise<unknown>>();
  const over = overAfter(options.signal);
  const tidyUp = (): Promise<string[]> => endOf(context, file, { underWay, over, onPhase: options.onPhase });
  options.onStart?.(run);
  try {
    sayWhatStays(options);
    const transcript = new Transcript(secrets, 50);
    const client = (baseUrl: string) => context.speaker.client({ baseUrl, network, transcript, label: "canary" });
    const made = makeEarly(context, options.before);
    const canary = await askFirst(context, transcript, client, options);
    if (asksForAdmin(selected, options.before)) await checkAdmin(context, options);
    await made;
    const inWorld = <T>(work: (world: World) => Promise<T>): Promise<T> =>
      inWorldOf(context, secrets, work, limitsOf(options, underWay, network));
    await using availability = watch(context, options);
    const failure = await measureThere(context, availability, options, inWorld);
    if (failure !== undefined) await checkSystem(context, client(target.instances[0]), canary, failure);
    await inWorld((world) => tryOwnDefinition(world, options));
    options.onPhase?.(`proving ${counted(selected.length, "clause")}`);
    const verdicts = await proveWatched(selected, { options, context, secrets, canary, seed, availability, underWay });
    const judged = { run, canary, seed, verdicts, clausesSelected: selected.length };
    const resultWith = (leftBehind: string[]): RunResult => ({
      ...judged,
      ...stateOf(context, options, availability, startMs),
      leftBehind,
    });
    options.onJudged?.(resultWith([]));
    return resultWith(await tidyUp());
  } catch (error) {
    const leftBehind = await tidyUp();
    if (leftBehind.length > 0) options.onLeftBehind?.(run, leftBehind);
    throw error;
  } finally {
    await network.close();
  }
}

/** Waits for what is under way, but not for long, and deletes what was made; returns what could not be deleted. */
export async function endOf(
  context: RunContext,
  file: RunFile,
  { underWay, ...options }: CleanUpOptions & { underWay: ReadonlySet<Promise<unknown>> },
): Promise<string[]> {
  await Promise.race([
    Promise.allSettled([context.pool.close(), ...underWay]),
    wait(windDownMs, undefined, { ref: false }),
  ]);
  return await cleanUp(context, file, options);
}

/** What is known of the target and of the run's course by now. */
const stateOf = (
  context: RunContext,
  { signal }: RunOptions,
  availability: Availability,
  startMs: number,
): Omit<RunResult, "run" | "canary" | "seed" | "verdicts" | "clausesSelected" | "leftBehind"> => ({
  target: context.target,
  page: context.network.page,
  baseline: context.baseline,
  clausesInSet: clausesOf(context.target.system.name).length,
  interrupted: signal?.aborted ?? false,
  durationMs: performance.now() - startMs,
  stays: staysOf(context),
  outages: outagesOf(availability, startMs),
  limited: limitOf(context.network),
});

/** What was measured while the target was away says nothing of it: once more, when it is back. */
async function measureThere(
  { baseline }: RunContext,
  availability: Availability,
  { onPhase, timeoutMs, before }: RunOptions,
  inWorld: <T>(work: (world: World) => Promise<T>) => Promise<T>,
): Promise<TargetError | TimeoutError | undefined> {
  onPhase?.("measuring the target");
  await inWorld(checkUsers);
  if (before !== undefined) {
    const { clockOffsetMs: _, ...rest } = before.baseline;
    Object.assign(baseline, rest);
    return undefined;
  }
  const measured = () => inWorld((world) => measureBaseline(world, timeoutMs));
  const failure = await measured();
  // Asked now: what was cut off has ended before anybody else asks.
  if (!(await availability.whenThere()) || availability.outages.length === 0) return failure;
  onPhase?.("measuring the target again: it was away meanwhile");
  const { clockOffsetMs } = baseline;
  Object.assign(baseline, unmeasured(timeoutMs), { clockOffsetMs });
  return await measured();
}

function sayWhatStays({ target, onPhase }: RunOptions): void {
  if (bookOf(target) === undefined) return;
  onPhase?.(`the definition cannot delete accounts: up to ${accountsMax} will stay, for later runs, too`);
}

/** Proves until all is judged, or nothing is finished any more. */
async function proveWatched(selected: readonly ClauseId[], proving: Omit<Proving, "proved">): Promise<Verdict[]> {
  using watchdog = new Watchdog();
  const { signal } = proving.options;
  const both = signal === undefined ? watchdog.signal : AbortSignal.any([signal, watchdog.signal]);
  const options = { ...proving.options, signal: both };
  return await proveAll(selected, { ...proving, options, proved: new Map(), onProved: () => watchdog.feed() });
}

/** The canary, whether every instance is there, what time it is, and which page is let in. */
async function askFirst(
  context: RunContext,
  transcript: Transcript,
  client: (baseUrl: string) => RestClient,
  { onPhase }: RunOptions,
): Promise<Canary> {
  onPhase?.("asking the canary");
  const { target, speaker, baseline, network } = context;
  const canary = await askCanary(client(target.instances[0]), target.system.http);
  // A wrong address must not wait for the clauses that ask there, which may not be selected. The canary asked the first
  // instance already, unless there is nothing that it could ask.
  const [first, ...others] = target.instances;
  const unasked = speaker.aliveBy === undefined ? [first, ...others] : others;
  for (const baseUrl of [...unasked, ...(target.proxy === undefined ? [] : [target.proxy])])
    await speaker.askAlive(client(baseUrl), network.interrupt);
  if (speaker.aliveBy !== undefined)
    baseline.clockOffsetMs = await clockOffsetMs(client(target.instances[0]), speaker.alivePath, speaker.aliveBy);
  network.page = (await findOrigin(doorsOf(context), { network, transcript }, pageOf(context))).page;
  return canary;
}

export function openNetwork({ onPhase, signal, target, timeoutMs = 0 }: RunOptions): Network {
  const onLimit = ({ status, waitMs, request }: Limit): void =>
    onPhase?.(`the target limits us: ${request} is answered ${status}; waiting ${Math.ceil(waitMs / 1_000)} s as told`);
  const ca = target.ca === undefined ? {} : { ca: target.ca };
  const answerTimeoutMs = Math.max(answerTimeoutMsDefault, timeoutMs);
  return new Network({ onLimit, interrupt: signal, answerTimeoutMs, ...ca });
}

const limitsOf = ({ signal }: RunOptions, underWay: Set<Promise<unknown>>, network: Network) => ({
  limitMs: baselineLimitMs,
  signal,
  underWay,
  network,
});

/**
 * Of a definition of one's own nobody knows as yet whether it is right. What it says of the server the clauses judge.
 */
async function tryOwnDefinition(world: World, { onPhase, onDefinition }: RunOptions): Promise<void> {
  if (systemNamed(world.system.name) === world.system || onDefinition === undefined) return;
  onPhase?.("trying the definition");
  onDefinition((await tryTalking(world)).filter(({ outcome }) => outcome === "wrong"));
}

/**
 * Nobody could be let in. Throws the failure where this is another server or another system altogether: then no clause
 * says anything. Else the clauses about signing up and logging in say what is wrong.
 */
async function checkSystem(
  { pool, speaker }: RunContext,
  rest: RestClient,
  canary: Canary,
  failure: TargetError | TimeoutError,
): Promise<void> {
  // A definition of one's own has no clauses about signing up, logging in and opening rooms: a run begins with these.
  if (systemNamed(speaker.system.name) !== speaker.system) throw failure;
  if (pool.accounts.some(({ loggedInAtMs }) => loggedInAtMs > 0)) return;
  const alive = await speaker.askAlive(rest);
  if (!canary.honest || alive >= 400) throw failure;
  const [account] = pool.accounts;
  if (account === undefined) return;
  for (const other of othersWithLogins(speaker.system.name))
    if (await canLogIn(new Speaker(other), { ...account, rest })) throw failure;
}

/** Throws the refusal of a user who may not be the target's: it says nothing about the target. */
async function checkUsers(world: World): Promise<void> {
  const hint = whoMayLogIn(world.system.name);
  // Our own server's are right.
  if (hint === undefined || world.target.throwAway) return;
  const [account] = await world.accounts(1);
  try {
    await world.stomp(account);
  } catch (error) {
    if (!(error instanceof TargetError && error.code === "refused")) return;
    throw new TargetError("refused", `Cannot log in as ${account.username}: ${error.message}`, {
      cause: error,
      hint,
    });
  }
}

async function canLogIn(speaker: Speaker, account: Account): Promise<boolean> {
  try {
    await speaker.logIn(account);
    return true;
  } catch (error) {
    if (error instanceof TargetError || error instanceof TimeoutError) return false;
    throw error;
  }
}

function limitOf({ rateLimit }: Network): RunResult["limited"] {
  const { toldCount = 0, waitedMs = 0 } = rateLimit ?? {};
  return toldCount === 0 ? undefined : { count: toldCount, waitedMs };
}

const outagesOf = ({ outages }: Availability, startMs: number): RunResult["outages"] =>
  outages.map(({ fromMs, toMs, underWay }) => ({
    fromMs: fromMs - startMs,
    lastedMs: (toMs ?? performance.now()) - fromMs,
    isOver: toMs !== undefined,
    underWay,
  }));

/** Asks once a second whether the target is there. */
function watch(context: RunContext, { onPhase, target, signal: interrupt }: RunOptions): Availability {
  const url = urlBelow(target.instances[0], context.speaker.alivePath);
  return new Availability({
    ask: async (signal) => {
      const method = context.speaker.aliveBy;
      if (method === undefined) return await reach(url);
      const answer = await request(url, { dispatcher: context.network.dispatcher, signal, method });
      await answer.body.dump();
    },
    onPhase,
    // By the pace that is known by then.
    get answerWithinMs() {
      return Math.max(answerWithinMs, 2 * context.baseline.deadlineMs);
    },
    returnWithinMs: target.throwAway ? throwAwayReturnWithinMs : returnWithinMs,
    onReturn: () => context.targetReturned(),
    interrupt,
  });
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
    // A server that fails at every login says nothing about the credentials: the clauses about logins say it.
    if (target.admin.guessed !== true && /answered 40[013]\b/.test(error.message))
      throw new HarnessError(
        `Cannot log in as the admin ${JSON.stringify(target.admin.username)}: ${error.message}. Are the credentials right?`,
        {
          cause: error,
        },
      );
    context.target = {
      ...target,
      capabilities: new Set([...target.capabilities].filter((capability) => capability !== "admin")),
      ...(target.admin.guessed !== true && { adminFailure: error.message }),
    };
  }
}

export async function inWorldOf<T>(
  context: RunContext,
  secrets: Secrets,
  work: (world: World) => Promise<T>,
  limits: Limits,
): Promise<T> {
  const world = new World(context, new Transcript(secrets));
  try {
    return await limited(work(world), limits);
  } finally {
    await letGo(world, limits.signal, limits.underWay);
  }
}

/** For systems on which people sign up and cannot be deleted. */
function bookOf({ system, instances, throwAway }: Target): AccountBook | undefined {
  const { signUp, logIn, remove } = system.accounts ?? {};
  if (throwAway || signUp === undefined || logIn === undefined || remove !== undefined) return undefined;
  return new AccountBook(system.name, instances[0]);
}

/** What all worlds of a run share: accounts are made when first asked for. */
export function contextOf(
  options: Pick<RunOptions, "target" | "timeoutMs">,
  run: string,
  network: Network,
  secrets: Secrets,
): RunContext {
  const { target } = options;
  const speaker = new Speaker(target.system);
  const book = bookOf(target);
  const pool = new AccountPool({ run, baseUrl: target.instances[0], network, secrets, speaker, book });
  let returns = 0;
  /** Once for each life of the target. */
  const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
    let made: { value: Promise<T>; life: number } | undefined;
    return () => {
      if (made?.life !== returns) made = { value: make(), life: returns };
      made.value.catch(() => (made = undefined)); // another may have more luck
      return made.value;
    };
  };
  const admin = once(() => logInAdmin({ target, speaker, network, secrets }));
  const manager = once(async (): Promise<Account> => {
    const account = await pool.extra("m");
    try {
      if (!(await speaker.appoint(await admin(), account))) return await admin();
    } catch (error) {
      // The admin may do what a manager may: that roles can be changed is for its own clause to say.
      if (error instanceof TargetError && error.code === "refused") return await admin();
      throw error;
    }
    await pool.logInAgain(account); // a role change ends the logins
    return account;
  });
  const peer = once(() => pool.extra("p"));
  const fillers: (() => Promise<Account>)[] = [];
  const filler = (index: number): Promise<Account> => (fillers[index] ??= once(() => pool.extra("x")))();
  return {
    target,
    network,
    pool,
    speaker,
    baseline: unmeasured(options.timeoutMs),
    run,
    manager,
    peer,
    admin,
    channels: [],
    channelIds: new Set(),
    targetReturned: () => {
      returns += 1;
      pool.doubtLogins();
    },
    eventNames: new Map(),
    filler,
  };
}

interface AdminOptions extends Pick<RunContext, "target" | "speaker" | "network"> {
  secrets: Secrets;
}

async function logInAdmin({ target, speaker, network, secrets }: AdminOptions): Promise<Account> {
  if (target.admin === undefined) throw new HarnessError("Cannot log in as admin: no credentials were given");
  const { username, password } = target.admin;
  secrets.add(password);
  const transcript = new Transcript(secrets, 50);
  const account: Account = {
    username,
    password,
    email: "",
    id: "",
    label: "ADMIN",
    rest: speaker.client({ baseUrl: target.instances[0], network, transcript, label: "ADMIN" }),
    gone: false,
    disposable: false,
    loggedInAtMs: 0,
    madeAtMs: performance.now(),
    checkedAtMs: 0,
  };
  const secret = await speaker.logIn(account);
  if (secret !== undefined) secrets.add(secret);
  account.loggedInAtMs = performance.now();
  return account;
}
