// The world of one proof: its accounts and rooms, connections that end with it, and deadlines that fit the target.

import { setTimeout as wait } from "node:timers/promises";
import type { MessageDto } from "../systems/discodeit/shapes.ts";
import { eventsPath, sendDestination, stompEndpoint, type EventKind } from "../systems/discodeit/wire.ts";
import type { StompFrame } from "../drivers/codecs/stomp.ts";
import type { SseEvent } from "../drivers/codecs/sse.ts";
import { TargetError, TimeoutError } from "../drivers/errors.ts";
import type { Timed } from "../drivers/inbox.ts";
import { urlBelow, webSocketUrl } from "../drivers/network.ts";
import type { RestClient } from "../drivers/rest.ts";
import { openSockjs } from "../drivers/sockjs.ts";
import { EventStream } from "../drivers/sse.ts";
import { StompConnection, type Subscription } from "../drivers/stomp.ts";
import { fetchCsrf, type UploadFile } from "../systems/discodeit/client.ts";
import type { TextTransport } from "../drivers/transport.ts";
import { openWebSocketTransport } from "../drivers/websocket.ts";
import type { Account } from "./account-pool.ts";
import { jsonIn } from "./proof.ts";
import { Rooms, type Channel, type Where } from "./rooms.ts";
import { nameOf } from "./event-names.ts";
import { hearingOf, step } from "./steps.ts";
import { holds } from "./text.ts";

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

const connectingOver = (transport: TextTransport["kind"] = "websocket") =>
  transport === "websocket" ? ("connect" as const) : (`connect over ${transport}` as const);

const isSame = (one: SseEvent, other: SseEvent): boolean =>
  one === other || (one.id !== undefined && one.id === other.id);

export class World extends Rooms {
  /** What went out by SEND: whoever hears it in vain rests on another step than after a POST. */
  readonly #sent = new Set<string>();

  // --- talking

  /** The account's user agent at one instance. */
  rest(account: Account, instance: Where = 0): RestClient {
    return account.rest.at({ baseUrl: this.instance(instance), transcript: this.transcript });
  }

  post(
    account: Account,
    channel: Channel,
    content: string,
    options: { instance?: Where; attachments?: readonly UploadFile[] } = {},
  ): Promise<MessageDto> {
    return this.system.post(
      this.rest(account, options.instance),
      { channelId: channel.id, authorId: account.id, content },
      options.attachments,
    );
  }

  stompUrl(instance: Where = 0): string {
    return urlBelow(this.instance(instance), stompEndpoint);
  }

  /** A transport to /ws, opened but silent. */
  async transport(
    options: { instance?: Where; transport?: TextTransport["kind"]; headers?: Record<string, string> } = {},
  ): Promise<TextTransport> {
    const kind = options.transport ?? "websocket";
    const url = this.stompUrl(options.instance);
    const openTimeoutMs = Math.max(5_000, this.deadlineMs);
    if (kind === "websocket")
      return await openWebSocketTransport(`${webSocketUrl(url)}/websocket`, {
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

  /** A connection on which nothing was sent yet. */
  openStomp(
    label: string,
    options: { instance?: Where; transport?: TextTransport["kind"] } = {},
  ): Promise<StompConnection> {
    return step(connectingOver(options.transport), async () =>
      this.track(new StompConnection(await this.transport(options), this.transcript, label)),
    );
  }

  /** A connected STOMP session. Throws as `StompConnection.connect` does. */
  stomp(account: Account, options: StompOptions = {}): Promise<StompConnection> {
    return step(connectingOver(options.transport), () => this.#connect(account, options));
  }

  async #connect(account: Account, options: StompOptions): Promise<StompConnection> {
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
    content: string,
    headers: Record<string, string> = {},
  ): void {
    this.#sent.add(content);
    connection.sendFrame(
      "SEND",
      { destination: sendDestination, ...headers },
      JSON.stringify({ content, channelId: channel.id, authorId: account.id }),
    );
  }

  /** Opens an event stream and, unless told otherwise, knows that it is live. */
  events(account: Account, options: EventsOptions = {}): Promise<EventStream> {
    return step("open an event stream", () => this.#liveEvents(account, options));
  }

  async #liveEvents(account: Account, options: EventsOptions): Promise<EventStream> {
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

  /**
   * Waits for the event that tells this of `about` (an id, or a text of its own), `seen` ones aside. By which name the
   * target calls it is learned here; that it is the contract's name is for one clause to say.
   */
  awaitEvent(
    stream: EventStream,
    kind: EventKind,
    about: string,
    { deadlineMs = this.deadlineMs, seen = [] }: { deadlineMs?: number; seen?: readonly SseEvent[] } = {},
  ): Promise<Timed<SseEvent>> {
    const isIt = (event: SseEvent): boolean => holds(event.data, about) && !seen.some((one) => isSame(one, event));
    const isCalledSo = (event: SseEvent): boolean => event.name === this.eventName(kind) && isIt(event);
    return step(hearingOf[kind], async () => {
      const contractName = this.nameInContract(kind);
      try {
        const event = await stream.awaitEvent(`${contractName} about ${about}`, isCalledSo, deadlineMs);
        this.learnEventName(contractName, event.name);
        return event;
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
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

  /**
   * A stream is live when something came on it; on targets that greet nobody, when an event made for the purpose comes.
   */
  async awaitLive(stream: EventStream, account: Account, instance: Where): Promise<void> {
    if (this.baseline.greets) {
      await stream.inbox.awaitItem("the first event of a stream", ({ kind }) => kind !== "settings", this.deadlineMs);
      return;
    }
    const startMs = performance.now();
    for (let attempt = 0; ; attempt++) {
      if (stream.inbox.ended !== undefined)
        throw new TargetError("closed", `Cannot open an event stream: ${stream.inbox.ended}`);
      const channel = await this.privateChannelAt(instance, account, await this.context.peer());
      try {
        await stream.awaitEvent(
          "a probe event",
          (event) => holds(event.data, channel.id),
          Math.min(this.deadlineMs, 500 * 2 ** attempt),
        );
        return;
      } catch (error) {
        if (!(error instanceof TimeoutError) || performance.now() - startMs > 2 * this.deadlineMs) throw error;
      }
    }
  }

  // --- judging

  /**
   * After a fence (receipt, marker): what was written to other connections before it is read, too. A fence holds for
   * its own connection only, hence one round trip more; on targets that keep no order, a quiet period of max(100 ms, 5
   * × p99).
   */
  async settle(): Promise<void> {
    await fetchCsrf(this.stranger("fence"));
    if (!this.baseline.ordered) await wait(Math.max(100, 5 * this.baseline.deliveryMsP99));
  }

  /** Waits for a message and reads its body. */
  hear(subscription: Subscription, marker: string, deadlineMs = this.deadlineMs): Promise<MessageDto> {
    return step(this.#sent.has(marker) ? "hear a sent message" : "hear a posted message", async () =>
      this.messageOf(
        await subscription.awaitMessage(`message ${marker}`, ({ body }) => holds(body, marker), deadlineMs),
      ),
    );
  }

  /** What a MESSAGE says. Throws TargetError "malformed" when its body is no MessageDto. */
  messageOf({ body }: StompFrame): MessageDto {
    const parsed = this.system.schemas.message.safeParse(jsonIn(body));
    if (parsed.success) return parsed.data;
    const error = new TargetError(
      "malformed",
      `a MESSAGE body is no MessageDto in JSON: ${JSON.stringify(body.slice(0, 120))}`,
    );
    error.step = "hear a posted message";
    throw error;
  }

  /** How often a subscription heard a marker. */
  heardCount(subscription: Subscription, marker: string): number {
    return subscription.messages().filter((frame) => holds(frame.body, marker)).length;
  }

  eventCount(stream: EventStream, matches: (event: SseEvent) => boolean): number {
    return stream.events.filter(matches).length;
  }
}
