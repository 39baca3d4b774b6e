// What travels over the bus: facts that were committed, each with the one id that it keeps on every instance, tab and
// replay. Source: "Fan-out across instances" of the Discodeit contract. Two topics per system: messages (key = channel
// id), events (one partition).

export type Topic = "messages" | "events";

/** What is delivered to the subscribers of `destination`. */
export interface Delivery {
  topic: "messages";
  /** The event id (UUID version 7), given once by the producer. */
  id: string;
  channelId: string;
  destination: string;
  /** JSON, exactly as it is delivered. */
  body: string;
  createdAtMs: number;
  /** This user may have lost rights: its subscriptions are checked before this, and what comes later, is delivered. */
  rightsOf?: string;
}

/** A chat message whose readers are notified. */
export interface MessageRecord extends Delivery {
  messageId: string;
  authorId: string;
  authorName: string;
  content: string;
  channelType: "PUBLIC" | "PRIVATE";
  channelName: string | null;
}

/** A server-sent event with the receivers that were fixed when it was made. */
export interface EventRecord {
  topic: "events";
  id: string;
  /** The SSE event name. */
  name: string;
  /** One line of JSON, or whatever text the system's events carry. */
  data: string;
  receivers: "everyone" | readonly string[];
  /** Of systems that have several streams: in which of them. */
  stream?: string;
  /** Set when reading it needs the right to read this private channel now (checked again at replay). */
  channelId?: string;
  createdAtMs: number;
}

export type BusRecord = Delivery | MessageRecord | EventRecord;

/** A record on its way: written as JSON once, when it is made, and read by who handles it. */
export interface Publication {
  topic: Topic;
  key: string;
  /** The record as JSON. */
  value: string;
}

export const publicationOf = (record: BusRecord): Publication => ({
  topic: record.topic,
  key: recordKey(record),
  value: JSON.stringify(record),
});

/** The Kafka key: everything that must stay in one order has one key. */
const recordKey = (record: BusRecord): string => (record.topic === "messages" ? record.channelId : "events");
