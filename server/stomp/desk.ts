// What does one session ask of an exchange? Subscriptions with their acknowledgements, messages, and transactions: what
// is said in one happens at COMMIT, all of it or nothing. Each frame has had its effect when `perform` returns; what
// cannot be done throws FrameError, which ends the session. Source: STOMP 1.0–1.2.

import { randomUUID } from "node:crypto";
import { escapeHeader, FrameError, type StompVersion } from "./codec.ts";
import { isQueue, isTopic } from "./destinations.ts";
import type { Exchange } from "./exchange.ts";
import { Queue, type Message } from "./queues.ts";
import { ackModes, Subscription, unackedCountMax, type AckMode, type Client } from "./subscription.ts";
import { Transactions } from "./transactions.ts";

type Headers = ReadonlyMap<string, string>;

const subscriptionsMax = 100;

/** The server's own, or about the SEND itself: they are not the message's. */
const notForwarded = new Set([
  ..."destination receipt transaction content-length message-id subscription ack redelivered".split(" "),
  "original-destination",
]);

const commands = new Set("SUBSCRIBE UNSUBSCRIBE SEND ACK NACK BEGIN COMMIT ABORT".split(" "));

export class Desk {
  readonly #exchange: Exchange;
  readonly #client: Client;
  readonly #owner: string;
  readonly #version: StompVersion;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #transactions: Transactions;

  constructor(exchange: Exchange, client: Client, owner: string, version: StompVersion) {
    this.#exchange = exchange;
    this.#client = client;
    this.#owner = owner;
    this.#version = version;
    this.#transactions = new Transactions(exchange.holdingOf(owner));
  }

  /** Whether frames of this command are for it. */
  takes(command: string): boolean {
    return commands.has(command);
  }

  /** @throws FrameError */
  perform(command: string, headers: Headers, body: Buffer): void {
    switch (command) {
      case "SUBSCRIBE":
        return this.#subscribe(headers);
      case "UNSUBSCRIBE":
        return this.#unsubscribe(headers);
      case "SEND":
        return this.#send(headers, body);
      case "ACK":
        return this.#answer("ack", headers);
      case "NACK":
        return this.#answer("nack", headers);
      case "BEGIN":
        return this.#transactions.begin(transactionOf(headers));
      case "COMMIT":
        return this.#commit(transactionOf(headers));
      default:
        this.#transactions.end(transactionOf(headers));
    }
  }

  /** The client cannot hear any more; frames that came before are still done. */
  leave(): void {
    for (const subscription of this.#subscriptions.values()) this.#exchange.quieten(subscription);
  }

  /** The session is over. */
  close(): void {
    this.#transactions.close();
    const subscriptions = [...this.#subscriptions.values()];
    this.#subscriptions.clear();
    // All fall silent first: what one gives back is not for another of the same session.
    for (const subscription of subscriptions) this.#exchange.quieten(subscription);
    for (const subscription of subscriptions) this.#exchange.unsubscribe(subscription);
  }

  // --- subscriptions

  #subscribe(headers: Headers): void {
    const destination = headers.get("destination");
    const id = headers.get("id");
    if (!destination) throw new FrameError("SUBSCRIBE needs a destination");
    if (!id && (this.#version !== "1.0" || id !== undefined)) throw new FrameError("SUBSCRIBE needs an id");
    if (!isTopic(destination) && !isQueue(destination)) throw new FrameError("There is no such destination");
    const mode = (headers.get("ack") ?? "auto") as AckMode;
    if (!ackModes.includes(mode)) throw new FrameError("Unknown ack mode");
    const windowCount = windowOf(headers);
    const wireId = this.#wireIdOf(id);
    if (this.#subscriptions.has(wireId)) throw new FrameError("Subscription id is in use");
    if (this.#subscriptions.size >= subscriptionsMax) throw new FrameError("Too many subscriptions");
    const subscription = new Subscription({
      client: this.#client,
      owner: this.#owner,
      version: this.#version,
      wireId,
      destination,
      mode,
      windowCount,
      source: this.#sourceOf(destination, mode),
      // Of a topic nothing is kept for who does not acknowledge.
      onDone: (message) => isQueue(destination) && this.#exchange.done(message),
    });
    this.#subscriptions.set(wireId, subscription);
    this.#exchange.subscribe(subscription);
  }

  /** A topic's messages wait for who acknowledges, each subscription by itself. */
  #sourceOf(destination: string, mode: AckMode): Queue | undefined {
    if (isQueue(destination)) return this.#exchange.queueOf(destination);
    return mode === "auto" ? undefined : new Queue();
  }

  #unsubscribe(headers: Headers): void {
    const id = headers.get("id");
    const destination = headers.get("destination");
    if (id === undefined && (this.#version !== "1.0" || destination === undefined))
      throw new FrameError("UNSUBSCRIBE needs an id");
    const subscription = this.#subscriptions.get(this.#wireIdOf(id));
    if (subscription === undefined || (id === undefined && subscription.destination !== destination)) return;
    this.#subscriptions.delete(subscription.wireId);
    this.#exchange.unsubscribe(subscription);
  }

  #wireIdOf(id: string | undefined): string {
    return id === undefined ? "" : escapeHeader(id, this.#version);
  }

  // --- messages

  #send(headers: Headers, body: Buffer): void {
    const destination = headers.get("destination");
    if (!destination) throw new FrameError("SEND needs a destination");
    const message = this.#messageOf(destination, headers, body);
    const transaction = headers.get("transaction");
    if (!isTopic(destination) && !isQueue(destination)) throw new FrameError("There is no such destination");
    if (transaction !== undefined)
      return this.#transactions.add(transaction, { kind: "send", message, bytes: message.bytes });
    this.#exchange.check([message]);
    this.#exchange.send(message);
  }

  #messageOf(destination: string, headers: Headers, body: Buffer): Message {
    const forwarded = new Map([...headers].filter(([name]) => !notForwarded.has(name)));
    // A small buffer is a part of a large one, which would be kept with it.
    const own = Buffer.allocUnsafeSlow(body.length);
    body.copy(own);
    let bytes = Buffer.byteLength(destination) + own.length;
    for (const [name, value] of forwarded) bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
    const owner = this.#owner;
    return { owner, id: randomUUID(), destination, headers: forwarded, body: own, bytes, deliveryCount: 0 };
  }

  // --- acknowledgements

  #answer(kind: "ack" | "nack", headers: Headers): void {
    const { subscription, id } = this.#deliveryOf(headers);
    const transaction = headers.get("transaction");
    if (transaction !== undefined)
      return this.#transactions.add(transaction, { kind, subscription, id, bytes: Buffer.byteLength(id) });
    this.#settled(kind, subscription, subscription.settle(subscription.upTo(id)));
  }

  #settled(kind: "ack" | "nack", subscription: Subscription, messages: readonly Message[]): void {
    if (kind === "nack") return this.#exchange.putBack(subscription, messages);
    for (const message of messages) this.#exchange.done(message);
    subscription.source?.pump();
  }

  /** 1.2 has an id for it; before, it is the message's, and 1.0 need not name the subscription. */
  #deliveryOf(headers: Headers): { subscription: Subscription; id: string } {
    const id = headers.get(this.#version === "1.2" ? "id" : "message-id");
    const of = headers.get("subscription");
    if (id === undefined) throw new FrameError("ACK and NACK need the id of a message");
    if (of === undefined && this.#version === "1.1") throw new FrameError("ACK and NACK need a subscription");
    const candidates =
      of === undefined || this.#version === "1.2"
        ? [...this.#subscriptions.values()]
        : [this.#subscriptions.get(this.#wireIdOf(of))];
    // Deliveries are known by their ids as they stand on the wire.
    const wireId = escapeHeader(id, this.#version);
    const subscription = candidates.find((one) => one?.awaits(wireId) === true);
    if (subscription === undefined) throw new FrameError("There is no such message to acknowledge");
    return { subscription, id: wireId };
  }

  // --- transactions

  /** All is checked before anything happens; from then on nothing can fail. */
  #commit(transaction: string): void {
    const steps = this.#transactions.end(transaction);
    const settled = new Set<string>();
    const answers = steps.flatMap((step) => {
      if (step.kind === "send") return [];
      const { kind, subscription, id } = step;
      if (!subscription.awaits(id, settled)) throw new FrameError("A message is acknowledged already");
      const ids = subscription.upTo(id).filter((one) => !settled.has(one));
      for (const one of ids) settled.add(one);
      return [{ kind, subscription, ids }];
    });
    const messages = steps.flatMap((step) => (step.kind === "send" ? [step.message] : []));
    this.#exchange.check(messages);
    // A delivery may end this very session: by then all acknowledgements count.
    const answered = answers.map(({ kind, subscription, ids }) => ({
      kind,
      subscription,
      given: subscription.settle(ids),
    }));
    for (const { kind, subscription, given } of answered) this.#settled(kind, subscription, given);
    for (const message of messages) this.#exchange.send(message);
  }
}

function transactionOf(headers: Headers): string {
  const id = headers.get("transaction");
  if (!id) throw new FrameError("There is no transaction without an id");
  return id;
}

function windowOf(headers: Headers): number {
  const wanted = headers.get("prefetch-count");
  if (wanted === undefined) return unackedCountMax;
  if (!/^[1-9]\d{0,8}$/.test(wanted)) throw new FrameError("Malformed prefetch-count");
  return Math.min(Number(wanted), unackedCountMax);
}
