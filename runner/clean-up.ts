// Nothing stays behind: channels first, then accounts. What a run made is also kept in a file while it runs, so that
// `rollcall verify --clean RUN` can do the same after a SIGKILL. The file holds passwords of throw-away accounts: mode
// 0600.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { HarnessError, TargetError } from "../drivers/errors.ts";
import { Network } from "../drivers/network.ts";
import { RestClient, type Answer } from "../drivers/rest.ts";
import { csrfRule, Discodeit } from "../systems/discodeit/client.ts";
import { Secrets, Transcript } from "../drivers/transcript.ts";
import { systemNames, type SystemName } from "../systems/discodeit/wire.ts";
import type { Target } from "../systems/target.ts";
import type { Account } from "./account-pool.ts";
import { deleteChannelAnyhow, type RunContext } from "./rooms.ts";

/** Accounts of `pool.extra("m")`. */
const managerLabel = "M";

const runsFolder = (): string => join(homedir(), ".cache", "rollcall", "runs");
const notesOf = (run: string): string => join(runsFolder(), `${run}.json`);

interface RunFileContent {
  run: string;
  system: SystemName;
  baseUrl: string;
  ca?: string;
  /** `manages`: it was made a channel manager, who may delete what participants may not. */
  accounts: { username: string; password: string; manages?: true }[];
}

/** Notes what a run is about to make. Throws HarnessError when nothing can be written. */
export function writeNotes(content: RunFileContent): void {
  try {
    mkdirSync(runsFolder(), { recursive: true, mode: 0o700 });
    writeFileSync(notesOf(content.run), JSON.stringify(content), { mode: 0o600 });
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
export const removeNotes = (run: string): void => rmSync(notesOf(run), { force: true });

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
        system: target.system,
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

/** Deletes what the run made; returns what could not be deleted. Never throws. */
export async function cleanUp(
  context: RunContext,
  file: RunFile,
  onPhase?: (phase: string) => void,
): Promise<string[]> {
  if (context.target.throwAway) return []; // all of it goes
  onPhase?.("cleaning up");
  const leftBehind: string[] = [];
  const attempt = async (what: string, work: () => Promise<{ status: number }>): Promise<void> => {
    try {
      const { status } = await work();
      if (status >= 400 && status !== 404) leftBehind.push(`${what} (answered ${status})`);
    } catch (error) {
      leftBehind.push(`${what} (${(error as Error).message})`);
    }
  };
  const { system, pool } = context;
  /** Logs in again when a proof ended the account's login. */
  const asAccount = async (account: Account, work: () => Promise<Answer>): Promise<Answer> => {
    const answer = await work();
    if (answer.status !== 401) return answer;
    if (account.loggedInAtMs !== 0) await pool.logInAgain(account);
    else if ((await logInAnyhow(account.rest, system.system, account)) === undefined) return answer;
    return await work();
  };
  await Promise.all(
    context.channels.splice(0).map((channel) =>
      attempt(`channel ${channel.id}`, async () => {
        const account = pool.accounts.find(({ id }) => id === channel.owner.id) ?? channel.owner;
        // The private channels of deleted users are those by which streams were probed: the peer is in them too.
        const deleter = account.gone ? await context.peer() : account;
        return await asAccount(deleter, () => deleteChannelAnyhow(context, channel, deleter));
      }),
    ),
  );
  await Promise.all(
    pool.accounts
      .filter(({ gone, isInDoubt }) => !gone || isInDoubt === true)
      .map((account) =>
        attempt(`user ${account.username}`, async () => {
          // The answer to its sign-up was lost or held no id: whether it is there, its name says.
          if (account.id === "" && !(await identify(account, system.system))) return { status: 404 };
          return await asAccount(account, () => system.deleteUserAnswer(account.rest, account.id));
        }),
      ),
  );
  if (leftBehind.length === 0) file.remove();
  return leftBehind;
}

/** Finds out who an account is, by logging in. False: nobody of that name. */
async function identify(account: Account, likely: SystemName): Promise<boolean> {
  const found = await logInAnyhow(account.rest, likely, account);
  account.id = found?.id ?? "";
  return found !== undefined;
}

interface Identified {
  system: Discodeit;
  rest: RestClient;
  id: string;
}

/**
 * Logs in as a revision does, or else as another one does: the run may have been told the wrong one. Undefined: nobody
 * of that name.
 */
async function logInAnyhow(
  rest: RestClient,
  likely: SystemName,
  { username, password }: { username: string; password: string },
): Promise<Identified | undefined> {
  let failure: Answer | undefined;
  for (const name of [likely, ...systemNames.filter((other) => other !== likely)]) {
    const system = new Discodeit(name);
    const answer = await system.logInAnswer(rest, username, password);
    if (answer.status === 200) {
      system.acceptLogin(rest, answer);
      return { system, rest, id: (await system.whoIs(rest, username, answer)) ?? "" };
    }
    if (answer.status >= 500) failure ??= answer;
  }
  if (failure !== undefined)
    throw new TargetError(
      "refused",
      `Cannot log in as ${username}: answered ${failure.status} ${JSON.stringify(failure.text.slice(0, 120))}`,
    );
  return undefined;
}

/** Runs that left notes: they were killed, or are under way. */
export const knownRuns = (): string[] =>
  existsSync(runsFolder()) ? readdirSync(runsFolder()).map((name) => name.replace(/\.json$/, "")) : [];

export interface Cleaned {
  accounts: number;
  channels: number;
  /** What could not be deleted, in words; the notes about these stay. */
  leftBehind: string[];
}

/** Tidies up after a known run that was killed. Throws HarnessError when its notes cannot be read. */
export async function cleanRun(run: string): Promise<Cleaned> {
  const content = readNotes(run);
  const network = new Network(content.ca === undefined ? {} : { ca: content.ca });
  const cleaned: Cleaned = { accounts: 0, channels: 0, leftBehind: [] };
  try {
    const people = await logInAll(content, network);
    const managers = people.filter(({ manages }) => manages === true);
    for (const person of people) await cleanChannels(run, person, managers, cleaned);
    const left: RunFileContent["accounts"] = [];
    for (const { username, password, system, rest, id } of people) {
      const { status } = await system.deleteUserAnswer(rest, id);
      if (status < 300) cleaned.accounts++;
      else {
        left.push({ username, password });
        cleaned.leftBehind.push(`user ${username} (answered ${status})`);
      }
    }
    if (cleaned.leftBehind.length === 0) removeNotes(run);
    else if (left.length > 0) writeNotes({ ...content, accounts: left });
  } finally {
    await network.close();
  }
  return cleaned;
}

function readNotes(run: string): RunFileContent {
  const path = notesOf(run);
  try {
    return JSON.parse(readFileSync(path, "utf8")) as RunFileContent;
  } catch (error) {
    throw new HarnessError(`Cannot clean run ${JSON.stringify(run)}: ${path} cannot be read`, { cause: error });
  }
}

type Person = Identified & RunFileContent["accounts"][number];

/** Those who are still there. */
async function logInAll({ accounts, baseUrl, system }: RunFileContent, network: Network): Promise<Person[]> {
  const people: Person[] = [];
  for (const account of accounts) {
    const transcript = new Transcript(new Secrets(), 1);
    const rest = new RestClient({ csrf: csrfRule, baseUrl, network, transcript, label: account.username });
    const found = await logInAnyhow(rest, system, account);
    if (found !== undefined) people.push({ ...account, ...found });
  }
  return people;
}

/** Deletes the run's channels that somebody sees: by that account, or else by a channel manager of the run. */
async function cleanChannels(
  run: string,
  { system, rest, id }: Person,
  managers: readonly Person[],
  cleaned: Cleaned,
): Promise<void> {
  for (const channel of await system.channels(rest, id)) {
    if (channel.type !== "PRIVATE" && channel.name?.startsWith(`rollcall-${run}-`) !== true) continue;
    let { status } = await system.deleteChannelAnswer(rest, channel.id);
    for (const manager of managers)
      if (status >= 300 && status !== 404)
        ({ status } = await manager.system.deleteChannelAnswer(manager.rest, channel.id));
    if (status < 300) cleaned.channels++;
    else if (status !== 404) cleaned.leftBehind.push(`channel ${channel.id} (answered ${status})`);
  }
}
