// Who and what a proof has: leased accounts, fresh rooms, its own names. Everything that a proof opens or makes is
// closed, given back and deleted, whatever happens.

import { randomBytes } from "node:crypto";
import type { Capability } from "../contract/clause.ts";
import { HarnessError, TargetError } from "../drivers/errors.ts";
import type { Network } from "../drivers/network.ts";
import type { RestClient } from "../drivers/rest.ts";
import type { Transcript } from "../drivers/transcript.ts";
import type { System } from "../systems/define.ts";
import type { Target } from "../systems/target.ts";
import type { Credential, Room, Who } from "../systems/types.ts";
import { fillersMax, type Account, type AccountPool } from "./account-pool.ts";
import type { Baseline } from "./baseline.ts";
import { newPassword, type Speaker } from "./speaker.ts";
import { step } from "./steps.ts";

/** A room, as proofs have it. */
export interface Channel {
  id: string;
  /** As the definition opened it. */
  room: Room;
  /** Where its messages are heard; empty where the system has no STOMP. */
  destination: string;
  /** Who made it, and posts the probes. */
  owner: Account;
  /** The other members: one of them may be there when the owner is not any more. */
  others?: readonly Account[];
  /** What the target answered before it made the channel with one member more: it failed, with a 5xx. */
  refused?: string | undefined;
  isPublic?: true;
}

/** Accounts of `pool.extra("m")`. */
export const managerLabel = "M";
/** In a text: a marker, whichever proof it is of. */
export const anyMarker = /-[\da-f]{8}-\d+~/;

/** An instance by its index, or the proxy. */
export type Where = number | "proxy";

/** Shared by all worlds of a run. */
export interface RunContext {
  target: Target;
  network: Network;
  pool: AccountPool;
  speaker: Speaker;
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
  /** Every private channel that the run was given, its ids: some servers give a pair the one that it has. */
  channelIds: Set<string>;
  /** The target was away and is back: it may have forgotten everybody. */
  targetReturned(): void;
  /** The contract's name of an event → the one that this target gives it, once it was heard. */
  eventNames: Map<string, string>;
  /** Accounts that make a set of participants another one. */
  filler(index: number): Promise<Account>;
}

/**
 * Deletes a channel as one of those who may: not every server lets its members. Resolves when it is gone; throws the
 * last refusal.
 */
export async function deleteChannelAnyhow(
  context: RunContext,
  { room }: Pick<Channel, "room">,
  owner: Account,
): Promise<void> {
  const { pool, target } = context;
  // The admin before the manager: it is there, while the manager may have to be made, which a run that is over cannot.
  const hasManager = !pool.isClosed || pool.accounts.some(({ label }) => label.startsWith(managerLabel));
  const others = target.capabilities.has("admin") ? [() => context.admin()] : [];
  if (others.length > 0 && hasManager) others.push(() => context.manager());
  for (const [at, who] of [() => Promise.resolve(owner), ...others].entries()) {
    try {
      return await context.speaker.removeRoom(await who(), room);
    } catch (error) {
      if (!(error instanceof TargetError && error.code === "refused")) throw error;
      if (error.status === 404) return;
      if (at === others.length) throw error;
    }
  }
}

/** What every proof begins with: who takes part, where they talk, and what ends with the proof. */
export class Rooms implements AsyncDisposable {
  readonly target: Target;
  readonly system: System;
  readonly speaker: Speaker;
  readonly baseline: Baseline;
  readonly network: Network;
  readonly transcript: Transcript;
  protected readonly context: RunContext;
  readonly #leased: Account[] = [];
  readonly #open: AsyncDisposable[] = [];
  #markerCount = 0;
  readonly #salt = randomBytes(4).toString("hex");
  #isOver = false;

  constructor(context: RunContext, transcript: Transcript) {
    this.context = context;
    this.target = context.target;
    this.system = context.target.system;
    this.speaker = context.speaker;
    this.baseline = context.baseline;
    this.network = context.network;
    this.transcript = transcript;
  }

  /** How long to wait for something that is owed. */
  get deadlineMs(): number {
    return this.baseline.deadlineMs;
  }

  /** Now by the target's clock, in ms since 1970. */
  now(): number {
    return Date.now() + this.baseline.clockOffsetMs;
  }

  has(capability: Capability): boolean {
    return (
      this.target.capabilities.has(capability) ||
      (capability === "receipts" && this.baseline.receipts) ||
      (capability === "order" && this.baseline.ordered) ||
      (capability === "bearer" && this.context.pool.accounts.some(({ rest }) => rest.accessToken !== undefined)) ||
      this.baseline.offers.has(capability) ||
      (capability === "open-handshake" && !this.baseline.guardedHandshake)
    );
  }

  /** The kind of event that streams are probed with. */
  get probeKind(): string {
    return this.baseline.probe ?? this.speaker.probes[0];
  }

  /** What this target calls it, as far as that is known. */
  eventName(kind: string): string | undefined {
    const name = this.nameInContract(kind);
    return name === undefined ? undefined : (this.context.eventNames.get(name) ?? name);
  }

  /** Whether somebody heard it already: until then its name is only the description's. */
  knowsEventName(kind: string): boolean {
    return this.context.eventNames.has(this.nameInContract(kind) ?? "");
  }

  /** Undefined: the description gives it none. */
  nameInContract(kind: string): string | undefined {
    return this.system.events?.causes[kind]?.name;
  }

  /** The first who hears it settles it: an event that came under the contract's name has no other. */
  protected learnEventName(contractName: string, name: string): void {
    const { eventNames } = this.context;
    if (!eventNames.has(contractName)) eventNames.set(contractName, name);
  }

  /** Whether an event says what the description lists; a greeting or a ping does not. */
  isOfTheTable({ name }: { readonly name: string }): boolean {
    const names = Object.values(this.system.events?.causes ?? {}).map((cause) => cause.name);
    return names.includes(name) || [...this.context.eventNames.values()].includes(name);
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
    const accounts = this.#lent(await this.context.pool.lease(count));
    return accounts.map((account) => this.#mine(account)) as unknown as AccountsOf<Count>;
  }

  /** For this proof; one that ended while it waited gives them back, or nobody would get them any more. */
  #lent<const Accounts extends readonly Account[]>(accounts: Accounts): Accounts {
    this.#leased.push(...accounts);
    if (this.#isOver) this.context.pool.release(this.#leased.splice(0));
    this.checkOpen();
    return accounts;
  }

  /** An account that this proof may log out, change or delete (then set `gone`). */
  async disposable(): Promise<Account> {
    const [account] = this.#lent([await this.context.pool.leaseDisposable()]);
    account.rest = account.rest.at({ transcript: this.transcript });
    return account;
  }

  /** An account that never had a connection. A run has five of them. */
  async freshAccount(): Promise<Account> {
    const [account] = this.#lent([await this.context.pool.leaseFresh()]);
    return this.#mine(account);
  }

  /** Notes somebody whom the proof signs up by its own means; once `id` is set, the user is deleted with the proof. */
  adopt(user: Who): Account {
    const { pool } = this.context;
    const account = pool.adopt(user);
    account.rest = account.rest.at({ transcript: this.transcript });
    this.track({ [Symbol.asyncDispose]: () => pool.discard(account) });
    return account;
  }

  /**
   * Logs a disposable account in again, its older login goes on in the client that the caller kept. `by`: instead of
   * the definition's.
   */
  async logInAgain(account: Account, by?: (rest: RestClient) => Promise<Credential>): Promise<void> {
    await this.context.pool.logInAgain(account, by, this.transcript);
  }

  /** Says who a disposable account is now, after the proof changed its name, e-mail or password. */
  renamed(account: Account, changes: Partial<Who>): void {
    if (changes.password !== undefined) this.transcript.secrets.add(changes.password);
    Object.assign(account, changes, { isRenamed: true });
    this.context.pool.onAccount(account);
  }

  /** Somebody to sign up, with a name that all servers we met allow: ten small letters and digits. */
  newcomer(changes: Partial<Who> = {}): Who {
    const username = this.context.pool.nextName();
    return {
      username,
      email: `${username}@rollcall.example`,
      password: newPassword(),
      ...changes,
    };
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
    const { network, transcript } = this;
    return this.speaker.client({ baseUrl: this.instance(), network, transcript, label });
  }

  privateChannel(...members: readonly [Account, Account, ...Account[]]): Promise<Channel> {
    return this.privateChannelAt(0, ...members);
  }

  /** A private channel made on another instance, by the first of its members. */
  async privateChannelAt(at: Where, ...members: readonly [Account, Account, ...Account[]]): Promise<Channel> {
    this.checkOpen();
    const [owner, ...others] = members;
    const maker = { ...owner, rest: owner.rest.at({ baseUrl: this.instance(at) }) };
    const { channelIds } = this.context;
    let refused: string | undefined;
    // Some servers give a pair the channel that it has already, or fail where it is in several: others in it make it
    // another one.
    for (let index = 0; ; index++) {
      const isLast = index === fillersMax;
      const room = await step("create a private channel", () => this.speaker.openRoom(maker, others)).catch(
        (error: unknown) => {
          if (isLast || !(error instanceof TargetError) || (error.status ?? 0) < 500) throw error;
          refused = error.message;
          return undefined;
        },
      );
      if (room !== undefined && !channelIds.has(String(room.id)))
        return Object.assign(this.keep(String(room.id), owner, room), { others, refused });
      if (isLast) throw noNewRoom(room);
      others.push(await this.context.filler(index));
    }
  }

  /** A public channel, made by the run's channel manager (needs "admin"). */
  async publicChannel(): Promise<Channel & { name: string }> {
    this.checkOpen();
    const manager = await this.manager();
    const name = `rollcall-${this.context.run}-${randomBytes(4).toString("hex")}`;
    const room = await step("create a public channel", () => this.speaker.openPublicRoom(manager, name));
    return { ...Object.assign(this.keep(String(room.id), manager, room), { isPublic: true as const }), name };
  }

  /**
   * Deletes a channel now, as whoever may: who made it, a channel manager, the admin. The clean-up will not try again.
   */
  async deleteChannel(channel: Channel): Promise<void> {
    await step(channel.isPublic === true ? "delete a public channel" : "delete a private channel", async () => {
      await deleteChannelAnyhow(this.context, channel, channel.owner);
    });
    this.forget(channel.id);
  }

  /** The clean-up will not try to delete this channel. */
  forget(channelId: string): void {
    const { channels } = this.context;
    const at = channels.findIndex(({ id }) => id === channelId);
    if (at >= 0) channels.splice(at, 1);
  }

  /** Notes a channel that a proof made by hand, for the clean-up. */
  keep(id: string, owner: Account, room: Room = { id }): Channel {
    const destination = this.system.stomp === undefined ? "" : this.speaker.destinationOf(room);
    const channel = { id, room, destination, owner };
    this.context.channels.push(channel);
    this.context.channelIds.add(id);
    return channel;
  }

  /** A text that nobody else sends, and that no other marker contains; `anyMarker` finds it. */
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

function noNewRoom(room: Room | undefined): TargetError {
  const error = new TargetError(
    "malformed",
    `Cannot create a private channel: the answer holds no new id: ${JSON.stringify(room)}`,
  );
  error.step = "create a private channel";
  return error;
}

type AccountsOf<Count extends 1 | 2 | 3 | 4> = Count extends 1
  ? [Account]
  : Count extends 2
    ? [Account, Account]
    : Count extends 3
      ? [Account, Account, Account]
      : [Account, Account, Account, Account];
