// What did each subscription hear, in which order, and what should it have heard? Terms: pair – a message and a
// subscription; an anomaly is counted and reported once per pair; owed, live owed – see owedTo(), checkOwed(); sequence
// – what must be free of repetition and in order: one epoch, and on event streams, which resume by a cursor, all epochs
// together.

import type { Case } from "./case.ts";
import { isLate } from "./faults.ts";
import type { PairAnomaly } from "./findings.ts";
import { nameOf, tellIds } from "./final-logs.ts";
import type { Epoch, Subscription } from "./ledger.ts";
import { acknowledged, refused, unsent } from "./messages.ts";
import { keepsLane } from "./order.ts";
import { firstFrom, none, otherHashFlag, otherRoomFlag, pushedFlag } from "./rows.ts";

const bits = { lost: 1, duplicate: 2, reordered: 4, foreign: 8, ghost: 16, mutated: 32 } as const satisfies Record<
  PairAnomaly,
  number
>;
const anomalyBits = 63;
const heardBit = 64;
const pushedLiveBit = 128;
const lateBit = 256;
/** The subscription's number stands above the bits, so that nothing has to be cleared between subscriptions. */
const bitsWidth = 16;

/** One subscription under judgement. */
export class Hearing {
  readonly subscription: Subscription;
  readonly all: Case;
  readonly #number: number;
  readonly #liveEpoch: number;

  constructor(all: Case, index: number) {
    this.all = all;
    this.subscription = all.ledger.subscriptions[index]!;
    this.#number = index + 1;
    this.#liveEpoch =
      [...this.subscription.epochs].findLast(
        ([, { confirmedAtMs, closedAtMs }]) => confirmedAtMs >= 0 && Number.isNaN(closedAtMs),
      )?.[0] ?? 0;
  }

  /** What came: was it owed, once, as it was sent, in order? */
  checkPushed(): void {
    this.#checkHeard();
    this.#checkOrder();
    const { complete, ordered, promises } = this.all.ledger;
    const keepsOrder = promises.order === "room" && promises.history ? ordered : promises.orderPerSender;
    if (complete && keepsOrder && this.subscription.transport !== "sse") this.#checkHoles();
  }

  find(anomaly: PairAnomaly, message: number, atMs: number, text: (name: string) => string): void {
    if (!this.mark(message, bits[anomaly])) return;
    this.all.deliveries[anomaly]++;
    this.findEvent(anomaly, message, none, atMs, text);
  }

  /** What was heard again, or should not have been heard, has no place in an order. */
  hasNoPlace(message: number): boolean {
    return (this.#stateOf(message) & (bits.duplicate | bits.foreign | bits.ghost)) !== 0;
  }

  /** About an event of the stream, which may announce no message. */
  findEvent(anomaly: PairAnomaly, message: number, event: number, atMs: number, text: (name: string) => string): void {
    const { name } = this.subscription;
    this.all.findings.add(
      anomaly,
      nameOf(this.all.ledger, message, event),
      atMs,
      { subscription: name },
      (what) => `${name} ${text(what)}`,
    );
  }

  /** False: it was marked already. */
  mark(message: number, bit: number): boolean {
    const known = this.#stateOf(message);
    this.all.state[message] = this.#number * 2 ** bitsWidth + (known | bit);
    return (known & bit) === 0;
  }

  #stateOf(message: number): number {
    const state = this.all.state[message]!;
    return state >>> bitsWidth === this.#number ? state & (2 ** bitsWidth - 1) : 0;
  }

  #checkHeard(): void {
    const { rows, transport } = this.subscription;
    for (let at = 0; at < rows.length; at++) {
      const pushed = (rows.flags[at]! & pushedFlag) !== 0;
      if (pushed && transport === "sse") this.#checkEvent(at);
      const message = rows.message[at]!;
      if (message === none) continue;
      this.mark(message, heardBit);
      this.#checkBelongs(message, at);
      if (pushed) this.#checkPushed(message, at);
    }
  }

  /** Is it his to hear, and is it what was sent? */
  #checkBelongs(message: number, at: number): void {
    const { ledger, logs, findings } = this.all;
    const { messages } = ledger;
    const { rooms, rows, ownMayCome, user } = this.subscription;
    const atMs = rows.atMs[at]!;
    const fate = messages.fate[message];
    const room = messages.room[message]!;
    const flags = rows.flags[at]!;
    const variant = rows.variant(at);
    if (fate === unsent) return this.find("ghost", message, atMs, (name) => `heard ${name}, which nobody sent`);
    if (!rooms.has(room))
      return this.find(
        "foreign",
        message,
        atMs,
        (name) => `heard ${name} of ${findings.roomOf(message)}, a room it does not listen to`,
      );
    if (!ownMayCome && messages.sender[message] === user)
      return this.find("foreign", message, atMs, (name) => `heard ${name}, which its own user sent`);
    if (fate === refused)
      this.find("ghost", message, atMs, (name) => `heard ${name}, which was refused (${findings.sent(message)})`);
    else if (fate !== acknowledged && ledger.complete && logs.readersOf.has(room) && logs.presence[message] === 0)
      this.find(
        "ghost",
        message,
        atMs,
        (name) => `heard ${name}, which is in no final log (${findings.sent(message)})`,
      );
    if ((flags & otherHashFlag) !== 0)
      this.find("mutated", message, atMs, (name) => `heard ${name} with another content than was sent`);
    else if ((flags & otherRoomFlag) !== 0)
      this.find(
        "mutated",
        message,
        atMs,
        (name) => `heard ${name} as of another room than ${findings.roomOf(message)}, where it was sent`,
      );
    else if (variant !== 0 && variant !== logs.rightVariant[message])
      this.find("mutated", message, atMs, (name) => `heard ${name} as ${tellIds(ledger, logs, message, variant)}`);
  }

  #checkEvent(at: number): void {
    const { rows } = this.subscription;
    const event = rows.event[at]!;
    if (event === none) return;
    const again = this.all.eventIn[event] === this.#number;
    this.all.eventIn[event] = this.#number;
    const message = rows.message[at]!;
    if (!again) return;
    const text = (name: string): string =>
      `heard event ${this.all.ledger.eventIds.list[event]!} twice, the second time ${message === none ? "without a message" : `with ${name}`}`;
    if (message === none) this.findEvent("duplicate", message, event, rows.atMs[at]!, text);
    else this.find("duplicate", message, rows.atMs[at]!, text);
  }

  #checkPushed(message: number, at: number): void {
    const { ledger, pushedIn, deliveries } = this.all;
    const { rows, transport, firstConfirmedAtMs } = this.subscription;
    const epoch = rows.epoch[at]!;
    const atMs = rows.atMs[at]!;
    if (epoch === this.#liveEpoch) this.mark(message, pushedLiveBit);
    const last = pushedIn[message]!;
    pushedIn[message] = this.#number * 65_536 + epoch;
    const isAgain = last >>> 16 === this.#number && (transport === "sse" || (last & 0xffff) === epoch);
    if (isAgain && ledger.promises.duplicates) this.mark(message, bits.duplicate);
    else if (isAgain)
      return this.find("duplicate", message, atMs, (name) =>
        (last & 0xffff) === epoch
          ? `was pushed ${name} twice on connection ${epoch}`
          : `was pushed ${name} on connection ${last & 0xffff} and again on ${epoch}`,
      );
    const sentAtMs = ledger.messages.sentAtMs[message]!;
    if (sentAtMs >= firstConfirmedAtMs && isLate(sentAtMs, atMs, ledger.faults) && this.mark(message, lateBit))
      deliveries.late++;
  }

  /** Neighbours in a sequence: by their positions in the room's history; by lane where there is no history. */
  #checkOrder(): void {
    const { ledger, logs } = this.all;
    const { messages, complete } = ledger;
    const { rows, transport } = this.subscription;
    const lastOf = new Map<number, { epoch: number; message: number }>();
    for (let at = 0; at < rows.length; at++) {
      const message = rows.message[at]!;
      if (message === none || (rows.flags[at]! & pushedFlag) === 0 || this.hasNoPlace(message)) continue;
      const room = messages.room[message]!;
      const positioned = complete && ledger.promises.order === "room" && logs.readersOf.has(room);
      if (positioned ? logs.position[message] === -1 : !keepsLane(messages, message)) continue;
      // Rooms and lanes are numbered apart; which of them counts is the same for all messages of a room.
      const key = positioned ? -1 - room : messages.lane[message]!;
      const epoch = transport === "sse" ? 0 : rows.epoch[at]!;
      const last = lastOf.get(key);
      if (last === undefined) lastOf.set(key, { epoch, message });
      else {
        const before = last.message;
        const descends =
          last.epoch === epoch && (positioned ? logs.position[message]! < logs.position[before]! : message < before);
        if (descends)
          this.find(
            "reordered",
            message,
            rows.atMs[at]!,
            (name) =>
              `heard ${name} after ${messages.names.list[before]!}, ${positioned ? "the history has it before" : "it was sent before"}`,
          );
        last.epoch = epoch;
        last.message = message;
      }
    }
  }

  /**
   * A connection that is pushed a message was pushed all before it that were sent since it was confirmed: what it skips
   * is lost to it, even if the history has it after the next reconnect. What an ended connection did not get any
   * more, after its last push, is for the history.
   */
  #checkHoles(): void {
    const { rows, epochs } = this.subscription;
    const pushedOn = new Map<number, Set<number>>();
    for (let at = 0; at < rows.length; at++) {
      const [message, epoch] = [rows.message[at]!, rows.epoch[at]!];
      if (message === none || (rows.flags[at]! & pushedFlag) === 0) continue;
      const pushed = pushedOn.get(epoch);
      if (pushed === undefined) pushedOn.set(epoch, new Set([message]));
      else pushed.add(message);
    }
    for (const [epoch, pushed] of pushedOn) this.#checkHole(epoch, pushed, epochs.get(epoch)!);
  }

  #checkHole(epoch: number, pushed: ReadonlySet<number>, { confirmedAtMs, closedAtMs }: Epoch): void {
    const { ledger, findings } = this.all;
    const { messages, promises, faults } = ledger;
    const lastOf = new Map<number, number>();
    for (const message of pushed) {
      const place = this.hasNoPlace(message) ? undefined : this.#placeOf(message);
      if (place !== undefined) lastOf.set(place.line, Math.max(lastOf.get(place.line) ?? -1, place.at));
    }
    for (const message of this.#roomMessages(confirmedAtMs, Number.isNaN(closedAtMs) ? Infinity : closedAtMs)) {
      const place = this.#placeOf(message);
      if (
        messages.fate[message] !== acknowledged ||
        pushed.has(message) ||
        place === undefined ||
        place.at > (lastOf.get(place.line) ?? -1) ||
        promises.mayMissLive(messages.sentAtMs[message]!, faults)
      )
        continue;
      this.find(
        "lost",
        message,
        messages.sentAtMs[message]!,
        (name) => `was not pushed ${name} on connection ${epoch}, but what came after it (${findings.sent(message)})`,
      );
    }
  }

  /** Where it stands among those that come in one order: its room's, or those of its sender's connection. */
  #placeOf(message: number): { line: number; at: number } | undefined {
    const { logs, ledger } = this.all;
    const { messages, promises } = ledger;
    if (promises.order === "room" && promises.history) {
      const at = logs.position[message]!;
      return at < 0 ? undefined : { line: messages.room[message]!, at };
    }
    return keepsLane(messages, message) ? { line: messages.lane[message]!, at: message } : undefined;
  }

  /** Sent into its rooms in this time (since it was first confirmed), not by its own user unless it hears that too. */
  *#roomMessages(fromMs = this.subscription.firstConfirmedAtMs, untilMs = Infinity): Generator<number> {
    const { ofRoom, ledger } = this.all;
    const { messages } = ledger;
    const { rooms, ownMessages, user } = this.subscription;
    if (Number.isNaN(fromMs)) return;
    for (const room of rooms) {
      const sent = ofRoom[room]!;
      for (
        let at = firstFrom(sent.length, (number) => messages.sentAtMs[sent[number]!]!, fromMs);
        at < sent.length && messages.sentAtMs[sent[at]!]! <= untilMs;
        at++
      )
        if (ownMessages || messages.sender[sent[at]!] !== user) yield sent[at]!;
    }
  }

  /**
   * Owed: acknowledged, to be heard anyhow, where that is promised. Live owed: sent since the connection was confirmed
   * that never ended, to be pushed on it.
   */
  checkOwed(): void {
    const { ledger, deliveries, findings } = this.all;
    const { messages, complete, promises } = ledger;
    const liveFromMs = this.subscription.epochs.get(this.#liveEpoch)?.confirmedAtMs ?? Infinity;
    const harmless = promises.duplicates ? bits.duplicate : 0;
    for (const message of this.#roomMessages()) {
      const fate = messages.fate[message];
      if (fate !== acknowledged) {
        if (fate !== refused) deliveries.unknown++;
        continue;
      }
      const state = this.#stateOf(message);
      const sentAtMs = messages.sentAtMs[message]!;
      const isHeard = (state & heardBit) !== 0;
      const lost = !isHeard || (sentAtMs >= liveFromMs && (state & pushedLiveBit) === 0);
      if (!lost && (state & anomalyBits & ~harmless) === 0) deliveries.once++;
      else if (lost && !complete) deliveries.unknown++;
      else if (lost && (state & anomalyBits) === 0 && this.#mayMiss(message, sentAtMs < liveFromMs))
        deliveries.missed++;
      else if (lost)
        this.find("lost", message, sentAtMs, (name) =>
          isHeard
            ? `was never pushed ${name}, it only found it in the history (${findings.sent(message)})`
            : `never heard ${name} (${findings.sent(message)})`,
        );
    }
  }

  /** `wasAway`: it was not sent while the last connection lived. */
  #mayMiss(message: number, wasAway: boolean): boolean {
    const { ledger, logs } = this.all;
    const { messages, promises, faults } = ledger;
    if (wasAway && !promises.catchesUp(this.subscription)) return true;
    // What the history lacks is lost; by whom, is for the final logs to say.
    const isStored = logs.presence[message] !== 0;
    return isStored && promises.mayMissLive(messages.sentAtMs[message]!, faults);
  }
}
