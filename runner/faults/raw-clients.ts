// Rooms over bare WebSocket JSON in a fault run. Nothing answers what is sent there: what somebody heard was taken, and
// so was everything before it on the same connection, which arrives in the order in which it was sent. Terms: taken –
// as acknowledged; seat – one socket of somebody in a room.

import { setTimeout as wait } from "node:timers/promises";
import type { Place } from "../../checkers/history.ts";
import { within } from "../../drivers/deadline.ts";
import { TargetError, TimeoutError } from "../../drivers/errors.ts";
import { RawWebSocket } from "../../drivers/raw-websocket.ts";
import type { Account } from "../account-pool.ts";
import { answerDeadlineMs, hashOf, pauseBeforeRetry, reasonOf, textOf, type Room, type Scene } from "./client.ts";
import { Listener, type Epoch } from "./listener.ts";
import type { Recorder } from "./recorder.ts";
import type { SenderOptions } from "./sender.ts";

/** What was sent and nobody has heard as yet. */
export class Untold {
  readonly #recorder: Recorder;
  readonly #connections = new Map<string, string[]>();
  readonly #connectionOf = new Map<string, string>();
  readonly #waiting = new Map<string, () => void>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  sent(message: string, connection: string): void {
    const messages = this.#connections.get(connection) ?? [];
    this.#connections.set(connection, messages);
    messages.push(message);
    this.#connectionOf.set(message, connection);
  }

  /** It and all before it on its connection were taken. */
  heard(message: string): void {
    const messages = this.#connections.get(this.#connectionOf.get(message) ?? "") ?? [];
    for (const taken of messages.splice(0, messages.indexOf(message) + 1)) {
      this.#recorder.note({ type: "acknowledged", message: taken });
      this.#connectionOf.delete(taken);
      this.#waiting.get(taken)?.();
    }
  }

  /** Resolves with whether it was taken within `deadlineMs`. */
  async taken(message: string, deadlineMs: number): Promise<boolean> {
    if (!this.#connectionOf.has(message)) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting.set(message, () => resolve(true));
    const taken = await within(deadlineMs, promise, () => false);
    this.#waiting.delete(message);
    return taken;
  }

  /** The last message of a connection that nobody has heard. */
  lastOf(connection: string): string | undefined {
    return this.#connections.get(connection)?.at(-1);
  }

  /** Of a connection that ended: nobody knows what became of what is left. */
  giveUp(connection: string, because: string): void {
    for (const message of this.#connections.get(connection)?.splice(0) ?? []) {
      this.#recorder.note({ type: "unknown", message, because });
      // It may be heard yet: an answer wins over none.
      this.#connections.set(message, [message]);
      this.#connectionOf.set(message, message);
    }
  }
}

async function openSeat(scene: Scene, account: Account, room: Room, place: Place): Promise<RawWebSocket> {
  const { speaker, network, transcript } = scene;
  const url = speaker.rawUrl(scene.places.url(place), account, room.channel.room);
  const socket = await RawWebSocket.open(url, {
    network,
    transcript,
    label: account.label,
    openTimeoutMs: answerDeadlineMs,
  });
  const join = speaker.rawJoin(account, room.channel.room);
  if (join !== undefined) socket.send(join);
  return socket;
}

export class RawListener extends Listener {
  protected override async connect(place: Place, confirm: () => void): Promise<Epoch> {
    const { scene, options } = this;
    const room = options.rooms[0]!;
    const socket = await openSeat(scene, options.account, room, place);
    socket.inbox.onItem = ({ text: message }) => {
      const text = scene.speaker.rawTextIn(message);
      if (text !== undefined) this.note("pushed", room.name, text);
    };
    try {
      await this.hearProbe(room);
    } catch (error) {
      await socket[Symbol.asyncDispose]();
      throw error;
    }
    confirm();
    return {
      ended: socket.closed.then(({ code, reason }) => `closed with ${code} ${reason}`.trim()),
      break: () => socket.transport.terminate(),
      close: () => socket[Symbol.asyncDispose](),
    };
  }
}

/** As Sender, over one seat in each of its rooms. */
export class RawSender {
  readonly #scene: Scene;
  readonly #options: SenderOptions;
  readonly #stopped = new AbortController();
  readonly #seats = new Map<string, { socket: RawWebSocket; connection: string; place: Place }>();
  #running: Promise<void> | undefined;
  #isClosed = false;
  #count = 0;
  #connections = 0;
  #failures = 0;

  constructor(scene: Scene, options: SenderOptions) {
    this.#scene = scene;
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
    this.#running.catch(() => undefined); // whoever stops it hears of it
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    const untilMs = performance.now() + deadlineMs;
    const { untold } = this.#scene;
    await Promise.all(
      [...this.#seats.values()].map(async ({ socket, connection }) => {
        const last = untold.lastOf(connection);
        if (last !== undefined) await untold.taken(last, Math.min(answerDeadlineMs, untilMs - performance.now()));
        await socket[Symbol.asyncDispose]();
      }),
    );
    await this.close();
  }

  async #run(): Promise<void> {
    const { everyMs, rooms } = this.#options;
    const stopped = AbortSignal.any([this.#scene.over, this.#stopped.signal]);
    while (!stopped.aborted) {
      const room = rooms[this.#count % rooms.length]!;
      if ((await this.#say(room)) === undefined) await pauseBeforeRetry(this.#failures, stopped);
      await wait(everyMs * (0.5 + Math.random()), undefined, { signal: stopped }).catch(() => undefined);
    }
    // Nobody stops it when the run is interrupted.
    if (this.#scene.over.aborted) await this.close();
  }

  /** Says something; whether it was taken is known once somebody hears it. */
  async say(room: Room): Promise<string> {
    return (await this.#say(room)) ?? "";
  }

  async post(room: Room): Promise<{ message: string; acknowledged: boolean }> {
    const message = await this.say(room);
    const acknowledged = message !== "" && (await this.#scene.untold.taken(message, answerDeadlineMs));
    return { message, acknowledged };
  }

  /** Leaves every seat, and takes no other one. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#seats.values()].map(({ socket }) => socket[Symbol.asyncDispose]()));
  }

  /** Undefined: nobody let it in. */
  async #say(room: Room): Promise<string | undefined> {
    const { recorder, speaker, untold } = this.#scene;
    const { account } = this.#options;
    const seat = this.#seats.get(room.name) ?? (await this.#sit(room));
    if (seat === undefined) return undefined;
    const message = recorder.marker();
    const text = textOf(message, room, this.#count++);
    const { connection, place } = seat;
    const sender = account.label;
    recorder.note({
      type: "send",
      message,
      sender,
      room: room.name,
      connection,
      place,
      transport: "websocket",
      hash: hashOf(text),
    });
    untold.sent(message, connection);
    seat.socket.send(speaker.rawSay(account, room.channel.room, text));
    return message;
  }

  async #sit(room: Room): Promise<{ socket: RawWebSocket; connection: string; place: Place } | undefined> {
    const { places, untold, over } = this.#scene;
    const { name, account, place: own } = this.#options;
    const place = places.after(own, this.#failures);
    try {
      const socket = await openSeat(this.#scene, account, room, place);
      if (this.#isClosed || over.aborted) {
        await socket[Symbol.asyncDispose]();
        return undefined;
      }
      const connection = `${name} ${room.name} ${++this.#connections}`;
      const seat = { socket, connection, place };
      this.#failures = 0;
      this.#seats.set(room.name, seat);
      void socket.closed.then(({ code, reason }) => {
        if (this.#seats.get(room.name) === seat) this.#seats.delete(room.name);
        untold.giveUp(connection, `closed with ${code} ${reason}`.trim());
      });
      return seat;
    } catch (error) {
      if (!(error instanceof TargetError) && !(error instanceof TimeoutError)) throw error;
      if (error instanceof TargetError && error.status === 401) this.#scene.denials.emit("denied");
      this.#failures++;
      this.#scene.transcript.note(name, "closed", reasonOf(error));
      return undefined;
    }
  }
}
