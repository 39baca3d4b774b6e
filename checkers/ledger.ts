// What is known about each message, subscription, reader and fault? Events in, columns out; judge.ts asks here and
// nowhere else. Terms: lane – one sender, one connection, one room: messages of a lane keep their order; unsent – a
// marker that was heard or read, but that nobody sent. Event types and their terms: history.ts. 10 million events take
// some 600 MB.

import type {
  AcknowledgedEvent,
  CloseEvent,
  FaultEvent,
  HeardEvent,
  HistoryEvent,
  OpenEvent,
  ReaderEvent,
  ReadEvent,
  SendEvent,
  SubscriptionEvent,
  Transport,
} from "./history.ts";
import { Promises } from "./promises.ts";
import { Messages, unsent } from "./messages.ts";
import { Names, none, otherHashFlag, otherRoomFlag, pushedFlag, Rows } from "./rows.ts";

/** The events cannot have happened in this order. */
export class HistoryError extends Error {
  override readonly name = "HistoryError";
}

export interface Epoch {
  place: string;
  openedAtMs: number;
  /** NaN: never. */
  confirmedAtMs: number;
  closedAtMs: number;
}

export interface Subscription {
  name: string;
  user: number;
  rooms: ReadonlySet<number>;
  transport: Transport;
  ownMessages: boolean;
  ownMayCome: boolean;
  /** By number, from 1. */
  epochs: Map<number, Epoch>;
  firstConfirmedAtMs: number;
  rows: Rows;
}

export interface Reader {
  name: string;
  log: ReaderEvent["log"];
  /** A room's number, or a user's. */
  of: number;
  place: string;
  atMs: number;
  /** The event behind which an event log was read. */
  after: number | undefined;
  rows: Rows;
}

export interface FaultInterval {
  fault: string;
  text: string;
  onAtMs: number;
  /** Infinity: never. */
  healedAtMs: number;
}

// What the columns can hold.
const subscriptionsMax = 65_534;
const epochMax = 65_535;

export class Ledger {
  readonly rooms = new Names();
  readonly people = new Names();
  readonly eventIds = new Names();
  readonly messages = new Messages();
  readonly subscriptions: Subscription[] = [];
  readonly readers: Reader[] = [];
  readonly faults: FaultInterval[] = [];
  complete = false;
  /** Whether the target promises one order per room; most that do not are many threads. */
  ordered = true;
  promises = new Promises();
  events = 0;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #readers = new Map<string, Reader>();
  readonly #faultsOn = new Map<string, FaultInterval>();

  /** Throws HistoryError on what cannot be; the ledger is of no use then. */
  add(event: HistoryEvent): void {
    this.events++;
    switch (event.type) {
      case "heard":
        return this.#hear(event);
      case "send":
        return this.#send(event);
      case "acknowledged":
        return this.#acknowledge(event);
      case "refused":
      case "unknown":
        return this.messages.decide(this.#sent(event.message, event.type), event.type);
      case "subscription":
        return this.#subscribe(event);
      case "open":
        return this.#open(event);
      case "confirmed":
        return this.#confirm(event.subscription, event.epoch, event.atMs);
      case "close":
        return this.#close(event);
      case "fault":
        return this.#fault(event);
      case "reader":
        return this.#beginReader(event);
      case "read":
        return this.#read(event);
      case "end":
        this.complete = true;
        return;
      case "run":
        this.ordered = event.ordered !== false;
        this.promises = new Promises(event.promises);
        return;
      default:
        throw new HistoryError(`unknown type ${JSON.stringify((event as { type: unknown }).type)}`);
    }
  }

  #send(event: SendEvent): void {
    if (this.messages.names.find(event.message) !== undefined)
      throw new HistoryError(`${event.message} is sent after it was sent or heard`);
    this.messages.send(event, this.people.of(event.sender), this.rooms.of(event.room));
  }

  #sent(message: string, what: string): number {
    const number = this.messages.names.find(message);
    if (number === undefined) throw new HistoryError(`${message} is ${what}, but was never sent`);
    return number;
  }

  #acknowledge(event: AcknowledgedEvent): void {
    this.messages.acknowledge(this.#sent(event.message, "acknowledged"), event);
  }

  #subscribe(event: SubscriptionEvent): void {
    if (this.#subscriptions.has(event.subscription))
      throw new HistoryError(`subscription ${event.subscription} begins twice`);
    if (this.subscriptions.length === subscriptionsMax)
      throw new HistoryError(`more than ${subscriptionsMax} subscriptions`);
    const subscription: Subscription = {
      name: event.subscription,
      user: this.people.of(event.user),
      rooms: new Set(event.rooms.map((room) => this.rooms.of(room))),
      transport: event.transport,
      ownMessages: event.ownMessages,
      ownMayCome: event.ownMessages || event.ownMayCome === true,
      epochs: new Map(),
      firstConfirmedAtMs: Number.NaN,
      rows: new Rows(),
    };
    this.#subscriptions.set(event.subscription, subscription);
    this.subscriptions.push(subscription);
  }

  #subscription(name: string): Subscription {
    const subscription = this.#subscriptions.get(name);
    if (subscription === undefined) throw new HistoryError(`unknown subscription ${name}`);
    return subscription;
  }

  #epoch(subscription: Subscription, epoch: number): Epoch {
    const known = subscription.epochs.get(epoch);
    if (known === undefined) throw new HistoryError(`${subscription.name} never opened epoch ${epoch}`);
    return known;
  }

  #open({ subscription: name, epoch, place, atMs }: OpenEvent): void {
    const { epochs } = this.#subscription(name);
    if (epochs.has(epoch)) throw new HistoryError(`${name} opens epoch ${epoch} twice`);
    if (!Number.isInteger(epoch) || epoch < 1 || epoch > epochMax)
      throw new HistoryError(`${name}: an epoch is a whole number from 1 to ${epochMax}, not ${epoch}`);
    epochs.set(epoch, { place, openedAtMs: atMs, confirmedAtMs: Number.NaN, closedAtMs: Number.NaN });
  }

  #confirm(name: string, number: number, atMs: number): void {
    const subscription = this.#subscription(name);
    this.#epoch(subscription, number).confirmedAtMs = atMs;
    if (Number.isNaN(subscription.firstConfirmedAtMs)) subscription.firstConfirmedAtMs = atMs;
  }

  #close({ subscription, epoch, atMs }: CloseEvent): void {
    const closed = this.#epoch(this.#subscription(subscription), epoch);
    if (Number.isNaN(closed.closedAtMs)) closed.closedAtMs = atMs;
  }

  #hear(event: HeardEvent): void {
    const subscription = this.#subscription(event.subscription);
    this.#epoch(subscription, event.epoch);
    const pushed = event.how === "pushed" ? pushedFlag : 0;
    this.#push(subscription.rows, event, event.epoch, pushed, event.room);
  }

  #beginReader(event: ReaderEvent): void {
    if (this.#readers.has(event.reader)) throw new HistoryError(`reader ${event.reader} begins twice`);
    const of = event.log === "events" ? this.people.of(event.of) : this.rooms.of(event.of);
    const after = event.after === undefined ? undefined : this.eventIds.of(event.after);
    const reader: Reader = {
      name: event.reader,
      log: event.log,
      of,
      place: event.place,
      atMs: event.atMs,
      after,
      rows: new Rows(),
    };
    this.#readers.set(event.reader, reader);
    this.readers.push(reader);
  }

  #read(event: ReadEvent): void {
    const reader = this.#readers.get(event.reader);
    if (reader === undefined) throw new HistoryError(`unknown reader ${event.reader}`);
    this.#push(reader.rows, event, 0, 0, reader.log === "events" ? undefined : this.rooms.list[reader.of]);
  }

  #push(rows: Rows, told: HeardEvent | ReadEvent, epoch: number, pushed: number, room: string | undefined): void {
    const { messages } = this;
    const event = told.event === undefined ? none : this.eventIds.of(told.event);
    if (told.message === undefined) return rows.push(none, epoch, told.atMs, event, pushed, 0);
    const message = messages.names.find(told.message) ?? messages.unsent(told.message, told.atMs);
    let flags = pushed;
    if (messages.fate[message] !== unsent) {
      if (told.hash !== undefined && told.hash !== messages.hash[message]) flags |= otherHashFlag;
      if (room !== undefined && room !== this.rooms.list[messages.room[message]!]) flags |= otherRoomFlag;
    }
    rows.push(message, epoch, told.atMs, event, flags, messages.variantOf(message, told.id));
  }

  #fault({ fault, what, text, atMs }: FaultEvent): void {
    const on = this.#faultsOn.get(fault);
    if (what === "on") {
      if (on !== undefined) throw new HistoryError(`fault ${fault} is on twice`);
      const interval: FaultInterval = { fault, text, onAtMs: atMs, healedAtMs: Infinity };
      this.#faultsOn.set(fault, interval);
      this.faults.push(interval);
      return;
    }
    if (on === undefined) throw new HistoryError(`fault ${fault} is healed, but was not on`);
    on.healedAtMs = atMs;
    this.#faultsOn.delete(fault);
  }
}
