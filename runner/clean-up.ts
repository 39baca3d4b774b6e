// Nothing stays behind: channels first, then accounts. What a run made is also kept in a file while it runs, so that
// `rollcall verify --clean RUN` can do the same after a SIGKILL. The file holds passwords of throw-away accounts: mode
// 0600.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { delayed, within } from "../drivers/deadline.ts";
import { HarnessError, TargetError, TimeoutError } from "../drivers/errors.ts";
import { Network } from "../drivers/network.ts";
import { Secrets, Transcript } from "../drivers/transcript.ts";
import type { System } from "../systems/define.ts";
import { othersWithLogins, systemNamed } from "../systems/systems.ts";
import type { Target } from "../systems/target.ts";
import type { Account } from "./account-pool.ts";
import { deleteChannelAnyhow, managerLabel, type Channel, type RunContext } from "./rooms.ts";
import { Speaker, type Speaking } from "./speaker.ts";
import { counted } from "./text.ts";

const runsFolder = (): string => join(homedir(), ".cache", "rollcall", "runs");
const notesOf = (run: string): string => join(runsFolder(), `${run}.json`);
/** Where notes are written before they take the place of those from before. */
const newNotesOf = (run: string): string => join(runsFolder(), `.${run}`);

interface RunFileContent {
  run: string;
  system: string;
  baseUrl: string;
  ca?: string;
  /** `manages`: it was made a channel manager, who may delete what participants may not. */
  accounts: { username: string; password: string; manages?: true }[];
}

/** Notes what a run is about to make. Throws HarnessError when nothing can be written. */
export function writeNotes(content: RunFileContent): void {
  try {
    mkdirSync(runsFolder(), { recursive: true, mode: 0o700 });
    // In one step: who is killed in the midst of it leaves the notes from before.
    const written = newNotesOf(content.run);
    writeFileSync(written, JSON.stringify(content), { mode: 0o600 });
    renameSync(written, notesOf(content.run));
  } catch (error) {
    throw new HarnessError(
      `Cannot note what --clean would need after a SIGKILL: ${(error as Error).message}; next: set HOME to a folder that can be written`,
      {
        cause: error,
      },
    );
  }
}

/** All that the run made is gone. */
export function removeNotes(run: string): void {
  for (const path of [notesOf(run), newNotesOf(run)]) rmSync(path, { force: true });
}

/** The run's notes to whoever tidies up after it. */
export class RunFile {
  readonly #run: string;

  constructor(run: string, target: Target, context: RunContext) {
    this.#run = run;
    if (target.throwAway) return; // nothing to tidy up
    context.pool.onAccount = () => {
      const accounts = context.pool.accounts.map(({ username, password, label }) => ({
        username,
        password,
        ...(label.startsWith(managerLabel) ? { manages: true as const } : {}),
      }));
      writeNotes({
        run,
        system: target.system.name,
        baseUrl: target.instances[0],
        ...(target.ca === undefined ? {} : { ca: target.ca }),
        accounts,
      });
    };
  }

  remove(): void {
    removeNotes(this.#run);
  }
}

/** A target that answers each request, and slowly, is waited for no longer. */
const cleanUpLimitMs = 120_000;

/** After an interruption: what is not deleted by then stays, with notes for `--clean`. */
const endWithinMs = 7_000;

/** Aborts so long after the interruption; default: so long that nobody tidies up any longer. */
export const overAfter = (interrupt: AbortSignal | undefined, afterMs: number = endWithinMs): AbortSignal =>
  interrupt === undefined ? new AbortController().signal : delayed(interrupt, afterMs);

/** Resolves when the work is done, or over. Throws what the work throws before. */
export async function untilOver(work: Promise<void>, over: AbortSignal | undefined): Promise<void> {
  const { promise: isOver, resolve } = Promise.withResolvers<void>();
  const onAbort = (): void => resolve();
  if (over?.aborted === true) onAbort();
  else over?.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([work, isOver]);
  } finally {
    over?.removeEventListener("abort", onAbort);
  }
}

export interface CleanUpOptions {
  onPhase?: ((phase: string) => void) | undefined;
  limitMs?: number;
  /** Aborted: what is not deleted by now stays. */
  over?: AbortSignal;
}

/**
 * Deletes what the run made; returns what could not be deleted, or was not in time: then the notes for `--clean` stay.
 * Never throws.
 */
export async function cleanUp(
  context: RunContext,
  file: RunFile,
  { onPhase, limitMs = cleanUpLimitMs, over }: CleanUpOptions = {},
): Promise<string[]> {
  if (context.target.throwAway) return []; // all of it goes
  onPhase?.("cleaning up");
  const deletion: Deletion = { pending: new Set(), leftBehind: [] };
  const startMs = performance.now();
  await within(limitMs, untilOver(deleteAll(context, file, deletion), over), () => undefined);
  return [...deletion.leftBehind, ...notDeletedSince(startMs, deletion.pending)];
}

/** In words. */
export function notDeletedSince(startMs: number, pending: Iterable<string>): string[] {
  const inTime = `not deleted within ${((performance.now() - startMs) / 1_000).toFixed(1)} s`;
  return Array.from(pending, (what) => `${what} (${inTime})`);
}

interface Deletion {
  /** What is not deleted as yet. */
  readonly pending: Set<string>;
  /** What could not be deleted, and why. */
  readonly leftBehind: string[];
}

const loginsMax = 3;

const nameOf = {
  channel: ({ id }: Pick<Channel, "id">): string => `channel ${id}`,
  account: ({ username }: Pick<Account, "username">): string => `user ${username}`,
};

/** Without the request, which what could not be deleted names already. */
export const reasonOf = ({ message }: Error): string => message.replace(/^Cannot [A-Z]+ \S+: /, "");

/**
 * As many as proofs go at a time, by default: a server whose requests wait for connections that others hold stands still
 * under more.
 */
const atOnceMax = 8;

async function severalAtOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const oneAfterTheOther = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: atOnceMax }, oneAfterTheOther));
}

interface Task {
  what: string;
  remove: () => Promise<void>;
}

async function deleteAll(context: RunContext, file: RunFile, { pending, leftBehind }: Deletion): Promise<void> {
  const { speaker, pool } = context;
  /** Whose answers did not come: they may be gone. */
  const inDoubt: Task[] = [];
  const attempt = async (task: Task, isLast: boolean): Promise<void> => {
    const { what, remove } = task;
    try {
      await remove();
    } catch (error) {
      const status = statusOf(error);
      if (status === 404) return;
      if (error instanceof TimeoutError && !isLast) inDoubt.push(task);
      else leftBehind.push(`${what} (${status === undefined ? reasonOf(error as Error) : `answered ${status}`})`);
    } finally {
      if (!inDoubt.includes(task) || isLast) pending.delete(what);
    }
  };
  /**
   * Logs in again when a proof ended the account's login: more than once, for an interrupted one may do so still. A
   * token may hold the name that the account had: who is not known by it may be answered anything.
   */
  const asAccount = async (account: Account, work: () => Promise<void>): Promise<void> => {
    for (let logins = 0; ; logins++) {
      try {
        return await work();
      } catch (error) {
        const status = statusOf(error);
        const isStale = status === 401 || (status !== undefined && account.isRenamed === true);
        if (!isStale || logins === loginsMax) throw error;
        if (account.loggedInAtMs !== 0) await pool.logInAgain(account);
        else if ((await logInAnyhow(account, speaker.system)) === undefined) throw error;
      }
    }
  };
  const removeChannel = async (channel: Channel): Promise<void> => {
    const members = [channel.owner, ...(channel.others ?? [])].map(
      (member) => pool.accounts.find(({ username }) => username === member.username) ?? member,
    );
    // Of members who are all deleted the channel may be gone, too: then the answer says so.
    const deleter = members.find(({ gone }) => !gone) ?? members[0]!;
    await asAccount(deleter, () => deleteChannelAnyhow(context, channel, deleter));
  };
  const removeAccount = async (account: Account): Promise<void> => {
    // An answer was lost, or one to a sign-up held no id: whether it is there, its login says. Not after a change of
    // name or password, until the target let somebody in by the new ones: it may have taken neither.
    const isInDoubt = account.id === "" || (account.isLeaving === true && account.isRenamed !== true);
    if (isInDoubt && !(await isThere(account, context))) return;
    account.isLeaving = true;
    await asAccount(account, () => speaker.removeAccount(account));
  };
  const channels: Task[] = context.channels
    .splice(0)
    .filter(() => speaker.removesRooms)
    .map((channel) => ({ what: nameOf.channel(channel), remove: () => removeChannel(channel) }));
  const accounts: Task[] = pool.accounts
    .filter(({ gone, isInDoubt }) => speaker.removesAccounts && (!gone || isInDoubt === true))
    .map((account) => ({ what: nameOf.account(account), remove: () => removeAccount(account) }));
  for (const { what } of [...channels, ...accounts]) pending.add(what);
  for (const tasks of [channels, accounts]) await severalAtOnce(tasks, (task) => attempt(task, false));
  await severalAtOnce(inDoubt.splice(0), (task) => attempt(task, true));
  if (leftBehind.length === 0) file.remove();
}

/** What the definition cannot delete, in words; undefined: nothing stays. */
export function staysOf({ target, speaker, pool, channelIds }: RunContext): string | undefined {
  if (target.throwAway) return undefined;
  const { accounts, rooms } = speaker.system;
  const made = accounts?.signUp === undefined ? 0 : pool.accounts.filter(({ loggedInAtMs }) => loggedInAtMs > 0).length;
  const stays = [
    ...(speaker.removesAccounts || made === 0
      ? []
      : [`${counted(made, "account")} (no accounts.remove; the next run takes them)`]),
    ...(speaker.removesRooms || channelIds.size === 0 || rooms?.access === "anyone"
      ? []
      : [`${counted(channelIds.size, "room")} (no rooms.remove)`]),
  ];
  return stays.length === 0 ? undefined : stays.join(", ");
}

const statusOf = (error: unknown): number | undefined => (error instanceof TargetError ? error.status : undefined);

/**
 * Logs in as the system does, or else as another one does: the run may have been given the wrong one. Undefined: nobody
 * of that name. That another system's login is answered 500 says nothing of the name: many a server answers so to every
 * path that it does not have.
 */
async function logInAnyhow(account: Speaking, likely: System): Promise<Speaker | undefined> {
  let failure: unknown;
  for (const system of [likely, ...othersWithLogins(likely.name)]) {
    const speaker = new Speaker(system);
    try {
      await speaker.logIn(account);
      return speaker;
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      if (system === likely && (error.status ?? 0) >= 500) failure = error;
    }
  }
  if (failure !== undefined) throw failure;
  return undefined;
}

/** After an interruption: a sign-up that was given up may be under way still. */
const givenUpEndsWithinMs = 1_500;

/** Who was clearly refused is there only if the login says so: that it fails is no doubt. */
async function isThere(account: Account, { speaker: { system }, network }: RunContext): Promise<boolean> {
  const logsIn = async (): Promise<boolean> => (await logInAnyhow(account, system)) !== undefined;
  try {
    if (await logsIn()) return true;
    if (account.isRefused === true || network.interrupt?.aborted !== true) return false;
    await wait(givenUpEndsWithinMs);
    return await logsIn();
  } catch (error) {
    if (account.isRefused === true) return false;
    throw error;
  }
}

/** Runs that left notes, newest first: they were killed, or are under way. */
export function knownRuns(): string[] {
  if (!existsSync(runsFolder())) return [];
  const writtenMs = (name: string): number => statSync(join(runsFolder(), name)).mtimeMs;
  return readdirSync(runsFolder())
    .filter((name) => name.endsWith(".json"))
    .map((name) => ({ name, atMs: writtenMs(name) }))
    .toSorted((one, other) => other.atMs - one.atMs)
    .map(({ name }) => name.replace(/\.json$/, ""));
}

export interface Cleaned {
  accounts: number;
  channels: number;
  /** What could not be deleted, in words; the notes about these stay. */
  leftBehind: string[];
}

/** Tidies up after a known run that was killed. Throws HarnessError when its notes cannot be read. */
export async function cleanRun(run: string, ownSystem?: System): Promise<Cleaned> {
  const content = readNotes(run);
  const system = ownSystem?.name === content.system ? ownSystem : systemNamed(content.system);
  if (system === undefined)
    throw new HarnessError(
      `Cannot clean run ${JSON.stringify(run)}: it spoke ${content.system}, which is not built in; next: give the --config file that defines it`,
    );
  const network = new Network(content.ca === undefined ? {} : { ca: content.ca });
  const cleaned: Cleaned = { accounts: 0, channels: 0, leftBehind: [] };
  try {
    const people = await logInAll(content, system, network);
    const managers = people.filter(({ manages }) => manages === true);
    for (const person of people) await cleanChannels(run, person, managers, cleaned);
    const left: RunFileContent["accounts"] = [];
    for (const person of people) {
      const { username, password } = person;
      const because = await refusalOf(person.speaker.removeAccount(person));
      if (because === undefined) cleaned.accounts++;
      else {
        left.push({ username, password });
        cleaned.leftBehind.push(`user ${username} (${because})`);
      }
    }
    if (cleaned.leftBehind.length === 0) removeNotes(run);
    else if (left.length > 0) writeNotes({ ...content, accounts: left });
  } finally {
    await network.close();
  }
  return cleaned;
}

/** Why it was refused, in words; undefined: it was done, or there was nothing to do. */
async function refusalOf(work: Promise<void>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined) throw error;
    return status === 404 ? undefined : `answered ${status}`;
  }
}

function readNotes(run: string): RunFileContent {
  const path = notesOf(run);
  try {
    return JSON.parse(readFileSync(path, "utf8")) as RunFileContent;
  } catch (error) {
    throw new HarnessError(`Cannot clean run ${JSON.stringify(run)}: ${path} cannot be read`, { cause: error });
  }
}

interface Person extends Speaking {
  speaker: Speaker;
  manages?: true;
}

/** Those who are still there. */
async function logInAll({ accounts, baseUrl }: RunFileContent, system: System, network: Network): Promise<Person[]> {
  const people: Person[] = [];
  for (const { username, password, manages } of accounts) {
    const transcript = new Transcript(new Secrets(), 1);
    const rest = new Speaker(system).client({ baseUrl, network, transcript, label: username });
    const account: Speaking = { username, password, email: `${username}@rollcall.example`, id: "", rest };
    const speaker = await logInAnyhow(account, system);
    if (speaker !== undefined) people.push(Object.assign(account, { speaker, ...(manages && { manages }) }));
  }
  return people;
}

/** Deletes the run's channels that somebody sees: by that account, or else by a channel manager of the run. */
async function cleanChannels(
  run: string,
  person: Person,
  managers: readonly Person[],
  cleaned: Cleaned,
): Promise<void> {
  if (!person.speaker.removesRooms) return;
  for (const room of await person.speaker.rooms(person)) {
    if (room.isPublic === true && room.name?.startsWith(`rollcall-${run}-`) !== true) continue;
    let because = await refusalOf(person.speaker.removeRoom(person, room));
    for (const manager of managers)
      if (because !== undefined) because = await refusalOf(manager.speaker.removeRoom(manager, room));
    if (because === undefined) cleaned.channels++;
    else cleaned.leftBehind.push(`channel ${room.id} (${because})`);
  }
}
