// Who and what a proof has: leased accounts, fresh rooms, names of its own. Everything that a proof opens or makes is
// closed, given back and deleted, whatever happens.

import { randomBytes } from "node:crypto";
import type { Capability } from "../contract/clause.ts";
import { channelDestination, eventNames, type EventKind } from "../systems/discodeit/wire.ts";
import { HarnessError } from "../drivers/errors.ts";
import type { Network } from "../drivers/network.ts";
import { RestClient, type Answer } from "../drivers/rest.ts";
import { csrfRule, type Discodeit, type NewUser, type UploadFile } from "../systems/discodeit/client.ts";
import type { Transcript } from "../drivers/transcript.ts";
import type { Target } from "../systems/target.ts";
import type { Account, AccountPool } from "./account-pool.ts";
import type { Baseline } from "./baseline.ts";
import { claim } from "./proof.ts";
export interface Channel {
  id: string;
  destination: string;
  /** Who may delete it at the end. */
  owner: Account;
}

/** An instance by its index, or the proxy. */
export type Where = number | "proxy";

/** Shared by all worlds of a run. */
export interface RunContext {
  target: Target;
  network: Network;
  pool: AccountPool;
  system: Discodeit;
  baseline: Baseline;
  run: string;
  /** The channel manager (needs "admin"): made once, leased by nobody. */
  manager(): Promise<Account>;
  /** An account for probes, leased by nobody. */
  peer(): Promise<Account>;
  /** The admin, logged in once (needs "admin"). */
  admin(): Promise<Account>;
  /** Channels to delete at the end. */
  channels: Channel[];
}

/** What every proof begins with: who takes part, where they talk, and what ends with the proof. */
export class Rooms implements AsyncDisposable {
  readonly target: Target;
  readonly system: Discodeit;
  readonly baseline: Baseline;
  readonly network: Network;
  readonly transcript: Transcript;
  readonly revision: 1 | 2;
  protected readonly context: RunContext;
  readonly #leased: Account[] = [];
  readonly #open: AsyncDisposable[] = [];
  #markerCount = 0;
  readonly #salt = randomBytes(4).toString("hex");
  #isOver = false;

  constructor(context: RunContext, transcript: Transcript) {
    this.context = context;
    this.target = context.target;
    this.system = context.system;
    this.baseline = context.baseline;
    this.network = context.network;
    this.transcript = transcript;
    this.revision = context.target.system === "discodeit-1" ? 1 : 2;
  }

  /** How long to wait for something that is owed. */
  get deadlineMs(): number {
    return this.baseline.deadlineMs;
  }

  /** The contract allows notifications 10 s and upload events 15 s. */
  readonly notificationDeadlineMs = 10_000;
  readonly uploadDeadlineMs = 15_000;

  has(capability: Capability): boolean {
    return (
      this.target.capabilities.has(capability) ||
      (capability === "receipts" && this.baseline.receipts) ||
      (capability === "order" && this.baseline.ordered)
    );
  }

  eventName(kind: EventKind): string {
    return eventNames[this.target.system][kind];
  }

  /** The base URL of an instance, or of the proxy in front of them. */
  instance(at: Where = 0): string {
    if (at === "proxy") {
      if (this.target.proxy === undefined) throw new HarnessError("Cannot go through the proxy: the target has none");
      return this.target.proxy;
    }
    return this.target.instances[at % this.target.instances.length]!;
  }

  /** Leases accounts for this proof alone. Ask for all at once. */
  async accounts<const Count extends 1 | 2 | 3 | 4>(count: Count): Promise<AccountsOf<Count>> {
    const accounts = await this.context.pool.lease(count);
    this.#leased.push(...accounts);
    return accounts.map((account) => this.#mine(account)) as unknown as AccountsOf<Count>;
  }

  /** An account that this proof may log out, change or delete (then set `gone`). */
  async disposable(): Promise<Account> {
    const account = await this.context.pool.leaseDisposable();
    this.#leased.push(account);
    account.rest = account.rest.at({ transcript: this.transcript });
    return account;
  }

  /** An account that never had a connection. A run has five of them. */
  async freshAccount(): Promise<Account> {
    return this.#mine(await this.context.pool.leaseFresh());
  }

  /** Notes somebody whom the proof signs up by its own means; once `id` is set, the user is deleted with the proof. */
  adopt(user: NewUser): Account {
    const { pool } = this.context;
    const account = pool.adopt(user);
    this.track({ [Symbol.asyncDispose]: () => pool.discard(account) });
    return account;
  }

  /** Logs a disposable account in again; its older login goes on in the client that the caller kept. */
  async logInAgain(account: Account): Promise<Answer> {
    const answer = await this.context.pool.logInAgain(account);
    account.rest = account.rest.at({ transcript: this.transcript });
    return answer;
  }

  /** Says who a disposable account is now, after the proof changed its name, e-mail or password. */
  renamed(account: Account, changes: Partial<NewUser>): void {
    if (changes.password !== undefined) this.transcript.secrets.add(changes.password);
    Object.assign(account, changes);
    this.context.pool.onAccount(account);
  }

  /** Somebody to sign up, whose name begins with `name()`. */
  newcomer(suffix: string, changes: Partial<NewUser> = {}): NewUser {
    const username = this.name(suffix);
    return {
      username,
      email: `${username}@rollcall.example`,
      password: `${randomBytes(9).toString("base64url")}a1!`,
      ...changes,
    };
  }

  /** Signs somebody up by hand; whoever comes of it is deleted with the proof. Not logged in. */
  async signUp(user: NewUser, profile?: UploadFile): Promise<{ answer: Answer; account: Account }> {
    const { pool } = this.context;
    const account = pool.adopt(user);
    account.rest = account.rest.at({ transcript: this.transcript });
    const answer = await this.system.signUpAnswer(account.rest, user, profile);
    if (answer.status >= 400 && answer.status < 500) account.gone = true;
    else {
      account.id = idIn(answer);
      this.track({ [Symbol.asyncDispose]: () => pool.discard(account) });
    }
    return { answer, account };
  }

  /** The run's channel manager (needs "admin"). */
  async manager(): Promise<Account> {
    return this.#mine(await this.context.manager());
  }

  /** The admin, logged in once for the run (needs "admin"). */
  async admin(): Promise<Account> {
    return this.#mine(await this.context.admin());
  }

  #mine(account: Account): Account {
    return { ...account, rest: account.rest.at({ transcript: this.transcript }) };
  }

  /** A user agent without an account. */
  stranger(label = "stranger"): RestClient {
    return new RestClient({
      csrf: csrfRule,
      baseUrl: this.instance(),
      network: this.network,
      transcript: this.transcript,
      label,
    });
  }

  async privateChannel(...members: readonly [Account, Account, ...Account[]]): Promise<Channel> {
    this.checkOpen();
    const dto = await this.system.privateChannel(
      members[0].rest,
      members.map((member) => member.id),
    );
    return this.keep(dto.id, members[0]);
  }

  /** A public channel, made by the run's channel manager (needs "admin"). */
  async publicChannel(): Promise<Channel & { name: string }> {
    this.checkOpen();
    const manager = await this.manager();
    const name = `rollcall-${this.context.run}-${randomBytes(4).toString("hex")}`;
    const dto = await this.system.publicChannel(manager.rest, name, "made by rollcall");
    return { ...this.keep(dto.id, manager), name };
  }

  /** Deletes a channel now; the clean-up will not try again. */
  async deleteChannel(channel: Channel): Promise<void> {
    const answer = await this.system.deleteChannelAnswer(channel.owner.rest, channel.id);
    claim(answer.status >= 200 && answer.status < 300, `deleting a channel was answered ${answer.status}`);
    this.forget(channel.id);
  }

  /** The clean-up will not try to delete this channel. */
  forget(channelId: string): void {
    const { channels } = this.context;
    const at = channels.findIndex(({ id }) => id === channelId);
    if (at >= 0) channels.splice(at, 1);
  }

  /** Notes a channel that a proof made by hand, for the clean-up. */
  keep(id: string, owner: Account): Channel {
    const channel = { id, destination: channelDestination(id), owner };
    this.context.channels.push(channel);
    return channel;
  }

  /** A text that nobody else sends, and that no other marker contains. */
  marker(prefix = "m"): string {
    return `${prefix}-${this.#salt}-${++this.#markerCount}~`;
  }

  /** Names of things this proof makes begin so. */
  name(suffix: string): string {
    return `rollcall-${this.context.run}-${this.#salt}-${suffix}`;
  }

  /** Closed with the proof. */
  track<T extends AsyncDisposable>(thing: T): T {
    this.checkOpen(thing);
    this.#open.push(thing);
    return thing;
  }

  /** A proof that was interrupted may still be under way: it must not make anything more. */
  checkOpen(late?: AsyncDisposable): void {
    if (!this.#isOver) return;
    if (late !== undefined) void Promise.allSettled([late[Symbol.asyncDispose]()]);
    throw new HarnessError("the proof is over");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.allSettled(this.#open.map((thing) => thing[Symbol.asyncDispose]()));
    this.context.pool.release(this.#leased.splice(0));
  }
}

type AccountsOf<Count extends 1 | 2 | 3 | 4> = Count extends 1
  ? [Account]
  : Count extends 2
    ? [Account, Account]
    : Count extends 3
      ? [Account, Account, Account]
      : [Account, Account, Account, Account];

/** The id of a DTO; empty when the answer is none, which the proof will say. */
function idIn({ text }: Answer): string {
  try {
    const { id } = JSON.parse(text) as { id?: unknown };
    return typeof id === "string" ? id : "";
  } catch {
    return "";
  }
}
