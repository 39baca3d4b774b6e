// How do several servers of the Redis chat hear of each other? A message is published on one channel, as the JSON that is
// delivered, and each server, the one that it came from too, hears it by a pattern subscription. Nothing is kept: what
// Redis misses is in the history alone, and a message that somebody publishes by hand is delivered and not stored. Who
// lost rights is said on a channel of its own. Source: the Redis chat contract, section 4.

import type { Redis } from "ioredis";
import { v7 as newId } from "uuid";
import { z } from "zod";
import { chatChannel, roomDestination } from "../../../systems/redis-chat/wire.ts";
import type { Bus, TopicRecords } from "../../bus/bus.ts";
import type { Delivery, Publication, Topic } from "../../bus/records.ts";
import { parseJson } from "../request.ts";

const rightsChannel = "redis-chat.rights";

const said = z.object({ roomId: z.number().int().positive(), message: z.string(), senderEmail: z.string() });

type Follower = (record: Delivery) => unknown;

export class RedisBus implements Bus {
  readonly #publisher: Redis;
  readonly #subscriber: Redis;
  readonly #onPoison: (topic: Topic, error: unknown) => void;
  #follower: Follower = () => undefined;
  /** One record is handled after the other. */
  #last: Promise<void> = Promise.resolve();
  #follows = false;

  /** Both are connected; the subscriber is this bus's own. */
  constructor(publisher: Redis, subscriber: Redis, onPoison: (topic: Topic, error: unknown) => void) {
    this.#publisher = publisher;
    this.#subscriber = subscriber;
    this.#onPoison = onPoison;
    subscriber.on("pmessage", (_pattern, _channel, text: string) => this.#take(() => deliveryOf(text)));
    subscriber.on("message", (_channel, text: string) => this.#take(() => JSON.parse(text) as Delivery));
    // Redis was away.
    subscriber.on("ready", () => void this.#subscribeAgain());
  }

  /** Throws at once when Redis is away: nothing waits for its return. */
  async publish(records: readonly Publication[]): Promise<void> {
    for (const { value } of records) {
      const record = JSON.parse(value) as Delivery;
      if (record.rightsOf === undefined) await this.#publisher.publish(chatChannel, record.body);
      else {
        // Here it holds though Redis is away; that it comes twice does no harm.
        this.#take(() => record);
        await this.#publisher.publish(rightsChannel, value);
      }
    }
  }

  /** Nobody publishes events. */
  async follow<T extends Topic>(
    topic: T,
    onRecord: (record: TopicRecords[T], live: boolean) => void | Promise<void>,
  ): Promise<void> {
    if (topic !== "messages") return;
    this.#follower = (record) => onRecord(record as TopicRecords[T], true);
    await this.#subscribe();
    this.#follows = true;
  }

  async #subscribe(): Promise<void> {
    await this.#subscriber.psubscribe(chatChannel);
    await this.#subscriber.subscribe(rightsChannel);
  }

  /** Until Redis answers, on a new connection each time. */
  async #subscribeAgain(): Promise<void> {
    if (!this.#follows) return;
    try {
      await this.#subscribe();
    } catch {
      if (this.#follows) this.#subscriber.disconnect(true);
    }
  }

  caughtUp(): Promise<void> {
    return this.#last;
  }

  /** The system has no work that is done once. */
  work(): Promise<void> {
    return Promise.resolve();
  }

  async reach(): Promise<void> {
    await this.#publisher.ping();
  }

  /** That Redis is away, presence says (/readyz). */
  trouble(): undefined {
    return undefined;
  }

  async close(): Promise<void> {
    this.#follows = false;
    this.#subscriber.disconnect();
    await this.#last;
  }

  #take(read: () => Delivery): void {
    this.#last = this.#last.then(async () => {
      try {
        await this.#follower(read());
      } catch (error) {
        this.#onPoison("messages", error);
      }
    });
  }
}

/** What is heard on the channel, whoever published it. Throws where it is no message. */
function deliveryOf(text: string): Delivery {
  const { roomId, message, senderEmail } = said.parse(parseJson(text));
  return {
    topic: "messages",
    id: newId(),
    channelId: String(roomId),
    destination: roomDestination(roomId),
    body: JSON.stringify({ roomId, message, senderEmail }),
    createdAtMs: Date.now(),
  };
}
