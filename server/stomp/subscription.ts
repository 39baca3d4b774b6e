// What does one subscription of an exchange hear, and what has it not acknowledged? Terms: window – how much may be
// delivered and not acknowledged; then no more is sent. In mode `auto` a message is done when it is written. Each
// delivery has an id of its own, that no other connection has. Source: STOMP 1.0–1.2 "SUBSCRIBE", "MESSAGE", "ACK".

import { isUtf8 } from "node:buffer";
import { OutgoingMessage, textFrame } from "../realtime/connection.ts";
import { encodeFrame, escapeHeader, type StompVersion } from "./codec.ts";
import type { Consumer, Message, Queue } from "./queues.ts";

export const ackModes = ["auto", "client", "client-individual"] as const;
export type AckMode = (typeof ackModes)[number];

export const unackedCountMax = 100;
const unackedBytesMax = 1024 * 1024;

/** Who subscribes: a session. */
export interface Client {
  readonly transport: string;
  deliver(message: OutgoingMessage): void;
  /** It does not keep up. */
  cutOff(): void;
}

export interface SubscriptionOptions {
  client: Client;
  /** Whose share it counts for what a topic's messages keep. */
  owner: string;
  version: StompVersion;
  /** As it stands on the wire; "" = none, as only 1.0 allows. */
  wireId: string;
  destination: string;
  mode: AckMode;
  windowCount: number;
  /** Where its messages wait; a topic keeps nothing for who does not acknowledge. */
  source: Queue | undefined;
  /** Told of each message that is done when it is written. */
  onDone: (message: Message) => void;
}

/** What is no text goes in a binary message of WebSocket. */
class OctetsMessage extends OutgoingMessage {
  #frame: Buffer | undefined;

  override get webSocketFrame(): Buffer {
    if (this.#frame) return this.#frame;
    this.#frame = textFrame(this.bytes);
    this.#frame[0] = 0x82;
    return this.#frame;
  }
}

export class Subscription implements Consumer {
  readonly client: Client;
  readonly owner: string;
  readonly wireId: string;
  readonly destination: string;
  readonly source: Queue | undefined;
  readonly #options: SubscriptionOptions;
  /** In the order of their delivery. */
  readonly #unacked = new Map<string, Message>();
  #unackedBytes = 0;
  #deliveryCount = 0;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.client = options.client;
    this.owner = options.owner;
    this.wireId = options.wireId;
    this.destination = options.destination;
    this.source = options.source;
  }

  hasRoomFor({ bytes }: Message): boolean {
    const { mode, windowCount } = this.#options;
    if (mode === "auto") return true;
    return this.#unacked.size < windowCount && this.#unackedBytes + bytes <= unackedBytesMax;
  }

  take(message: Message): void {
    this.#deliveryCount += 1;
    message.deliveryCount += 1;
    const id = `${message.id}.${this.#deliveryCount}.${this.wireId}`;
    const { mode, client } = this.#options;
    // Noted first: what goes out may end the session, and then it goes back.
    if (mode !== "auto") {
      this.#unacked.set(id, message);
      this.#unackedBytes += message.bytes;
    }
    client.deliver(this.#frameOf(message, id));
    if (mode === "auto") this.#options.onDone(message);
  }

  /** Whether this delivery is neither acknowledged nor among these. */
  awaits(id: string, settled: ReadonlySet<string> = new Set()): boolean {
    return this.#unacked.has(id) && !settled.has(id);
  }

  /** The deliveries that an ACK or NACK of this one is about: in mode `client` all before it, too. */
  upTo(id: string): string[] {
    if (this.#options.mode !== "client") return [id];
    const ids = [...this.#unacked.keys()];
    return ids.slice(0, ids.indexOf(id) + 1);
  }

  /** They are not awaited any more. */
  settle(ids: readonly string[]): Message[] {
    const messages = ids.flatMap((id) => this.#unacked.get(id) ?? []);
    for (const id of ids) this.#unacked.delete(id);
    for (const { bytes } of messages) this.#unackedBytes -= bytes;
    return messages;
  }

  settleAll(): Message[] {
    return this.settle([...this.#unacked.keys()]);
  }

  #frameOf({ destination, headers, body, deliveryCount }: Message, id: string): OutgoingMessage {
    const { version, mode, wireId, client } = this.#options;
    const wire: Record<string, string> = { destination: escapeHeader(destination, version), "message-id": id };
    if (wireId !== "") wire["subscription"] = wireId;
    if (mode !== "auto" && version === "1.2") wire["ack"] = id;
    if (deliveryCount > 1) wire["redelivered"] = "true";
    for (const [name, value] of headers) wire[escapeHeader(name, version)] = escapeHeader(value, version);
    // SockJS has no bytes, only text: what is none is told as far as text can.
    const sayable = client.transport.startsWith("sockjs") ? Buffer.from(body.toString("utf8")) : body;
    wire["content-length"] = String(sayable.length);
    const bytes = encodeFrame("MESSAGE", wire, sayable);
    return isUtf8(sayable) ? new OutgoingMessage(bytes) : new OctetsMessage(bytes);
  }
}
