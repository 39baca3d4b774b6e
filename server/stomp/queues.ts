// What is kept of a queue while nobody takes it, and who takes the next message? Each message goes to one consumer, in
// turn, as far as they have room; what comes back goes to the head. Terms: bytes – a message's headers and body; kept –
// waiting, or delivered and not acknowledged. Source: the STOMP contract; docs/bounds.md.

/** A message on its way. A topic's has a copy for each subscription that acknowledges. */
export interface Message {
  /** Whose share of what is kept it counts for. */
  owner: string;
  id: string;
  destination: string;
  /** Those of its sender that go on to the receivers. */
  headers: ReadonlyMap<string, string>;
  body: Buffer;
  bytes: number;
  /** How often it was delivered without being acknowledged. */
  deliveryCount: number;
}

export interface Consumer {
  hasRoomFor(message: Message): boolean;
  take(message: Message): void;
}

const waitingCountMax = 1_000;
const waitingBytesMax = 8 * 1024 * 1024;

const bytesOf = (messages: readonly Message[]): number => messages.reduce((sum, { bytes }) => sum + bytes, 0);

export class Queue {
  #waiting: Message[] = [];
  #waitingBytes = 0;
  readonly #consumers: Consumer[] = [];
  /** Whose turn it is. */
  #turn = 0;
  #isPumping = false;

  /** Nothing waits, and nobody waits for anything. */
  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#consumers.length === 0;
  }

  /** Whether all of them may wait. */
  canKeep(messages: readonly Message[]): boolean {
    return (
      this.#waiting.length + messages.length <= waitingCountMax &&
      this.#waitingBytes + bytesOf(messages) <= waitingBytesMax
    );
  }

  push(message: Message): void {
    this.#waiting.push(message);
    this.#waitingBytes += message.bytes;
  }

  /** In their order, before all others. What was let in once is let in again. */
  putBack(messages: readonly Message[]): void {
    this.#waiting.unshift(...messages);
    this.#waitingBytes += bytesOf(messages);
  }

  add(consumer: Consumer): void {
    this.#consumers.push(consumer);
  }

  remove(consumer: Consumer): void {
    const at = this.#consumers.indexOf(consumer);
    if (at < 0) return;
    this.#consumers.splice(at, 1);
    if (at < this.#turn) this.#turn -= 1;
  }

  /** Gives up all that waits. */
  empty(): Message[] {
    this.#waitingBytes = 0;
    return this.#waiting.splice(0);
  }

  /**
   * Delivers while somebody has room. A delivery may end its consumer's session, and with it give messages back: that
   * is seen in the next round, not by a round within this one.
   */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    for (let message = this.#waiting[0]; message !== undefined; message = this.#waiting[0]) {
      const consumer = this.#next(message);
      if (consumer === undefined) break;
      this.#waiting.shift();
      this.#waitingBytes -= message.bytes;
      consumer.take(message);
    }
    this.#isPumping = false;
  }

  #next(message: Message): Consumer | undefined {
    const count = this.#consumers.length;
    for (let step = 0; step < count; step += 1) {
      const at = (this.#turn + step) % count;
      if (!this.#consumers[at]!.hasRoomFor(message)) continue;
      this.#turn = at + 1;
      return this.#consumers[at];
    }
    return undefined;
  }
}
