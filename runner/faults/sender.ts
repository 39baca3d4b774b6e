// Says something in its rooms at a steady pace for as long as the run lasts, over STOMP or REST, and notes of each
// message what it knows: stored (RECEIPT, 201), refused (4xx), or unknown (no answer, 5xx). Whatever is unknown is
// never sent again: that would be another message.

import { setTimeout as wait } from "node:timers/promises";
import type { Place } from "../../checkers/history.ts";
import { headerOf, type StompFrame } from "../../drivers/codecs/stomp.ts";
import { TargetError, TimeoutError } from "../../drivers/errors.ts";
import type { StompConnection } from "../../drivers/stomp.ts";
import type { Account } from "../account-pool.ts";
import {
  accountAt,
  answerDeadlineMs,
  hashOf,
  pauseBeforeRetry,
  reasonOf,
  textOf,
  type Room,
  type Scene,
} from "./client.ts";
import { connectStomp } from "./stomp-listener.ts";

export interface SenderOptions {
  name: string;
  account: Account;
  rooms: readonly Room[];
  /** Rooms in which it may not speak: now and then it tries. */
  closedRooms: readonly Room[];
  transport: "websocket" | "rest";
  place: Place;
  everyMs: number;
}

/** One message in so many is an attempt in a room that is closed to the sender. */
const attemptEvery = 12;

export class Sender {
  readonly #scene: Scene;
  readonly #options: SenderOptions;
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;
  #count = 0;
  #connections = 0;
  #failures = 0;
  #stomp: StompConnection | undefined;
  #stompName = "";
  #place: Place;
  /** Sent over STOMP, not yet answered. */
  readonly #pending = new Set<string>();

  constructor(scene: Scene, options: SenderOptions) {
    this.#scene = scene;
    this.#options = options;
    this.#place = options.place;
  }

  start(): void {
    this.#running = this.#run();
    this.#running.catch(() => undefined); // whoever stops it hears of it
  }

  /** Sends nothing more, waits for the answers that are due, and hangs up. */
  async stop(deadlineMs: number): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    const untilMs = performance.now() + deadlineMs;
    while (this.#pending.size > 0 && performance.now() < untilMs) await wait(20);
    await this.#stomp?.[Symbol.asyncDispose]();
    this.#giveUp("the run ended");
  }

  async #run(): Promise<void> {
    const { everyMs, rooms, closedRooms, transport } = this.#options;
    const stopped = AbortSignal.any([this.#scene.over, this.#stopped.signal]);
    while (!stopped.aborted) {
      const sequence = this.#count++;
      const attempt = closedRooms.length > 0 && sequence % attemptEvery === attemptEvery - 1;
      const from = attempt ? closedRooms : rooms;
      const room = from[sequence % from.length]!;
      // A refusal over STOMP comes as a message on another destination; over REST it is an answer.
      if (transport === "rest" || attempt) await this.post(room, sequence);
      else await this.#send(room, sequence, stopped);
      await wait(everyMs * (0.5 + Math.random()), undefined, { signal: stopped }).catch(() => undefined);
    }
  }

  /** Posts one message, of at least so many characters (of three bytes), and notes its fate, which it returns. */
  async post(
    room: Room,
    sequence = this.#count++,
    charactersMin = 0,
  ): Promise<{ message: string; acknowledged: boolean }> {
    const { recorder, places } = this.#scene;
    const { name, account, place: own } = this.#options;
    const canPost = this.#scene.speaker.system.features.has("post");
    const place = places.after(own, this.#failures);
    const message = recorder.marker();
    const text = textOf(message, room, sequence).padEnd(charactersMin, "…");
    recorder.note({
      type: "send",
      message,
      sender: account.label,
      room: room.name,
      connection: `${name} rest`,
      place,
      transport: canPost ? "rest" : "websocket",
      hash: hashOf(text),
    });
    const asking = accountAt(this.#scene, account, place);
    const acknowledged = canPost
      ? await this.#post(asking, room, message, text)
      : await this.#sendAlone(asking, place, room, message, text);
    this.#failures = acknowledged === undefined ? this.#failures + 1 : 0;
    return { message, acknowledged: acknowledged === true };
  }

  /** Whether it was acknowledged or refused, which is noted; undefined: nobody knows. */
  async #post(account: Account, room: Room, message: string, text: string): Promise<boolean | undefined> {
    const { recorder, speaker, denials } = this.#scene;
    try {
      const { id } = await speaker.post(account, room.channel.room, text);
      recorder.note({ type: "acknowledged", message, ...(id === undefined ? {} : { id }) });
      return true;
    } catch (error) {
      if (!(error instanceof TargetError) && !(error instanceof TimeoutError)) throw error;
      const { status, code } = error instanceof TargetError ? error : {};
      if (code === "malformed") {
        // It was taken, and answered with nonsense.
        this.#scene.blame(error.message);
        recorder.note({ type: "acknowledged", message });
        return true;
      }
      if (status === 401) denials.emit("denied");
      // Refused, or nobody to connect to: it never left.
      const isRefused = code === "unreachable" || (status !== undefined && status >= 400 && status < 500);
      recorder.note({
        type: isRefused ? "refused" : "unknown",
        message,
        because: status === undefined ? reasonOf(error) : `answered ${status}`,
      });
      return isRefused && status !== undefined ? false : undefined;
    }
  }

  /** As #post, where nothing can be posted: a SEND on a connection of its own. Its RECEIPT says that it was taken. */
  async #sendAlone(
    account: Account,
    place: Place,
    room: Room,
    message: string,
    text: string,
  ): Promise<boolean | undefined> {
    const { recorder, speaker } = this.#scene;
    let isSent = false;
    try {
      await using connection = await connectStomp(this.#scene, account, place, "websocket", false);
      const { destination, headers, body } = speaker.sendOf(account, room.channel.room, text);
      isSent = true;
      await connection.sendAndAwaitReceipt("SEND", { destination, ...headers }, body, answerDeadlineMs);
      recorder.note({ type: "acknowledged", message });
      return true;
    } catch (error) {
      if (!(error instanceof TargetError) && !(error instanceof TimeoutError)) throw error;
      // Without a connection it never left.
      recorder.note({ type: isSent ? "unknown" : "refused", message, because: reasonOf(error) });
      return undefined;
    }
  }

  async #send(room: Room, sequence: number, stopped: AbortSignal): Promise<void> {
    const connection = this.#stomp ?? (await this.#connect(stopped));
    if (connection === undefined) return;
    const { recorder } = this.#scene;
    const { account } = this.#options;
    const message = recorder.marker();
    const text = textOf(message, room, sequence);
    recorder.note({
      type: "send",
      message,
      sender: account.label,
      room: room.name,
      connection: this.#stompName,
      place: this.#place,
      transport: "websocket",
      hash: hashOf(text),
    });
    this.#pending.add(message);
    const frame = this.#scene.speaker.sendOf(account, room.channel.room, text);
    const headers = { destination: frame.destination, ...frame.headers, receipt: message };
    connection.sendFrame("SEND", headers, frame.body);
  }

  async #connect(stopped: AbortSignal): Promise<StompConnection | undefined> {
    const { places } = this.#scene;
    while (!stopped.aborted) {
      this.#place = places.after(this.#options.place, this.#failures);
      try {
        const connection = await connectStomp(this.#scene, this.#options.account, this.#place, "websocket");
        connection.inbox.onItem = (frame) => this.#hear(frame);
        const { errors } = this.#scene.speaker.system.stomp ?? {};
        if (errors !== undefined) connection.sendSubscribe(errors);
        this.#stompName = `${this.#options.name} stomp ${++this.#connections}`;
        this.#failures = 0;
        this.#stomp = connection;
        void connection.closed.then(({ code, reason }) => this.#lose(connection, `closed with ${code} ${reason}`));
        return connection;
      } catch (error) {
        if (!(error instanceof TargetError) && !(error instanceof TimeoutError)) throw error;
        this.#failures++;
        await pauseBeforeRetry(this.#failures, stopped);
      }
    }
    return undefined;
  }

  #hear(frame: StompFrame): void {
    const { recorder } = this.#scene;
    if (frame.command === "RECEIPT") {
      const message = headerOf(frame, "receipt-id") ?? "";
      if (this.#pending.delete(message)) recorder.note({ type: "acknowledged", message });
    }
  }

  #lose(connection: StompConnection, because: string): void {
    if (this.#stomp !== connection) return;
    this.#stomp = undefined;
    this.#giveUp(because);
  }

  #giveUp(because: string): void {
    for (const message of this.#pending) this.#scene.recorder.note({ type: "unknown", message, because });
    this.#pending.clear();
  }
}
