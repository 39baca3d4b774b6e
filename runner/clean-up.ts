// Nothing stays behind: channels first, then accounts. What a run made is also kept in a file while it runs, so that
// `rollcall verify --clean RUN` can do the same after a SIGKILL. The file holds passwords of throw-away accounts: mode
// 0600.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { delayed, within } from "../drivers/deadline.ts";
import { HarnessError } from "../drivers/errors.ts";
import { Network } from "../drivers/network.ts";
import { Secrets, Transcript } from "../drivers/transcript.ts";
import type { System } from "../systems/define.ts";
import { systemNamed } from "../systems/systems.ts";
import type { Target } from "../systems/target.ts";
import { Deletion, logInAnyhow, statusOf } from "./deletion.ts";
import { managerLabel, type RunContext } from "./rooms.ts";
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
  /**
   * `manages`: it was made a channel manager, who may delete what participants may not; `isLeft`: its deletion was
   * refused, so that it is there although nobody may be able to log in as it.
   */
  accounts: { username: string; password: string; manages?: true; isLeft?: true }[];
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
  /** Notes who there is; `left`: the names of those whose deletion was refused. */
  readonly note: (left?: ReadonlySet<string>) => void = () => {};

  constructor(run: string, target: Target, context: RunContext) {
    this.#run = run;
    if (target.throwAway) return; // nothing to tidy up
    this.note = (left) => {
      const accounts = context.pool.accounts.map(({ username, password, label }) => ({
        username,
        password,
        ...(label.startsWith(managerLabel) ? { manages: true as const } : {}),
        ...(left?.has(username) === true ? { isLeft: true as const } : {}),
      }));
      writeNotes({
        run,
        system: target.system.name,
        baseUrl: target.instances[0],
        ...(target.ca === undefined ? {} : { ca: target.ca }),
        accounts,
      });
    };
    context.pool.onAccount = () => this.note();
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
  const deletion = new Deletion(context);
  const startMs = performance.now();
  await within(limitMs, untilOver(deleteAndNote(deletion, file), over), () => undefined);
  return [...deletion.leftBehind, ...notDeletedSince(startMs, deletion.pending)];
}

async function deleteAndNote(deletion: Deletion, file: RunFile): Promise<void> {
  await deletion.run();
  if (deletion.leftBehind.length === 0) file.remove();
  else file.note(deletion.left);
}

/** In words. */
export function notDeletedSince(startMs: number, pending: Iterable<string>): string[] {
  const inTime = `not deleted within ${((performance.now() - startMs) / 1_000).toFixed(1)} s`;
  return Array.from(pending, (what) => `${what} (${inTime})`);
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
    const left: RunFileContent["accounts"] = [];
    const nobody = ({ username, password, isLeft }: RunFileContent["accounts"][number]): void => {
      if (isLeft !== true) return; // it was deleted, or never there
      left.push({ username, password, isLeft });
      cleaned.leftBehind.push(`user ${username} (nobody can log in as it)`);
    };
    const people = await logInAll(content, system, network, nobody);
    const managers = people.filter(({ manages }) => manages === true);
    for (const person of people) await cleanChannels(run, person, managers, cleaned);
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

/** Those who are still there; the others, one by one, to `onNobody`. */
async function logInAll(
  { accounts, baseUrl }: RunFileContent,
  system: System,
  network: Network,
  onNobody: (account: RunFileContent["accounts"][number]) => void,
): Promise<Person[]> {
  const people: Person[] = [];
  for (const noted of accounts) {
    const { username, password, manages } = noted;
    const transcript = new Transcript(new Secrets(), 1);
    const rest = new Speaker(system).client({ baseUrl, network, transcript, label: username });
    const account: Speaking = { username, password, email: `${username}@rollcall.example`, id: "", rest };
    const speaker = await logInAnyhow(account, system);
    if (speaker === undefined) onNobody(noted);
    else people.push(Object.assign(account, { speaker, ...(manages && { manages }) }));
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
