// How does the page hear messages? By STOMP over SockJS, one connection a tab, which comes back by itself: a little
// later after each failure. Whoever uses it says which channels it wants; after each connect it subscribes to all of
// them, and tells when the server has confirmed the one that is open: then history is asked for what was missed.

import { Client, ReconnectionTimeMode, type IMessage, type StompSubscription } from "@stomp/stompjs";
import {
  channelDestination,
  errorQueue,
  heartBeatMs,
  sendDestination,
  stompEndpoint,
} from "../systems/discodeit/wire.ts";
import type { Api } from "./api.ts";
import type { Journal } from "./journal.ts";
import { openSockJs } from "./sockets.ts";
import type { MessageDto } from "./wire.ts";

export type LinkState = "connecting" | "up" | "down";

export interface LiveEvents {
  onState: (state: LinkState, transport: string) => void;
  onMessage: (message: MessageDto) => void;
  /** The server did not take what was sent last. */
  onRefused: (why: string) => void;
  /** Nothing of this channel is missed from now on. */
  onSubscribed: (channelId: string) => void;
}

const reconnectFirstMs = 500;
const reconnectLastMs = 10_000;
const connectWithinMs = 10_000;
/** The server allows 100. */
const channelsMax = 80;

export class Live {
  readonly #client: Client;
  readonly #events: LiveEvents;
  readonly #subscriptions = new Map<string, StompSubscription>();
  #wanted: readonly string[] = [];
  #refusedOnce = false;

  constructor(api: Api, journal: Journal, events: LiveEvents) {
    this.#events = events;
    const note: Journal["noteFrame"] = (way, text, transport) => journal.noteFrame(way, text, transport);
    this.#client = new Client({
      webSocketFactory: () => openSockJs(stompEndpoint, note, (transport) => events.onState("connecting", transport)),
      reconnectDelay: reconnectFirstMs,
      maxReconnectDelay: reconnectLastMs,
      reconnectTimeMode: ReconnectionTimeMode.EXPONENTIAL,
      connectionTimeout: connectWithinMs,
      heartbeatIncoming: heartBeatMs,
      heartbeatOutgoing: heartBeatMs,
      beforeConnect: async () => {
        // Nobody answers, perhaps: the connection will find that out by itself.
        const token = await (
          this.#refusedOnce ? api.renew().then((session) => session.accessToken) : api.token()
        ).catch(() => "");
        this.#refusedOnce = false;
        this.#client.connectHeaders = { Authorization: `Bearer ${token}` };
      },
      onConnect: () => this.#connected(),
      onStompError: ({ headers }) => {
        // Whatever else it may be, a token that was ended looks like this.
        this.#refusedOnce = true;
        console.info(`STOMP: ${headers["message"] ?? "refused"}`);
      },
      onWebSocketClose: () => {
        this.#subscriptions.clear();
        if (this.#client.active) events.onState("down", "");
      },
    });
  }

  get isUp(): boolean {
    return this.#client.connected;
  }

  open(): void {
    this.#client.activate();
  }

  close(): void {
    void this.#client.deactivate({ force: true });
  }

  /** The first ones are the most important. */
  want(channelIds: readonly string[]): void {
    this.#wanted = channelIds.slice(0, channelsMax);
    if (!this.#client.connected) return;
    for (const [id, subscription] of this.#subscriptions)
      if (!this.#wanted.includes(id)) {
        subscription.unsubscribe();
        this.#subscriptions.delete(id);
      }
    for (const id of this.#wanted) if (!this.#subscriptions.has(id)) this.#subscribe(id);
  }

  send(message: { content: string; channelId: string; authorId: string }): void {
    this.#client.publish({ destination: sendDestination, body: JSON.stringify(message) });
  }

  #connected(): void {
    this.#events.onState("up", "");
    this.#client.subscribe(errorQueue, ({ body }) => {
      const { message } = JSON.parse(body) as { message?: string };
      this.#events.onRefused(message ?? body);
    });
    this.want(this.#wanted);
  }

  #subscribe(channelId: string): void {
    const receipt = `subscribed-${channelId}-${crypto.randomUUID()}`;
    this.#client.watchForReceipt(receipt, () => this.#events.onSubscribed(channelId));
    const hear = ({ body }: IMessage): void => this.#events.onMessage(JSON.parse(body) as MessageDto);
    this.#subscriptions.set(channelId, this.#client.subscribe(channelDestination(channelId), hear, { receipt }));
  }
}
