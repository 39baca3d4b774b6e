// What happened in a run? One append-only list of events, kept as JSON lines while it happens, so that a killed run can
// still be judged. Terms: message – named by a marker that is in its text and that nobody else sends; room – a channel;
// subscription – somebody who listens to rooms over one transport, for as long as the run lasts; epoch – one connection
// of a subscription, from 1; reader – who reads everything again at the end. All instants are monotonic milliseconds of
// the one process that records.

export type Transport = "websocket" | "sockjs-websocket" | "xhr-streaming" | "xhr-polling" | "sse" | "rest";

/** Where something was sent to or heard from: "server-1", "server-2", "proxy", or a base URL. */
export type Place = string;

interface RunEvent {
  type: "run";
  atMs: number;
  schema: 1;
  run: string;
  system: string;
  seed: number;
  startedAt: string;
  /** false: the target was measured to keep no order among senders. */
  ordered?: boolean;
  /** What the system's definition promises, "history" where it can read one. Absent: everything is kept. */
  promises?: string[];
}

/** Written before the octets leave: a message that nobody wrote down here was never sent. */
export interface SendEvent {
  type: "send";
  atMs: number;
  message: string;
  sender: string;
  room: string;
  /**
   * Which connection of the sender; messages of one connection keep their order. "rest" requests are sent one after the
   * other.
   */
  connection: string;
  place: Place;
  transport: Transport;
  hash: string;
}

/** The server said that the message is stored. `id`: its id, when the answer said it. */
export interface AcknowledgedEvent {
  type: "acknowledged";
  atMs: number;
  message: string;
  id?: string;
}

/** The server said that it is not, and never will be, stored (a 4xx, an error frame). */
export interface RefusedEvent {
  type: "refused";
  atMs: number;
  message: string;
  because: string;
}

/** No answer, or a 5xx: stored once or never are both right. */
interface UnknownEvent {
  type: "unknown";
  atMs: number;
  message: string;
  because: string;
}

/** Somebody begins to listen. `ownMessages`: whether what the user says comes back to it. */
export interface SubscriptionEvent {
  type: "subscription";
  atMs: number;
  subscription: string;
  user: string;
  rooms: string[];
  transport: Transport;
  ownMessages: boolean;
  /** Where they are not owed: whether they may come all the same (a socket does not hear itself, another one may). */
  ownMayCome?: boolean;
}

export interface OpenEvent {
  type: "open";
  atMs: number;
  subscription: string;
  epoch: number;
  place: Place;
  /** The cursor (Last-Event-ID) with which a stream resumes. */
  after?: string;
}

/** From here on everything sent is owed to this epoch. */
interface ConfirmedEvent {
  type: "confirmed";
  atMs: number;
  subscription: string;
  epoch: number;
}

/**
 * `how`: pushed over the connection (live or replayed by the stream itself), or fetched from the room's history after a
 * reconnect.
 */
export interface HeardEvent {
  type: "heard";
  atMs: number;
  subscription: string;
  epoch: number;
  how: "pushed" | "history";
  /** Absent, with room and hash: an event that announces no message (event streams only). */
  message?: string;
  room?: string;
  /** The message's id; absent where the transport does not carry it (a notification). */
  id?: string;
  /** The id of the event that announced it, on event streams. */
  event?: string;
  hash?: string;
}

export interface CloseEvent {
  type: "close";
  atMs: number;
  subscription: string;
  epoch: number;
  because: string;
}

/** `on`: it took effect; `healed`: it was undone and the target said that it is well again. */
export interface FaultEvent {
  type: "fault";
  atMs: number;
  fault: string;
  what: "on" | "healed";
  /** A sentence for humans. */
  text: string;
}

/**
 * A final reader begins, after all faults were healed. `log`: "history" and "topic" are read per room, "events" per
 * user.
 */
export interface ReaderEvent {
  type: "reader";
  atMs: number;
  reader: string;
  log: "history" | "topic" | "events";
  /** The room (history, topic) or the user (events) whose log it is. */
  of: string;
  place: Place;
  /** An event log is read from behind this id (Last-Event-ID). */
  after?: string;
}

/** One entry of a reader's log, in the order of the log. */
export interface ReadEvent {
  type: "read";
  atMs: number;
  reader: string;
  /** Absent: an event that announces no message. */
  message?: string;
  id?: string;
  event?: string;
  hash?: string;
}

/** All that had to be read was read: only now can anything be called lost or erased. */
interface EndEvent {
  type: "end";
  atMs: number;
}

export type HistoryEvent =
  | RunEvent
  | SendEvent
  | AcknowledgedEvent
  | RefusedEvent
  | UnknownEvent
  | SubscriptionEvent
  | OpenEvent
  | ConfirmedEvent
  | HeardEvent
  | CloseEvent
  | FaultEvent
  | ReaderEvent
  | ReadEvent
  | EndEvent;
