// Who hears a message? Subscriptions by exact destination, grouped by subscription id, so that the frame of one message
// is built once and shared by everyone who chose the same id (client libraries count: "sub-0" is most of them). Terms:
// wire id = the subscription id in its escaped form; "" = none, which only STOMP 1.0 allows. Source: STOMP 1.2
// "MESSAGE"; the Discodeit contract, STOMP table: one copy per subscription.

import type { Delivery } from "../bus/records.ts";
import { OutgoingMessage } from "../realtime/connection.ts";
import { RecentIds } from "../realtime/recent-ids.ts";
import { encodeFrame } from "./codec.ts";

export interface Subscriber {
  deliver(message: OutgoingMessage): void;
}

/** Repeats come close together: a relay that died between publishing and deleting repeats at most its last batch. */
const recentIdsKept = 20_000;

export class Broker {
  readonly #destinations = new Map<string, Map<string, Set<Subscriber>>>();
  readonly #recent = new RecentIds(recentIdsKept);
  #subscriptionCount = 0;

  get subscriptionCount(): number {
    return this.#subscriptionCount;
  }

  subscribe(destination: string, wireId: string, subscriber: Subscriber): void {
    let groups = this.#destinations.get(destination);
    if (!groups) this.#destinations.set(destination, (groups = new Map()));
    let members = groups.get(wireId);
    if (!members) groups.set(wireId, (members = new Set()));
    if (members.has(subscriber)) return;
    members.add(subscriber);
    this.#subscriptionCount += 1;
  }

  unsubscribe(destination: string, wireId: string, subscriber: Subscriber): void {
    const groups = this.#destinations.get(destination);
    const members = groups?.get(wireId);
    if (!groups || !members?.delete(subscriber)) return;
    this.#subscriptionCount -= 1;
    if (members.size === 0) groups.delete(wireId);
    if (groups.size === 0) this.#destinations.delete(destination);
  }

  /** Notes a record that was published before anybody could listen here: its repeat, if one comes, is old news. */
  remember(record: Delivery): void {
    this.#recent.add(record.id);
  }

  /**
   * Delivers a record to each subscription of its destination, once; a repeated record id is dropped. Returns the
   * number of deliveries.
   */
  deliver(record: Delivery): number {
    if (!this.#recent.add(record.id)) return 0;
    const groups = this.#destinations.get(record.destination);
    if (!groups) return 0;
    const body = Buffer.from(record.body);
    let count = 0;
    for (const [wireId, members] of groups) {
      const message = new OutgoingMessage(messageFrame(record.destination, record.id, wireId, body));
      for (const member of members) member.deliver(message);
      count += members.size;
    }
    return count;
  }
}

/** The message id is unique within a connection because no two live subscriptions of one have the same id. */
export function messageFrame(destination: string, recordId: string, wireId: string, body: Uint8Array): Buffer {
  const headers: Record<string, string> = { destination, "message-id": `${recordId}.${wireId}` };
  if (wireId !== "") headers["subscription"] = wireId;
  headers["content-type"] = "application/json";
  headers["content-length"] = String(body.length);
  return encodeFrame("MESSAGE", headers, body);
}
