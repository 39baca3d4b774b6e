// The world of one proof: its accounts and rooms, connections that end with it, and deadlines that fit the target.

import { setTimeout as wait } from "node:timers/promises";
import type { StompFrame } from "../drivers/codecs/stomp.ts";
import type { SseEvent } from "../drivers/codecs/sse.ts";
import { within } from "../drivers/deadline.ts";
import { HarnessError, TargetError, TimeoutError, type AwaitLate } from "../drivers/errors.ts";
import type { Timed } from "../drivers/inbox.ts";
import { urlBelow, withHeaders } from "../drivers/network.ts";
import type { Answer, RestClient } from "../drivers/rest.ts";
import { openSockjs } from "../drivers/sockjs.ts";
import { EventStream } from "../drivers/sse.ts";
import { StompConnection, type Subscription } from "../drivers/stomp.ts";
import { openTcpTransport } from "../drivers/tcp.ts";
import type { TextTransport } from "../drivers/transport.ts";
import { openWebSocketTransport } from "../drivers/websocket.ts";
import type { Account } from "./account-pool.ts";
import { Rooms, type Channel, type Where } from "./rooms.ts";
import { nameOf } from "./event-names.ts";
import type { Room } from "../systems/types.ts";
import type { Heard, StreamOptions } from "./speaker.ts";
import { hearingOf, step } from "./steps.ts";
import { holds } from "./text.ts";
import { quoted } from "../drivers/quoted.ts";

export interface StompOptions {
  instance?: Where;
  transport?: TextTransport["kind"];
  /** Replaces the token, or false for none. */
  token?: string | false;
  headers?: Record<string, string>;
  command?: "CONNECT" | "STOMP";
  /** "as defined": though the target is known to want the credential in the HTTP upgrade, too. */
  handshake?: "as defined";
}

export interface EventsOptions extends StreamOptions {
  instance?: Where;
  /** false: do not wait until the stream is known to be live. */
  live?: boolean;
  /** Keeps the octets that come. */
  keepsBytes?: boolean;
}

const connectingOver = (transport: TextTransport["kind"] = "websocket") =>
  transport === "websocket" ? ("connect" as const) : (`connect over ${transport}` as const);

/** By what an event is known; the channel that was made for it, if any. */
export interface EventKey extends Partial<Channel> {
  id: string;
}

export interface HeardText extends Heard {
  text: string;
}

const isSame = (one: SseEvent, other: SseEvent): boolean =>
  one === other || (one.id !== undefined && one.id === other.id);

export class World extends Rooms {
  /** What went out by SEND: whoever hears it in vain rests on another step than after a POST. */
  readonly #sent = new Set<string>();
  /** Goes on looking for what the last look waited for in vain, as TimeoutError's `awaitLate`. */
  unseen: AwaitLate | undefined;

  // --- talking

  /** The account's user agent at one instance. */
  rest(account: Account, instance: Where = 0): RestClient {
    return account.rest.at({ baseUrl: this.instance(instance), transcript: this.transcript });
  }

  /** Says something by REST; by SEND where the system has no other way. */
  post(
    account: Account,
    channel: Channel,
    text: string,
    options: { instance?: Where } = {},
  ): Promise<{ id: string | undefined }> {
    if (!this.system.features.has("post")) return this.#postBySend(account, channel, text, options.instance);
    const poster = { ...account, rest: this.rest(account, options.instance) };
    return step("post a message", () => this.speaker.post(poster, channel.room, text));
  }

  /** On its own connection, which is closed when the message is out. */
  async #postBySend(account: Account, channel: Channel, text: string, instance: Where = 0): Promise<{ id: undefined }> {
    const connection = await this.stomp(account, { instance });
    this.sendMessage(connection, account, channel, text);
    connection.sendFrame("DISCONNECT", {});
    await Promise.race([connection.closed, wait(this.deadlineMs, undefined, { ref: false })]);
    connection.transport.close();
    return { id: undefined };
  }

  /** What is stored of a channel, oldest first. */
  history(reader: Account, channel: Channel): Promise<{ id: string | undefined; text: string }[]> {
    const asking = { ...reader, rest: this.rest(reader) };
    this.transcript.look(`rest ${reader.label}`);
    return step("read the history", () => this.speaker.history(asking, channel.room));
  }

  /** Unless said otherwise where messages are heard. */
  stompUrl(instance: Where = this.baseline.messagesAt): string {
    return this.speaker.stompUrl(this.instance(instance));
  }

  /** How many characters a message of the system may have. */
  get textLengthMax(): number {
    return this.system.stomp?.textLengthMax ?? 2_000;
  }

  /** Where a plain WebSocket speaks STOMP. */
  webSocketUrl(instance: Where = this.baseline.messagesAt): string {
    return this.speaker.webSocketUrl(this.instance(instance));
  }

  /** Where STOMP is without WebSocket. */
  tcpUrl(instance: Where = 0): string {
    const { tcp } = this.target;
    return instance === 0 && tcp !== undefined ? tcp : this.speaker.tcpUrl(this.instance(instance));
  }

  /** A transport to the STOMP endpoint, opened but silent. */
  async transport(
    options: { instance?: Where; transport?: TextTransport["kind"]; headers?: Record<string, string> } = {},
  ): Promise<TextTransport> {
    const kind = options.transport ?? "websocket";
    const url = this.stompUrl(options.instance);
    const openTimeoutMs = Math.max(5_000, this.deadlineMs);
    if (kind === "tcp") return await openTcpTransport(this.tcpUrl(options.instance), openTimeoutMs);
    if (kind === "websocket")
      return await openWebSocketTransport(this.webSocketUrl(options.instance), {
        network: this.network,
        openTimeoutMs,
        ...(options.headers && { headers: options.headers }),
      });
    return await openSockjs(url, kind, {
      network: this.network,
      openTimeoutMs,
      ...(options.headers && { headers: options.headers }),
    });
  }

  /** Of the HTTP upgrade: what the definition says, and the credential where the target wants it there. */
  handshakeHeaders(account: Account): Record<string, string> {
    const credential = this.baseline.guardedHandshake ? this.speaker.connectHeaders(account) : {};
    return { ...credential, ...this.speaker.handshakeHeaders(account) };
  }

  /** A connection on which nothing was sent yet: of an account, or of a stranger with that name. */
  openStomp(
    who: string | Account,
    options: { instance?: Where; transport?: TextTransport["kind"]; headers?: Record<string, string> } = {},
  ): Promise<StompConnection> {
    const [label, headers] = typeof who === "string" ? [who, {}] : [who.label, this.handshakeHeaders(who)];
    return step(connectingOver(options.transport), async () => {
      const transport = await this.transport({ ...options, headers: { ...headers, ...options.headers } });
      return this.track(new StompConnection(transport, this.transcript, label));
    });
  }

  /** A connected STOMP session. Throws as `StompConnection.connect` does. */
  stomp(account: Account, options: StompOptions = {}): Promise<StompConnection> {
    return step(connectingOver(options.transport), () => this.#connect(account, options));
  }

  async #connect(account: Account, options: StompOptions): Promise<StompConnection> {
    const { instance, transport, handshake } = options;
    const where = {
      ...(instance === undefined ? {} : { instance }),
      ...(transport === undefined ? {} : { transport }),
    };
    const connection =
      handshake === undefined
        ? await this.openStomp(account, where)
        : await this.openStomp(account.label, { ...where, headers: this.speaker.handshakeHeaders(account) });
    connection.subscribeHeadersOf = (destination) => {
      const channel = this.context.channels.find((other) => other.destination === destination);
      return channel === undefined ? {} : this.speaker.subscribeHeaders(account, channel.room);
    };
    const credential = options.token === false ? {} : this.speaker.connectHeaders(account, options.token);
    await connection.connect({
      ...(options.command === undefined ? {} : { command: options.command }),
      headers: { ...credential, ...options.headers },
      deadlineMs: this.deadlineMs,
    });
    return connection;
  }

  /** Subscribes to a channel and knows that it is live: by RECEIPT, or by probe messages until one is heard. */
  subscribe(connection: StompConnection, channel: Channel, id?: string): Promise<Subscription> {
    return step("subscribe", async () => {
      if (this.baseline.receipts)
        return await connection.subscribeWithReceipt(channel.destination, this.deadlineMs, id);
      const subscription = connection.sendSubscribe(channel.destination, id === undefined ? {} : { id });
      await this.probe(subscription, channel);
      return subscription;
    });
  }

  /** Posts probes by the channel's owner until the subscription hears one: the barrier on targets without receipts. */
  async probe(subscription: Subscription, channel: Channel): Promise<void> {
    const startMs = performance.now();
    let attempt = 0;
    for (;;) {
      const marker = this.marker("probe");
      await this.post(channel.owner, channel, marker);
      try {
        await subscription.awaitMessage(
          "a probe",
          (frame) => holds(frame.body, marker),
          Math.min(this.deadlineMs, 250 * 2 ** attempt++),
        );
        return;
      } catch (error) {
        if (!(error instanceof TimeoutError) || performance.now() - startMs > this.deadlineMs) throw error;
      }
    }
  }

  /** Sends a message over STOMP as clients do: JSON body, no content-type. */
  sendMessage(
    connection: StompConnection,
    account: Account,
    channel: Channel,
    text: string,
    headers: Record<string, string> = {},
  ): void {
    this.#sent.add(text);
    const frame = this.speaker.sendOf(account, channel.room, text);
    connection.sendFrame("SEND", { destination: frame.destination, ...frame.headers, ...headers }, frame.body);
  }

  /** Opens an event stream and, unless asked otherwise, knows that it is live. */
  events(account: Account, options: EventsOptions = {}): Promise<EventStream> {
    return step("open an event stream", () => this.#liveEvents(account, options));
  }

  async #liveEvents(account: Account, options: EventsOptions): Promise<EventStream> {
    const stream = this.openEvents(account, options);
    if (options.live !== false) await this.awaitLive(stream, account, options.instance ?? 0);
    return stream;
  }

  /** Unless said otherwise where events are heard. */
  eventsUrl(instance: Where | undefined, path: string): string {
    return urlBelow(this.instance(instance ?? this.baseline.eventsAt), path);
  }

  openEvents(account: Account, options: EventsOptions = {}, headers: Record<string, string> = {}): EventStream {
    const stream = this.speaker.streamOf(account, options);
    return this.track(
      new EventStream(this.eventsUrl(options.instance, stream.url), {
        network: this.network,
        transcript: this.transcript,
        label: account.label,
        headers: withHeaders(stream.headers, headers),
        keepsBytes: options.keepsBytes,
      }),
    );
  }

  /**
   * Waits for the event that says this about `about` (an id, or its own text), `seen` ones aside. By which name the
   * target calls it is learned here; that it is the contract's name is for one clause to say.
   */
  awaitEvent(
    stream: EventStream,
    kind: string,
    about: string,
    { deadlineMs = this.deadlineMs, seen = [] }: { deadlineMs?: number; seen?: readonly SseEvent[] } = {},
  ): Promise<Timed<SseEvent>> {
    const isIt = (event: SseEvent): boolean =>
      this.tellsOf(event, kind, about) && !seen.some((one) => isSame(one, event));
    this.#lookAt(stream);
    return step(hearingOf(kind), async () => {
      const contractName = this.nameInContract(kind);
      const isCalledSo = (event: SseEvent): boolean =>
        event.name === (this.eventName(kind) ?? event.name) && isIt(event);
      try {
        const event = await stream.awaitEvent(`${contractName ?? kind} about ${about}`, isCalledSo, deadlineMs);
        if (contractName !== undefined) this.learnEventName(contractName, event.name);
        return event;
      } catch (error) {
        if (!(error instanceof TimeoutError) || contractName === undefined) throw error;
        const other = nameOf(
          contractName,
          stream.events.filter((event) => isIt(event) && !this.isOfTheTable(event)).map(({ name }) => name),
        );
        if (other !== undefined) this.learnEventName(contractName, other);
        const event = stream.events.find(isCalledSo);
        if (event === undefined) throw error;
        return event;
      }
    });
  }

  /** Whether an event is about this, a key or its own text. */
  tellsOf(event: Pick<SseEvent, "name" | "data">, kind: string, about: string): boolean {
    const { keyOf } = this.system.events?.causes[kind] ?? {};
    if (keyOf === undefined) return holds(event.data, about);
    try {
      const key = keyOf({ name: event.name, data: event.data ?? "" });
      return key !== undefined && String(key) === about;
    } catch {
      return false; // an event of another kind: a definition need not foresee them all
    }
  }

  /** Makes an event of which both hear, by default of the kind that streams are probed with. */
  async causeEvent(maker: Account, other: Account, instance: Where = 0, kind = this.probeKind): Promise<EventKey> {
    // Where the owner does not hear of its own doing, somebody else owns the room.
    const isUnheardByOwner = this.system.events?.causes[kind]?.receivers === "others";
    const host = isUnheardByOwner ? await this.context.peer() : maker;
    const owner = { ...host, rest: this.rest(host, instance) };
    const members = (host === maker ? [other] : [maker, other]).filter(({ username }) => username !== host.username);
    let channel: Channel | undefined;
    const openRoom = async (others: readonly Account[]): Promise<Room> => {
      channel = await this.privateChannelAt(instance, host, ...(others as [Account, ...Account[]]));
      return channel.room;
    };
    const another = async (): Promise<Account> => {
      const peer = await this.context.peer();
      return { ...peer, rest: this.rest(peer, instance) };
    };
    const cause = () => this.speaker.causeEvent(kind, owner, members, { openRoom, another });
    const key = await step("cause an event", cause);
    return channel === undefined ? { id: key } : { ...channel, id: key };
  }

  /** Makes an event come to everyone whose data holds this text. */
  publishText(account: Account, text: string): Promise<void> {
    return step("cause an event", () => this.speaker.publishText({ ...account, rest: this.rest(account) }, text));
  }

  /** A live stream at a path, with headers of the caller's choice. */
  async eventsAt(path: string, account: Account, headers: Record<string, string>): Promise<EventStream> {
    const stream = this.openEvents(account, { path }, headers);
    await this.awaitLive(stream, account, 0);
    return stream;
  }

  /**
   * A stream is live when something came on it; on targets that greet nobody, when an event made for the purpose comes;
   * where nobody can make one, when its head came.
   */
  async awaitLive(stream: EventStream, account: Account, instance: Where): Promise<void> {
    if (this.baseline.greets) {
      await stream.inbox.awaitItem("the first event of a stream", ({ kind }) => kind !== "settings", this.deadlineMs);
      return;
    }
    if (!this.system.features.has("events")) return await this.#awaitHead(stream);
    const startMs = performance.now();
    for (let attempt = 0; ; attempt++) {
      if (stream.inbox.ended !== undefined)
        throw new TargetError("closed", `Cannot open an event stream: ${stream.inbox.ended}`);
      const { id } = await this.causeEvent(account, await this.context.peer(), instance);
      try {
        await stream.awaitEvent(
          "a probe event",
          (event) => this.tellsOf(event, this.probeKind, id),
          Math.min(this.deadlineMs, 500 * 2 ** attempt),
        );
        return;
      } catch (error) {
        if (!(error instanceof TimeoutError) || performance.now() - startMs > 2 * this.deadlineMs) throw error;
      }
    }
  }

  async #awaitHead(stream: EventStream): Promise<void> {
    await within(this.deadlineMs, stream.head, () => {
      throw new TimeoutError(`Cannot open an event stream: no head came within ${this.deadlineMs} ms`);
    });
  }

  // --- logins

  async logOut(account: Account): Promise<void> {
    await step("end a login", () => this.speaker.logOut(account));
  }

  /** Asks for something that needs a credential. Throws HarnessError where the definition names nothing. */
  async askGuarded(account: Account, instance: Where = 0): Promise<Answer> {
    const [path] = this.system.http?.guarded ?? [];
    if (path === undefined)
      throw new HarnessError("Cannot ask for what is guarded: the definition names no http.guarded");
    const rest = this.rest(account, instance);
    this.transcript.look(`rest ${rest.label}`);
    return await rest.request("GET", path);
  }

  // --- judging

  /** Whether it says this, in this channel, by this account, as far as the system's messages say so. */
  isFrom(heard: Heard, text: string, account: Account, { room }: Channel): boolean {
    const { isFrom } = this.system.stomp ?? {};
    const from = { account: this.speaker.memberOf(account), room };
    return heard.text === text && (isFrom === undefined || isFrom(heard.message, from));
  }

  /**
   * After a fence (receipt, marker): what was written to other connections before it is read, too. A fence holds for
   * its own connection only, hence one round trip more; on targets that keep no order, a quiet period of max(100 ms, 5
   * × p99).
   */
  async settle(): Promise<void> {
    await this.speaker.askAlive(this.stranger("fence"));
    const isRoundTrip = this.speaker.aliveBy !== undefined;
    if (!this.baseline.ordered || !isRoundTrip) await wait(Math.max(100, 5 * this.baseline.deliveryMsP99));
  }

  /** Waits for a message and reads its body. */
  hear(subscription: Subscription, marker: string, deadlineMs = this.deadlineMs): Promise<HeardText> {
    this.transcript.look(subscription.connection);
    return step(this.#sent.has(marker) ? "hear a sent message" : "hear a posted message", async () =>
      this.messageOf(
        await subscription.awaitMessage(`message ${marker}`, ({ body }) => holds(body, marker), deadlineMs),
      ),
    );
  }

  /** What a MESSAGE says. Throws TargetError "malformed" when the system's messages are not like this. */
  messageOf({ body }: StompFrame): HeardText {
    const heard = this.speaker.heardIn(body);
    if (heard?.text !== undefined) return { ...heard, text: heard.text };
    const error = new TargetError(
      "malformed",
      `a MESSAGE body is none of ${this.system.name}, or has no text (stomp.textOf): ${quoted(body, 120)}`,
    );
    error.step = "hear a posted message";
    throw error;
  }

  /** The texts that a subscription heard, in order; what is no text is left out. */
  textsOf(subscription: Subscription): string[] {
    this.transcript.look(subscription.connection);
    return subscription.messages().flatMap(({ body }) => this.speaker.heardIn(body)?.text ?? []);
  }

  /** How often a subscription heard a marker. */
  heardCount(subscription: Subscription, marker: string): number {
    this.transcript.look(subscription.connection, marker);
    return subscription.messages().filter((frame) => holds(frame.body, marker)).length;
  }

  eventCount(stream: EventStream, matches: (event: SseEvent) => boolean): number {
    this.#lookAt(stream);
    return stream.events.filter(matches).length;
  }

  #lookAt({ inbox }: EventStream): void {
    if (inbox.connection !== undefined) this.transcript.look(inbox.connection);
  }
}
