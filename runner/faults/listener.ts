// Somebody who listens for as long as the run lasts, as a good client does: it connects, listens, and when the
// connection ends or falls silent it connects again, elsewhere if need be. What the connection is, is the subclass's;
// each connection is one epoch of the subscription.

import { setTimeout as wait } from "node:timers/promises";
import type { HeardEvent, Place, Transport } from "../../checkers/history.ts";
import { within } from "../../drivers/deadline.ts";
import { TimeoutError } from "../../drivers/errors.ts";
import type { Account } from "../account-pool.ts";
import { answerDeadlineMs, hashOf, pauseBeforeRetry, reasonOf, type Room, type Scene } from "./client.ts";

export interface ListenerOptions {
  name: string;
  account: Account;
  rooms: readonly Room[];
  transport: Transport;
  place: Place;
  ownMessages: boolean;
  ownMayCome?: boolean;
}

/** One connection: open until `ended` resolves with the reason. */
export interface Epoch {
  ended: Promise<string>;
  /** Hangs up without a word. */
  break(): void;
  close(): Promise<void>;
}

export abstract class Listener {
  readonly scene: Scene;
  readonly options: ListenerOptions;
  /** Markers that were heard in any way. */
  readonly heard = new Set<string>();
  epoch = 0;
  #current: Epoch | undefined;
  #running: Promise<void> | undefined;
  readonly #stopped = new AbortController();
  readonly #waiting = new Map<string, () => void>();

  constructor(scene: Scene, options: ListenerOptions) {
    this.scene = scene;
    this.options = options;
    const { name, account, rooms, transport, ownMessages, ownMayCome } = options;
    scene.recorder.note({
      type: "subscription",
      subscription: name,
      user: account.label,
      rooms: rooms.map((room) => room.name),
      transport,
      ownMessages,
      ...(ownMayCome === undefined ? {} : { ownMayCome }),
    });
  }

  /** Connects at a place and resolves when everything from now on is heard; `confirm` is called at that instant. */
  protected abstract connect(place: Place, confirm: () => void): Promise<Epoch>;

  /** The cursor with which the next connection resumes, if it does. */
  protected cursor(): string | undefined {
    return undefined;
  }

  /** Begins to listen; resolves when the first connection is confirmed. Throws when it could not be made. */
  async start(): Promise<void> {
    const first = Promise.withResolvers<void>();
    this.#running = this.#run(first);
    await first.promise;
  }

  /** Ends the connection; nothing is owed any more. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  /** Resolves when there is a connection that caught up, or after `deadlineMs`. */
  async live(deadlineMs: number): Promise<void> {
    const untilMs = performance.now() + deadlineMs;
    while (this.#current === undefined && performance.now() < untilMs) await wait(20);
  }

  /** Breaks the connection, if there is one. */
  break(): void {
    this.#current?.break();
  }

  /** Resolves with whether the message was heard within `deadlineMs`. */
  async hears(message: string, deadlineMs: number): Promise<boolean> {
    if (this.heard.has(message)) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting.set(message, () => resolve(true));
    const heard = await within(deadlineMs, promise, () => false);
    this.#waiting.delete(message);
    return heard;
  }

  /**
   * Where nothing says that a subscription is live: messages of others are posted until one is heard. Throws
   * TimeoutError.
   */
  protected async hearProbe(room: Room): Promise<void> {
    const untilMs = performance.now() + answerDeadlineMs;
    for (let waitMs = 250; performance.now() < untilMs; waitMs *= 2)
      if (await this.hears(await this.scene.speak(room, this.options.account), waitMs)) return;
    throw new TimeoutError(
      `Cannot hear any message of room ${room.name} within ${answerDeadlineMs} ms of subscribing`,
      [],
    );
  }

  /** A text came; if it holds a marker of this run, somebody heard of that message. */
  protected note(how: HeardEvent["how"], room: string, text: string, ids: { id?: string; event?: string } = {}): void {
    const message = this.scene.recorder.markerIn(text);
    if (message === undefined) return;
    const { name } = this.options;
    this.scene.recorder.note({
      type: "heard",
      subscription: name,
      epoch: this.epoch,
      how,
      message,
      room,
      hash: hashOf(text),
      ...ids,
    });
    this.scene.untold.heard(message);
    this.heard.add(message);
    this.#waiting.get(message)?.();
  }

  async #run(first: PromiseWithResolvers<void>): Promise<void> {
    const { recorder, places, over } = this.scene;
    const { name, place: own } = this.options;
    const stopped = AbortSignal.any([over, this.#stopped.signal]);
    let failures = 0;
    while (!stopped.aborted) {
      const place = places.after(own, failures);
      const after = this.cursor();
      this.epoch++;
      recorder.note({
        type: "open",
        subscription: name,
        epoch: this.epoch,
        place,
        ...(after === undefined ? {} : { after }),
      });
      let because: string;
      try {
        const epoch = await this.connect(place, () => {
          recorder.note({ type: "confirmed", subscription: name, epoch: this.epoch });
          first.resolve();
        });
        failures = 0;
        because = await this.#live(epoch, stopped);
        // Closed by us at the end of the run: the epoch counts as one that lived to the end.
        if (stopped.aborted) return;
      } catch (error) {
        because = reasonOf(error);
        if (this.epoch === 1) first.reject(error);
      }
      recorder.note({ type: "close", subscription: name, epoch: this.epoch, because });
      failures++;
      await pauseBeforeRetry(failures, stopped);
    }
  }

  /** Waits for the end of the connection or of the run. Returns the reason. */
  async #live(epoch: Epoch, stopped: AbortSignal): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const onStopped = (): void => resolve("stopped");
    this.#current = epoch;
    stopped.addEventListener("abort", onStopped, { once: true });
    try {
      return stopped.aborted ? "stopped" : await Promise.race([epoch.ended, promise]);
    } finally {
      this.#current = undefined;
      stopped.removeEventListener("abort", onStopped);
      await epoch.close();
    }
  }
}
