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
import type { RunContext } from "./rooms.ts";

const runsFolder = (): string => join(homedir(), ".cache", "rollcall", "runs");
const notesOf = (run: string): string => join(runsFolder(), `${run}.json`);

interface RunFileContent {
  run: string;
  system: SystemName;
  baseUrl: string;
  ca?: string;
  accounts: { username: string; password: string }[];
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
      const accounts = context.pool.accounts.map(({ username, password }) => ({ username, password }));
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
    context.channels.splice(0).map(({ id, owner }) =>
      attempt(`channel ${id}`, async () => {
        const account = pool.accounts.find((candidate) => candidate.id === owner.id) ?? owner;
        // The private channels of deleted users are those by which streams were probed: the peer is in them too.
        const deleter = account.gone ? await context.peer() : account;
        return await asAccount(deleter, () => system.deleteChannelAnswer(deleter.rest, id));
      }),
    ),
  );
  await Promise.all(
    pool.accounts
      .filter((account) => !account.gone && account.id !== "")
      .map((account) =>
        attempt(`user ${account.username}`, () =>
          asAccount(account, () => system.deleteUserAnswer(account.rest, account.id)),
        ),
      ),
  );
  if (leftBehind.length === 0) file.remove();
  return leftBehind;
}

/**
 * Logs in as a revision does, or else as another one does: the run may have been told the wrong one. Undefined: nobody
 * of that name.
 */
async function logInAnyhow(
  rest: RestClient,
  likely: SystemName,
  { username, password }: { username: string; password: string },
): Promise<Discodeit | undefined> {
  let failure: Answer | undefined;
  for (const name of [likely, ...systemNames.filter((other) => other !== likely)]) {
    const system = new Discodeit(name);
    const answer = await system.logInAnswer(rest, username, password);
    if (answer.status === 200) {
      rest.accessToken = system.tokenOf(answer);
      return system;
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

/**
 * Tidies up after a known run that was killed. Returns how many accounts and channels went. Throws HarnessError when
 * its notes cannot be read.
 */
export async function cleanRun(run: string): Promise<{ accounts: number; channels: number }> {
  const path = notesOf(run);
  let content: RunFileContent;
  try {
    content = JSON.parse(readFileSync(path, "utf8")) as RunFileContent;
  } catch (error) {
    throw new HarnessError(`Cannot clean run ${JSON.stringify(run)}: ${path} cannot be read`, { cause: error });
  }
  const network = new Network(content.ca === undefined ? {} : { ca: content.ca });
  const deleted = { accounts: 0, channels: 0 };
  try {
    for (const { username, password } of content.accounts) {
      const rest = new RestClient({
        csrf: csrfRule,
        baseUrl: content.baseUrl,
        network,
        transcript: new Transcript(new Secrets(), 1),
        label: username,
      });
      const system = await logInAnyhow(rest, content.system, { username, password });
      if (system === undefined) continue; // deleted already
      const me = (await system.users(rest)).find((user) => user.username === username);
      if (me === undefined) continue;
      for (const channel of await system.channels(rest, me.id)) {
        const mine = channel.type === "PRIVATE" || channel.name?.startsWith(`rollcall-${run}-`) === true;
        if (mine && (await system.deleteChannelAnswer(rest, channel.id)).status < 300) deleted.channels++;
      }
      if ((await system.deleteUserAnswer(rest, me.id)).status < 300) deleted.accounts++;
    }
  } finally {
    await network.close();
  }
  removeNotes(run);
  return deleted;
}
