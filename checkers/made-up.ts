// Histories for the checkers' tests, written as a story is told: each call is the next event, a millisecond after the
// last.

import type { HeardEvent, HistoryEvent, ReaderEvent, SubscriptionEvent, Transport } from "./history.ts";

interface Sending {
  sender?: string;
  room?: string;
  connection?: string;
  transport?: Transport;
}

export class MadeUp {
  readonly events: HistoryEvent[] = [];
  nowMs = 0;
  readonly #subscriptions = new Map<string, SubscriptionEvent & { current: number }>();
  readonly #rooms = new Map<string, string>();

  #add(event: HistoryEvent): this {
    this.events.push(event);
    this.nowMs++;
    return this;
  }

  wait(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  /** Begins to listen, to room "1" over a WebSocket unless told, and is confirmed. */
  listen(subscription: string, more: Partial<Omit<SubscriptionEvent, "type" | "atMs">> = {}): this {
    const event: SubscriptionEvent = {
      type: "subscription",
      atMs: this.nowMs,
      subscription,
      user: subscription,
      rooms: ["1"],
      transport: "websocket",
      ownMessages: true,
      ...more,
    };
    this.#subscriptions.set(subscription, { ...event, current: 0 });
    return this.#add(event).connect(subscription).confirm(subscription);
  }

  connect(subscription: string): this {
    const epoch = ++this.#subscriptions.get(subscription)!.current;
    return this.#add({ type: "open", atMs: this.nowMs, subscription, epoch, place: "server-1" });
  }

  confirm(subscription: string): this {
    return this.#add({
      type: "confirmed",
      atMs: this.nowMs,
      subscription,
      epoch: this.#subscriptions.get(subscription)!.current,
    });
  }

  close(subscription: string): this {
    return this.#add({
      type: "close",
      atMs: this.nowMs,
      subscription,
      epoch: this.#subscriptions.get(subscription)!.current,
      because: "cut",
    });
  }

  send(
    message: string,
    { sender = "alice", room = "1", connection = sender, transport = "websocket" }: Sending = {},
  ): this {
    this.#rooms.set(message, room);
    return this.#add({
      type: "send",
      atMs: this.nowMs,
      message,
      sender,
      room,
      connection,
      place: "server-1",
      transport,
      hash: `hash of ${message}`,
    });
  }

  acknowledge(message: string, id = `id of ${message}`): this {
    return this.#add({ type: "acknowledged", atMs: this.nowMs, message, id });
  }

  refuse(message: string): this {
    return this.#add({ type: "refused", atMs: this.nowMs, message, because: "403" });
  }

  giveUp(message: string): this {
    return this.#add({ type: "unknown", atMs: this.nowMs, message, because: "cut" });
  }

  say(message: string, sending: Sending = {}): this {
    return this.send(message, sending).acknowledge(message);
  }

  hear(subscription: string, message: string, more: Partial<HeardEvent> = {}): this {
    const { current, transport } = this.#subscriptions.get(subscription)!;
    const event = transport === "sse" ? { event: `event of ${message}` } : {};
    const room = this.#rooms.get(message) ?? "1";
    const told = {
      how: "pushed",
      message,
      room,
      id: `id of ${message}`,
      hash: `hash of ${message}`,
      ...event,
    } as const;
    return this.#add({ type: "heard", atMs: this.nowMs, subscription, epoch: current, ...told, ...more });
  }

  /** A final reader with all it has. */
  read(
    reader: string,
    messages: readonly string[],
    log: ReaderEvent["log"] = "history",
    of = "1",
    after?: string,
  ): this {
    this.#add({
      type: "reader",
      atMs: this.nowMs,
      reader,
      log,
      of,
      place: "server-1",
      ...(after === undefined ? {} : { after }),
    });
    for (const message of messages) {
      const event = log === "events" ? { event: `event of ${message}` } : {};
      this.#add({
        type: "read",
        atMs: this.nowMs,
        reader,
        message,
        id: `id of ${message}`,
        hash: `hash of ${message}`,
        ...event,
      });
    }
    return this;
  }

  fault(what: "on" | "healed", fault = "kill"): this {
    return this.#add({ type: "fault", atMs: this.nowMs, fault, what, text: "server-2 was killed" });
  }

  /** Whatever else is needed. */
  add(event: HistoryEvent): this {
    return this.#add(event);
  }

  end(): this {
    return this.#add({ type: "end", atMs: this.nowMs });
  }
}
