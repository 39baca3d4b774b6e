// A broker of its own, in the memory of one instance: topics, of which every subscription hears a copy, and queues, of
// which each message goes to one. What is not acknowledged goes back; what comes back too often goes to the dead-letter
// queue. A system has one by its realtime profile. Each session has a desk at it (desk.ts). Source: the STOMP contract;
// docs/bounds.md.

import { ByteBudget, type Holding } from "../security/budget.ts";
import { FrameError } from "./codec.ts";
import { deadLetterQueue } from "../../systems/stomp/wire.ts";
import { isQueue } from "./destinations.ts";
import { Queue, type Message } from "./queues.ts";
import type { Subscription } from "./subscription.ts";

/** All that is kept for anybody: waiting, unacknowledged, or in open transactions; and the share of one user. */
const keptBytesMax = 256 * 1024 * 1024;
const keptBytesOfUserMax = 64 * 1024 * 1024;
/** What a kept message costs beside its bytes, roughly. */
const overheadBytes = 512;

const deliveriesMax = 5;

const shareOf = (owner: string) => ({ key: owner, bytesMax: keptBytesOfUserMax });

export class Exchange {
  readonly #topics = new Map<string, Set<Subscription>>();
  readonly #queues = new Map<string, Queue>();
  readonly #kept = new ByteBudget(keptBytesMax);

  /** What is kept, for tests and metrics. */
  get keptBytes(): number {
    return this.#kept.totalBytes;
  }

  holdingOf(owner: string): Holding {
    return this.#kept.open(shareOf(owner));
  }

  queueOf(name: string): Queue {
    let queue = this.#queues.get(name);
    if (!queue) this.#queues.set(name, (queue = new Queue()));
    return queue;
  }

  subscribe(subscription: Subscription): void {
    const { destination, source } = subscription;
    source?.add(subscription);
    if (isQueue(destination)) return source?.pump();
    let hearers = this.#topics.get(destination);
    if (!hearers) this.#topics.set(destination, (hearers = new Set()));
    hearers.add(subscription);
  }

  /** Nothing more is delivered to it. May be called again. */
  quieten(subscription: Subscription): void {
    const { destination, source } = subscription;
    source?.remove(subscription);
    const hearers = this.#topics.get(destination);
    hearers?.delete(subscription);
    if (hearers?.size === 0) this.#topics.delete(destination);
  }

  /** It is over: a queue takes back what it did not acknowledge; a topic keeps nothing. */
  unsubscribe(subscription: Subscription): void {
    this.quieten(subscription);
    const { destination, source } = subscription;
    const unacked = subscription.settleAll();
    if (isQueue(destination)) return this.#giveBack(destination, this.queueOf(destination), unacked);
    for (const message of [...unacked, ...(source?.empty() ?? [])]) this.done(message);
  }

  /** @throws FrameError when not all of them can be taken; then none is. */
  check(messages: readonly Message[]): void {
    const kept = messages.filter(({ destination }) => isQueue(destination));
    for (const [destination, some] of Map.groupBy(kept, (message) => message.destination))
      if (!(this.#queues.get(destination) ?? new Queue()).canKeep(some)) throw new FrameError("The queue is full");
    if (kept.length === 0) return;
    const held = this.holdingOf(kept[0]!.owner);
    const fits = held.trySet(kept.reduce((sum, message) => sum + costOf(message), 0));
    held.close();
    if (!fits) throw new FrameError("Too much is kept");
  }

  /** Of messages that were checked. Nothing of it fails. */
  send(message: Message): void {
    const { destination } = message;
    if (isQueue(destination)) return this.#keep(message, destination);
    for (const subscription of this.#topics.get(destination) ?? [])
      this.#deliver({ ...message, owner: subscription.owner }, subscription);
  }

  /** Takes back what was not acknowledged. */
  putBack(subscription: Subscription, messages: readonly Message[]): void {
    const { destination, source } = subscription;
    if (isQueue(destination)) return this.#giveBack(destination, this.queueOf(destination), messages);
    if (source !== undefined && this.#topics.get(destination)?.has(subscription) === true)
      return this.#giveBack(destination, source, messages);
    for (const message of messages) this.done(message);
  }

  /** Nobody needs it any more. */
  done(message: Message): void {
    this.#kept.give(shareOf(message.owner), costOf(message));
  }

  /** A queue that nobody speaks of is forgotten. */
  tidy(destination: string): void {
    if (this.#queues.get(destination)?.isIdle === true) this.#queues.delete(destination);
  }

  #keep(message: Message, destination: string): void {
    if (!this.#kept.tryTake(shareOf(message.owner), costOf(message))) return;
    const queue = this.queueOf(destination);
    queue.push(message);
    queue.pump();
    this.tidy(destination);
  }

  #deliver(copy: Message, subscription: Subscription): void {
    const { source, client } = subscription;
    if (source === undefined) return subscription.take(copy);
    if (!source.canKeep([copy]) || !this.#kept.tryTake(shareOf(copy.owner), costOf(copy))) return client.cutOff();
    source.push(copy);
    source.pump();
  }

  #giveBack(destination: string, source: Queue, messages: readonly Message[]): void {
    const isSpent = ({ deliveryCount }: Message): boolean =>
      deliveryCount >= deliveriesMax && destination !== deadLetterQueue;
    source.putBack(messages.filter((message) => !isSpent(message)));
    for (const message of messages.filter(isSpent)) this.#bury(message);
    source.pump();
    this.tidy(destination);
  }

  /** What nobody could use is kept for people to look at, while there is room. */
  #bury(message: Message): void {
    this.done(message);
    const headers = new Map([...message.headers, ["original-destination", message.destination]]);
    const dead = { ...message, destination: deadLetterQueue, headers, deliveryCount: 0 };
    if (this.queueOf(deadLetterQueue).canKeep([dead])) this.#keep(dead, deadLetterQueue);
  }
}

const costOf = ({ bytes }: Message): number => bytes + overheadBytes;
