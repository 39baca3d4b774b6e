// Which streams are there, and what do they keep? One hub and one replay log for each name, filled from the bus in its
// order, so that every instance keeps, forgets and sends again the same events. Terms: quiet – a stream that keeps
// nothing and that nobody listens to is forgotten. Source: the page on event streams.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { RequestHandler } from "express";
import { retention, retryMs } from "../../../systems/sse/wire.ts";
import type { EventRecord } from "../../bus/records.ts";
import { Admissions } from "../../realtime/admissions.ts";
import { addGauges } from "../../realtime/metrics.ts";
import type { Realtime, RealtimeOptions } from "../../realtime/realtime.ts";
import { SseHub } from "../../sse/hub.ts";
import { ReplayLog } from "../../sse/replay-log.ts";
import type { SseStream } from "../../sse/stream.ts";

/** Whoever has a token can make as many streams as they like: what all of them keep has a bound, too. */
export const allStreamsBytesMax = 128 * 1024 * 1024;
export const streamsKeptMax = 1_000;
const forgetEveryMs = 60_000;

const hello = Buffer.from(`retry: ${retryMs}\n\n: open\n\n`);

export class NamedStreams implements Realtime {
  readonly #options: RealtimeOptions;
  readonly #admissions: Admissions<SseStream>;
  /** The one that was published to last comes last. */
  readonly #hubs = new Map<string, SseHub>();
  readonly #forgetTimer: NodeJS.Timeout;
  #bytes = 0;
  #isDraining = false;

  constructor(options: RealtimeOptions) {
    this.#options = options;
    this.#admissions = new Admissions(options.streamsPerUserMax);
    this.#forgetTimer = setInterval(() => this.forgetOld(Date.now()), forgetEveryMs);
    this.#forgetTimer.unref();
    addGauges(options.metrics, {
      connections: () => ({ sse: this.#admissions.count }),
      subscriptions: () => 0,
    });
  }

  /** The stream's name is the route's parameter. */
  readonly events: RequestHandler = (request, response, next) => {
    if (this.#isDraining) return void response.destroy();
    const name = String(request.params["name"]);
    const hub = this.#hubAt(name);
    response.on("close", () => this.#forgetQuiet(name, hub));
    return hub.handler(request, response, next);
  };

  readonly streams = (): ReadonlyMap<string, number> => this.#admissions.counts();

  follow(): Promise<void> {
    return this.#options.bus.follow("events", (record, live) => this.publish(record, live));
  }

  publish(record: EventRecord, live: boolean): void {
    const { metrics } = this.#options;
    const name = record.stream ?? "";
    const hub = this.#hubAt(name);
    // Published to last.
    this.#hubs.delete(name);
    this.#hubs.set(name, hub);
    const count = this.#counting(hub, () => hub.publish(record, live));
    this.#makeRoom();
    if (count === 0) return;
    metrics.deliveries.inc({ channel: "sse" }, count);
    const seconds = Math.max(0, Date.now() - record.createdAtMs) / 1_000;
    metrics.publishToDeliverSeconds.observe({ channel: "sse" }, seconds);
  }

  /** Lets go of what is older than streams keep it. */
  forgetOld(nowMs: number): void {
    for (const [name, hub] of this.#hubs) {
      this.#counting(hub, () => hub.log.evictBefore(nowMs - retention.ageMsMax));
      this.#forgetQuiet(name, hub);
    }
  }

  /** There are no sockets. */
  upgrade(_request: IncomingMessage, socket: Duplex): void {
    socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  }

  answerSockJs(): Promise<void> {
    return Promise.reject(new Error("Cannot answer SockJS: there are event streams alone"));
  }

  drain(): Promise<void> {
    this.#isDraining = true;
    clearInterval(this.#forgetTimer);
    for (const hub of this.#hubs.values()) hub.drain();
    return Promise.resolve();
  }

  /** What all streams keep, in bytes; for tests. */
  get bytes(): number {
    return this.#bytes;
  }

  get names(): string[] {
    return [...this.#hubs.keys()];
  }

  #hubAt(name: string): SseHub {
    let hub = this.#hubs.get(name);
    if (!hub) this.#hubs.set(name, (hub = this.#openHub()));
    return hub;
  }

  #openHub(): SseHub {
    const { ports, bus, metrics, onFault } = this.#options;
    const host = {
      ports,
      hello: () => hello,
      cacheControl: "no-store, no-transform",
      caughtUp: () => bus.caughtUp("events"),
      admit: (stream: SseStream, principal: SseStream["principal"]) => this.#admissions.add(stream, principal),
      dismiss: (stream: SseStream, principal: SseStream["principal"]) => this.#admissions.remove(stream, principal),
      onReplayed: () => metrics.replayed.inc(),
      onCutOff: () => metrics.dropped.inc({ channel: "sse" }),
      onFault,
    };
    return new SseHub(host, new ReplayLog(retention.eventsMax, retention.bytesMax));
  }

  #counting<T>(hub: SseHub, work: () => T): T {
    const before = hub.log.bytes;
    const result = work();
    this.#bytes += hub.log.bytes - before;
    return result;
  }

  /** By what was published alone, so that all instances let go of the same. */
  #makeRoom(): void {
    if (this.#bytes <= allStreamsBytesMax && this.#hubs.size <= streamsKeptMax) return;
    const keeping = [...this.#hubs].filter(([, hub]) => hub.log.bytes > 0);
    for (const [at, [name, hub]] of keeping.entries()) {
      if (this.#bytes <= allStreamsBytesMax && keeping.length - at <= streamsKeptMax) return;
      this.#counting(hub, () => hub.log.evictBefore(Infinity));
      this.#forgetQuiet(name, hub);
    }
  }

  #forgetQuiet(name: string, hub: SseHub): void {
    if (hub.size === 0 && hub.log.bytes === 0 && this.#hubs.get(name) === hub) this.#hubs.delete(name);
  }
}
