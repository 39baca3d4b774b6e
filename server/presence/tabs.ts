// Which tabs listen where, over all instances? A tab may listen to several topics of a seat, to each more than once;
// the first tab of a topic and the last are what others hear of. Counted in this process, and under the lease of the
// instance in Redis. Terms: seat – a place at which tabs may be, such as a user in a room; settle – comparing a
// seat's topics with what others were told of them, by the system whose seats these are.

import type { Redis } from "ioredis";
import type { Listener } from "../realtime/ports.ts";
import { LocalPresence, type PresenceState } from "./presence.ts";
import { RedisPresence } from "./redis-presence.ts";

/** How often, where Redis does not set the pace, what was told is compared with who is there. */
const reviewEveryMs = 3_000;

interface Listening<Seat> {
  seat: Seat;
  /** With how many subscriptions each. */
  subscriptions: Map<Listener, number>;
  joined: Promise<void>;
}

interface TabsOptions {
  /** Of the tabs' own, in Redis. */
  name: string;
  instance: string;
  /** Shared by all instances; absent: this one is alone. */
  redis: Redis | undefined;
  onFault: (error: unknown) => void;
}

export abstract class Tabs<Topic extends string, Seat> {
  readonly #onFault: (error: unknown) => void;
  readonly #state: PresenceState;
  readonly #redis: RedisPresence | undefined;
  /** Topic and seat → the tabs here that listen. */
  readonly #tabs = new Map<string, Listening<Seat>>();
  /** What is done for one seat is done one after the other. */
  readonly #last = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ name, instance, redis, onFault }: TabsOptions) {
    this.#onFault = onFault;
    this.#redis = redis && new RedisPresence(redis, { system: name, instance, onFault });
    this.#state = this.#redis ?? new LocalPresence();
  }

  /** Names a seat. */
  protected abstract keyOf(seat: Seat): string;

  /** Compares what was told of this seat with who is there, and tells the difference; one at a time. */
  protected abstract settle(seat: Seat): Promise<void>;

  /** Settles all seats of which something else was told than who is there. */
  abstract review(): Promise<void>;

  /** From now on tabs of an instance that died are found out: with each renewal of the lease. */
  async start(): Promise<void> {
    const review = (): void => void this.review().catch(this.#onFault);
    if (this.#redis) return await this.#redis.start(review);
    this.#timer = setInterval(review, reviewEveryMs);
    await this.review();
  }

  /** Resolves when every instance counts the tab: before that, another one might say that the last tab is gone. */
  listening(listener: Listener, topic: Topic, seat: Seat): Promise<void> {
    const key = this.#topicKey(topic, seat);
    const known = this.#tabs.get(key);
    if (known) {
      known.subscriptions.set(listener, (known.subscriptions.get(listener) ?? 0) + 1);
      return known.joined;
    }
    const { promise: joined, resolve } = Promise.withResolvers<void>();
    this.#tabs.set(key, { seat, subscriptions: new Map([[listener, 1]]), joined });
    this.inTurn(seat, async () => {
      await this.#state.join(key).finally(resolve);
      await this.settle(seat);
    });
    return joined;
  }

  stoppedListening(listener: Listener, topic: Topic, seat: Seat): void {
    const key = this.#topicKey(topic, seat);
    const { subscriptions } = this.#tabs.get(key) ?? {};
    const left = (subscriptions?.get(listener) ?? 0) - 1;
    if (!subscriptions || left < 0) return;
    if (left > 0) return void subscriptions.set(listener, left);
    subscriptions.delete(listener);
    if (subscriptions.size > 0) return;
    this.#tabs.delete(key);
    this.inTurn(seat, async () => {
      await this.#state.leave(key);
      await this.settle(seat);
    });
  }

  /** Does this for the seat after what its tabs did before. */
  protected inTurn(seat: Seat, work: () => Promise<void>): void {
    const key = this.keyOf(seat);
    const last = (this.#last.get(key) ?? Promise.resolve()).then(work).catch(this.#onFault);
    this.#last.set(key, last);
    void last.then(() => this.#last.get(key) === last && this.#last.delete(key));
  }

  /** Of these seats, at which topics tabs of any instance listen. */
  protected async at(seats: readonly Seat[], topics: readonly Topic[]): Promise<(seat: Seat, topic: Topic) => boolean> {
    const keys = seats.flatMap((seat) => topics.map((topic) => this.#topicKey(topic, seat)));
    const there = await this.#state.online(keys);
    return (seat, topic) => there.has(this.#topicKey(topic, seat));
  }

  /** Those at which tabs of this instance listen. */
  protected seatsHere(): Seat[] {
    return [...this.#tabs.values()].map(({ seat }) => seat);
  }

  /** While Redis is away, nobody knows who is on the other instances. */
  protected get knowsAll(): boolean {
    return this.#redis?.knowsAll() !== false;
  }

  protected get trouble(): string | undefined {
    return this.#redis?.trouble();
  }

  /** Resolves when what tabs did is settled. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    while (this.#last.size > 0) await Promise.all(this.#last.values());
    await this.#redis?.close(0);
  }

  #topicKey(topic: Topic, seat: Seat): string {
    return `${topic}:${this.keyOf(seat)}`;
  }
}
