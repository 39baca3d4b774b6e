// The deletion of what a run made: channels first, then people, by logins that proofs may have ended.

import { setTimeout as wait } from "node:timers/promises";
import { TargetError, TimeoutError } from "../drivers/errors.ts";
import type { System } from "../systems/define.ts";
import { othersWithLogins } from "../systems/systems.ts";
import type { Account } from "./account-pool.ts";
import { deleteChannelAnyhow, type Channel, type RunContext } from "./rooms.ts";
import { Speaker, type Speaking } from "./speaker.ts";

const loginsMax = 3;

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

/** Without the request, which what could not be deleted names already. */
export const reasonOf = ({ message }: Error): string => message.replace(/^Cannot [A-Z]+ \S+: /, "");

interface Task {
  what: string;
  /** Whom it is about; undefined: a channel. */
  username?: string;
  remove: () => Promise<void>;
}

export class Deletion {
  /** What is not deleted as yet. */
  readonly pending = new Set<string>();
  /** What could not be deleted, and why. */
  readonly leftBehind: string[] = [];
  /** The names of whom could not be deleted. */
  readonly left = new Set<string>();
  readonly #context: RunContext;
  /** Whose answers did not come: they may be gone. */
  readonly #inDoubt: Task[] = [];

  constructor(context: RunContext) {
    this.#context = context;
  }

  /** Deletes all; what is in doubt is asked for once more. */
  async run(): Promise<void> {
    const { speaker, pool } = this.#context;
    const channels: Task[] = this.#context.channels
      .splice(0)
      .filter(() => speaker.removesRooms)
      .map((channel) => ({ what: `channel ${channel.id}`, remove: () => this.#removeChannel(channel) }));
    const accounts: Task[] = pool.accounts
      .filter(({ gone, isInDoubt }) => speaker.removesAccounts && (!gone || isInDoubt === true))
      .map((account) => {
        const { username } = account;
        return { what: `user ${username}`, username, remove: () => this.#removeAccount(account) };
      });
    for (const { what } of [...channels, ...accounts]) this.pending.add(what);
    for (const tasks of [channels, accounts]) await severalAtOnce(tasks, (task) => this.#attempt(task, false));
    await severalAtOnce(this.#inDoubt, (task) => this.#attempt(task, true));
  }

  async #attempt(task: Task, isLast: boolean): Promise<void> {
    const { what, username, remove } = task;
    try {
      await remove();
    } catch (error) {
      if (error instanceof TimeoutError && !isLast) return void this.#inDoubt.push(task);
      const status = statusOf(error);
      if (status !== 404) {
        if (username !== undefined) this.left.add(username);
        this.leftBehind.push(`${what} (${status === undefined ? reasonOf(error as Error) : `answered ${status}`})`);
      }
    }
    this.pending.delete(what);
  }

  /**
   * Logs in again when a proof ended the account's login: more than once, for an interrupted one may do so still. A
   * token may hold the name that the account had: who is not known by it may be answered anything.
   */
  async #asAccount(account: Account, work: () => Promise<void>): Promise<void> {
    const { speaker, pool } = this.#context;
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
  }

  async #removeChannel(channel: Channel): Promise<void> {
    const { pool } = this.#context;
    const members = [channel.owner, ...(channel.others ?? [])].map(
      (member) => pool.accounts.find(({ username }) => username === member.username) ?? member,
    );
    // Of members who are all deleted the channel may be gone, too: then the answer says so.
    const deleter = members.find(({ gone }) => !gone) ?? members[0]!;
    await this.#asAccount(deleter, () => deleteChannelAnyhow(this.#context, channel, deleter));
  }

  async #removeAccount(account: Account): Promise<void> {
    // An answer was lost, or one to a sign-up held no id: whether it is there, its login says. Not after a change of
    // name or password, until the target let somebody in by the new ones: it may have taken neither.
    const isInDoubt = account.id === "" || (account.isLeaving === true && account.isRenamed !== true);
    if (isInDoubt && !(await isThere(account, this.#context))) return;
    account.isLeaving = true;
    await this.#asAccount(account, () => this.#context.speaker.removeAccount(account));
  }
}

export const statusOf = (error: unknown): number | undefined =>
  error instanceof TargetError ? error.status : undefined;

/**
 * Logs in as the system does, or else as another one does: the run may have been given the wrong one. Undefined: nobody
 * of that name. That another system's login is answered 500 says nothing of the name: many a server answers so to every
 * path that it does not have.
 */
export async function logInAnyhow(account: Speaking, likely: System): Promise<Speaker | undefined> {
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
