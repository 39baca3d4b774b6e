// The world of one proof: leased accounts, fresh rooms, connections that end with it, and deadlines that fit the target.
// Everything a proof opens through its world is closed and given back by the runner, whatever happens.

import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Capability } from "../../contract/clause.ts";
import type { MessageDto } from "../../contract/systems/discodeit.ts";
import { channelDestination, eventNames, eventsPath, sendDestination, stompEndpoint, type EventKind } from "../../contract/wire.ts";
import type { StompFrame } from "../../drivers/codecs/stomp.ts";
import type { SseEvent } from "../../drivers/codecs/sse.ts";
import { HarnessError, TargetError, TimeoutError } from "../../drivers/errors.ts";
import { urlBelow, webSocketUrl, type Network } from "../../drivers/network.ts";
import { RestClient, type Answer } from "../../drivers/rest.ts";
import { openSockjs } from "../../drivers/sockjs.ts";
import { EventStream } from "../../drivers/sse.ts";
import { StompConnection, type Subscription } from "../../drivers/stomp.ts";
import type { Discodeit, NewUser, UploadFile } from "../../drivers/systems/discodeit.ts";
import type { Transcript } from "../../drivers/transcript.ts";
import type { TextTransport } from "../../drivers/transport.ts";
import { openWebSocketTransport } from "../../drivers/websocket.ts";
import type { Target } from "../../targets/target.ts";
import type { Account, AccountPool } from "./account-pool.ts";
import type { Baseline } from "./baseline.ts";
import { diagnoses } from "./diagnosis.ts";
import { claim, Violation } from "./proof.ts";

export interface Channel {
  id: string;
  destination: string;
  /** Who may delete it at the end. */
  owner: Account;
}

/** An instance by its index, or the proxy. */
export type Where = number | "proxy";

export interface StompOptions {
  instance?: Where;
  transport?: TextTransport["kind"];
  /** Replaces the token, or false for none. */
  token?: string | false;
  headers?: Record<string, string>;
  command?: "CONNECT" | "STOMP";
}

export interface EventsOptions {
  instance?: Where;
  lastEventId?: string;
  /** How the last id is sent; "all" ways unless said otherwise. */
  via?: "all" | "header" | "lastEventId" | "LastEventId";
  /** false: do not wait until the stream is known to be live. */
  live?: boolean;
  bearer?: string | false;
}

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

export class World implements AsyncDisposable {
  readonly target: Target;
  readonly system: Discodeit;
  readonly baseline: Baseline;
  readonly network: Network;
  readonly transcript: Transcript;
  readonly revision: 1 | 2;
  readonly #context: RunContext;
  readonly #leased: Account[] = [];
  readonly #open: AsyncDisposable[] = [];
  #markerCount = 0;
  readonly #salt = randomBytes(4).toString("hex");
  #isOver = false;

  constructor(context: RunContext, transcript: Transcript) {
    this.#context = context;
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
      this.target.capabilities.has(capability) || (capability === "receipts" && this.baseline.receipts) || (capability === "order" && this.baseline.ordered)
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

  // --- accounts and rooms

  /** Leases accounts for this proof alone. Ask for all at once. */
  async accounts<const Count extends 1 | 2 | 3 | 4>(count: Count): Promise<AccountsOf<Count>> {
    const accounts = await this.#context.pool.lease(count);
    this.#leased.push(...accounts);
    return accounts.map((account) => this.#mine(account)) as unknown as AccountsOf<Count>;
  }

  /** An account that this proof may log out, change or delete (then set `gone`). */
  async disposable(): Promise<Account> {
    const account = await this.#context.pool.leaseDisposable();
    this.#leased.push(account);
    account.rest = account.rest.at({ transcript: this.transcript });
    return account;
  }

  /** An account that never had a connection. A run has five of them. */
  async freshAccount(): Promise<Account> {
    return this.#mine(await this.#context.pool.leaseFresh());
  }

  /** Notes somebody whom the proof signs up by its own means; once `id` is set, the user is deleted with the proof. */
  adopt(user: NewUser): Account {
    const { pool } = this.#context;
    const account = pool.adopt(user);
    this.track({ [Symbol.asyncDispose]: () => pool.discard(account) });
    return account;
  }

  /** Logs a disposable account in again; its older login goes on in the client that the caller kept. */
  async logInAgain(account: Account): Promise<Answer> {
    const answer = await this.#context.pool.logInAgain(account);
    account.rest = account.rest.at({ transcript: this.transcript });
    return answer;
  }

  /** Says who a disposable account is now, after the proof changed its name, e-mail or password. */
  renamed(account: Account, changes: Partial<NewUser>): void {
    if (changes.password !== undefined) this.transcript.secrets.add(changes.password);
    Object.assign(account, changes);
    this.#context.pool.onAccount(account);
  }

  /** Somebody to sign up, whose name begins with `name()`. */
  newcomer(suffix: string, changes: Partial<NewUser> = {}): NewUser {
    const username = this.name(suffix);
    return { username, email: `${username}@rollcall.example`, password: `${randomBytes(9).toString("base64url")}a1!`, ...changes };
  }

  /** Signs somebody up by hand; whoever comes of it is deleted with the proof. Not logged in. */
  async signUp(user: NewUser, profile?: UploadFile): Promise<{ answer: Answer; account: Account }> {
    const { pool } = this.#context;
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
    return this.#mine(await this.#context.manager());
  }

  /** The admin, logged in once for the run (needs "admin"). */
  async admin(): Promise<Account> {
    return this.#mine(await this.#context.admin());
  }

  #mine(account: Account): Account {
    return { ...account, rest: account.rest.at({ transcript: this.transcript }) };
  }

  /** A user agent without an account. */
  stranger(label = "stranger"): RestClient {
    return new RestClient({ baseUrl: this.instance(), network: this.network, transcript: this.transcript, label });
  }

  async privateChannel(...members: readonly [Account, Account, ...Account[]]): Promise<Channel> {
    this.#checkOpen();
    const dto = await this.system.privateChannel(
      members[0].rest,
      members.map((member) => member.id),
    );
    return this.#keep(dto.id, members[0]);
  }

  /** A public channel, made by the run's channel manager (needs "admin"). */
  async publicChannel(): Promise<Channel & { name: string }> {
    this.#checkOpen();
    const manager = await this.manager();
    const name = `rollcall-${this.#context.run}-${randomBytes(4).toString("hex")}`;
    const dto = await this.system.publicChannel(manager.rest, name, "made by rollcall");
    return { ...this.#keep(dto.id, manager), name };
  }

  /** Deletes a channel now; the clean-up will not try again. */
  async deleteChannel(channel: Channel): Promise<void> {
    const answer = await this.system.deleteChannelAnswer(channel.owner.rest, channel.id);
    claim(answer.status >= 200 && answer.status < 300, `deleting a channel was answered ${answer.status}`);
    this.forget(channel.id);
  }

  /** The clean-up will not try to delete this channel. */
  forget(channelId: string): void {
    const { channels } = this.#context;
    const at = channels.findIndex(({ id }) => id === channelId);
    if (at >= 0) channels.splice(at, 1);
  }

  /** Notes a channel that a proof made by hand, for the clean-up. */
  keep(channelId: string, owner: Account): Channel {
    return this.#keep(channelId, owner);
  }

  #keep(id: string, owner: Account): Channel {
    const channel = { id, destination: channelDestination(id), owner };
    this.#context.channels.push(channel);
    return channel;
  }

  /** A text that nobody else sends, and that no other marker contains. */
  marker(prefix = "m"): string {
    return `${prefix}-${this.#salt}-${++this.#markerCount}~`;
  }

  /** Names of things this proof makes begin so. */
  name(suffix: string): string {
    return `rollcall-${this.#context.run}-${this.#salt}-${suffix}`;
  }

  // --- talking

  /** The account's user agent at one instance. */
  rest(account: Account, instance: Where = 0): RestClient {
    return account.rest.at({ baseUrl: this.instance(instance), transcript: this.transcript });
  }

  post(account: Account, channel: Channel, content: string, options: { instance?: Where; attachments?: readonly UploadFile[] } = {}): Promise<MessageDto> {
    return this.system.post(this.rest(account, options.instance), { channelId: channel.id, authorId: account.id, content }, options.attachments);
  }

  stompUrl(instance: Where = 0): string {
    return urlBelow(this.instance(instance), stompEndpoint);
  }

  /** A transport to /ws, opened but silent. */
  async transport(options: { instance?: Where; transport?: TextTransport["kind"]; headers?: Record<string, string> } = {}): Promise<TextTransport> {
    const kind = options.transport ?? "websocket";
    const url = this.stompUrl(options.instance);
    const openTimeoutMs = Math.max(5_000, this.deadlineMs);
    if (kind === "websocket") return await openWebSocketTransport(`${webSocketUrl(url)}/websocket`, { network: this.network, openTimeoutMs });
    return await openSockjs(url, kind, { network: this.network, openTimeoutMs });
  }

  /** A connection on which nothing was sent yet. */
  async openStomp(label: string, options: { instance?: Where; transport?: TextTransport["kind"] } = {}): Promise<StompConnection> {
    return this.track(new StompConnection(await this.transport(options), this.transcript, label));
  }

  /** A connected STOMP session. Throws as `StompConnection.connect` does. */
  async stomp(account: Account, options: StompOptions = {}): Promise<StompConnection> {
    const connection = await this.openStomp(account.label, options);
    const token = options.token ?? account.rest.accessToken;
    await connection.connect({
      ...(options.command === undefined ? {} : { command: options.command }),
      headers: { ...(typeof token === "string" ? { Authorization: `Bearer ${token}` } : {}), ...options.headers },
      deadlineMs: this.deadlineMs,
    });
    return connection;
  }

  /** Subscribes to a channel and knows that it is live: by RECEIPT, or by probe messages until one is heard. */
  async subscribe(connection: StompConnection, channel: Channel, id?: string): Promise<Subscription> {
    if (this.baseline.receipts) return await connection.subscribeWithReceipt(channel.destination, this.deadlineMs, id);
    const subscription = connection.sendSubscribe(channel.destination, id === undefined ? {} : { id });
    await this.probe(subscription, channel);
    return subscription;
  }

  /** Posts probes by the channel's owner until the subscription hears one: the barrier on targets without receipts. */
  async probe(subscription: Subscription, channel: Channel): Promise<void> {
    const startMs = performance.now();
    let attempt = 0;
    for (;;) {
      const marker = this.marker("probe");
      await this.post(channel.owner, channel, marker);
      try {
        await subscription.awaitMessage("a probe", (frame) => frame.body.includes(marker), Math.min(this.deadlineMs, 250 * 2 ** attempt++));
        return;
      } catch (error) {
        if (!(error instanceof TimeoutError) || performance.now() - startMs > this.deadlineMs) throw error;
      }
    }
  }

  /** Sends a message over STOMP as clients do: JSON body, no content-type. */
  sendMessage(connection: StompConnection, account: Account, channel: Channel, content: string, headers: Record<string, string> = {}): void {
    connection.sendFrame("SEND", { destination: sendDestination, ...headers }, JSON.stringify({ content, channelId: channel.id, authorId: account.id }));
  }

  /** Opens an event stream and, unless told otherwise, knows that it is live. */
  async events(account: Account, options: EventsOptions = {}): Promise<EventStream> {
    const stream = this.openEvents(account, options);
    if (options.live !== false) await this.awaitLive(stream, account, options.instance ?? 0);
    return stream;
  }

  openEvents(account: Account, options: EventsOptions = {}): EventStream {
    const { lastEventId: id, via = "all" } = options;
    const query = new URLSearchParams();
    const headers: Record<string, string> = {};
    const bearer = options.bearer ?? account.rest.accessToken;
    if (typeof bearer === "string") headers["authorization"] = `Bearer ${bearer}`;
    if (account.rest.jar.cookies.size > 0) headers["cookie"] = account.rest.jar.header();
    if (id !== undefined && (via === "all" || via === "header")) headers["Last-Event-ID"] = id;
    if (id !== undefined && (via === "all" || via === "lastEventId")) query.set("lastEventId", id);
    if (id !== undefined && (via === "all" || via === "LastEventId")) query.set("LastEventId", id);
    const search = query.size === 0 ? "" : `?${query}`;
    return this.track(
      new EventStream(urlBelow(this.instance(options.instance), eventsPath) + search, {
        network: this.network,
        transcript: this.transcript,
        label: account.label,
        headers,
      }),
    );
  }

  /** A live stream at a path of the first instance, with headers of the caller's choice. */
  async eventsAt(path: string, account: Account, headers: Record<string, string>): Promise<EventStream> {
    const stream = new EventStream(urlBelow(this.instance(), path), {
      network: this.network,
      transcript: this.transcript,
      label: account.label,
      headers: { authorization: `Bearer ${account.rest.accessToken}`, ...headers },
    });
    this.track(stream);
    await this.awaitLive(stream, account, 0);
    return stream;
  }

  /** A stream is live when something came on it; on targets that greet nobody, when an event made for the purpose comes. */
  async awaitLive(stream: EventStream, account: Account, instance: Where): Promise<void> {
    if (this.baseline.greets) {
      await stream.inbox.awaitItem("the first event of a stream", () => true, this.deadlineMs);
      return;
    }
    const startMs = performance.now();
    for (let attempt = 0; ; attempt++) {
      if (stream.inbox.ended !== undefined) throw new TargetError("closed", `Cannot open an event stream: ${stream.inbox.ended}`);
      const channel = await this.system.privateChannel(this.rest(account, instance), [account.id, (await this.#context.peer()).id]);
      this.#keep(channel.id, account);
      try {
        await stream.awaitEvent("a probe event", (event) => event.data?.includes(channel.id) === true, Math.min(this.deadlineMs, 500 * 2 ** attempt));
        return;
      } catch (error) {
        if (!(error instanceof TimeoutError) || performance.now() - startMs > 2 * this.deadlineMs) throw error;
      }
    }
  }

  /** Closed with the proof. */
  track<T extends AsyncDisposable>(thing: T): T {
    this.#checkOpen(thing);
    this.#open.push(thing);
    return thing;
  }

  // --- judging

  /**
   * After a fence (receipt, marker): what was written to other connections before it is read, too. A fence holds for its own connection only, hence
   * one round trip more; on targets that keep no order, a quiet period of max(100 ms, 5 × p99).
   */
  async settle(): Promise<void> {
    await this.stranger("fence").fetchCsrf();
    if (!this.baseline.ordered) await wait(Math.max(100, 5 * this.baseline.deliveryMsP99));
  }

  /** Waits for a message and reads its body as the revision's MessageDto. */
  async hear(subscription: Subscription, marker: string, deadlineMs = this.deadlineMs): Promise<MessageDto> {
    const frame = await subscription.awaitMessage(`message ${marker}`, (message) => message.body.includes(marker), deadlineMs);
    return this.messageOf(frame);
  }

  messageOf(frame: StompFrame): MessageDto {
    let body: unknown;
    try {
      body = JSON.parse(frame.body);
    } catch {
      throw new Violation(`a MESSAGE body is no JSON: ${JSON.stringify(frame.body.slice(0, 120))}`, diagnoses.textPayload);
    }
    const parsed = this.system.schemas.message.safeParse(body);
    if (!parsed.success)
      throw new Violation(
        `a MESSAGE body is no MessageDto: ${parsed.error.issues
          .slice(0, 3)
          .map((issue) => `${issue.path.join(".")}: ${issue.message}`)
          .join("; ")}`,
      );
    return parsed.data;
  }

  /** How often a subscription heard a marker. */
  heardCount(subscription: Subscription, marker: string): number {
    return subscription.messages().filter((frame) => frame.body.includes(marker)).length;
  }

  eventCount(stream: EventStream, matches: (event: SseEvent) => boolean): number {
    return stream.events.filter(matches).length;
  }

  /** A proof that was interrupted may still be under way: it must not make anything more. */
  #checkOpen(late?: AsyncDisposable): void {
    if (!this.#isOver) return;
    if (late !== undefined) void Promise.allSettled([late[Symbol.asyncDispose]()]);
    throw new HarnessError("the proof is over");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.allSettled(this.#open.map((thing) => thing[Symbol.asyncDispose]()));
    this.#context.pool.release(this.#leased.splice(0));
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
