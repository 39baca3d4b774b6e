// Who listens to events? The streams of this instance, the log they resume from, and the answer to GET /api/sse.
// Source: "SSE" of the Discodeit contract: head at once, header Last-Event-ID before the query, 100 streams per user.

import type { Request, RequestHandler, Response } from "express";
import type { EventRecord } from "../bus/records.ts";
import { eventChunk, ReplayLog } from "./replay-log.ts";
import type { Principal } from "../realtime/ports.ts";
import { SseStream, type StreamHost } from "./stream.ts";

export interface HubHost extends Omit<StreamHost, "log" | "hello"> {
  /** With what a stream begins. Absent: the event of the profile's greeting. */
  hello?: StreamHost["hello"];
  /** Absent: `no-cache, no-transform`. */
  cacheControl?: string;
  /** False when the user has too many streams. */
  admit(stream: SseStream, principal: Principal): boolean;
  dismiss(stream: SseStream, principal: Principal): void;
}

/** Whoever has too many streams may come again after this: others of its own have ended by then, or never do. */
const retryAfterSeconds = 10;

export class SseHub {
  readonly log: ReplayLog;
  readonly #host: HubHost;
  readonly #streamHost: StreamHost;
  readonly #streams = new Set<SseStream>();
  #draining = false;

  constructor(host: HubHost, log: ReplayLog = new ReplayLog()) {
    this.#host = host;
    this.log = log;
    const { name, data } = host.ports.profile.greeting;
    this.#streamHost = { ...host, log, hello: host.hello ?? ((id) => eventChunk(name, data, id)) };
  }

  /** Appends an event and, when it is live, gives it to each stream of a receiver. Returns the number of deliveries. */
  publish(record: EventRecord, live: boolean): number {
    const entry = this.log.append(record);
    if (!entry || !live) return 0;
    let count = 0;
    for (const stream of this.#streams) if (stream.publish(entry)) count += 1;
    return count;
  }

  readonly handler: RequestHandler = (request, response) => this.#open(request, response);

  #open(request: Request, response: Response): void {
    // An event source gives up for good on an error status; a connection that breaks is tried again, elsewhere.
    if (this.#draining) return void response.destroy();
    // Gone while its login was looked up: "close" was told, nobody would ever take it off the list.
    if (response.destroyed) return;
    const principal = response.locals["principal"] as Principal;
    response.status(200).set({
      "Content-Type": "text/event-stream;charset=utf-8",
      "Cache-Control": this.#host.cacheControl ?? "no-cache, no-transform",
      "X-Accel-Buffering": "no",
    });
    if (request.method === "HEAD") return void response.end();
    const stream = new SseStream(this.#streamHost, response, principal);
    if (!this.#host.admit(stream, principal)) return this.#refuse(stream, response);
    this.#streams.add(stream);
    response.on("close", () => {
      this.#streams.delete(stream);
      this.#host.dismiss(stream, principal);
    });
    response.flushHeaders();
    void stream.open(lastEventIdOf(request));
  }

  /** How many streams are open here. */
  get size(): number {
    return this.#streams.size;
  }

  #refuse(stream: SseStream, response: Response): void {
    const message = "Too many event streams";
    const timestamp = new Date().toISOString();
    response.status(429).set("Retry-After", String(retryAfterSeconds)).type("json");
    response.write(
      JSON.stringify({
        timestamp,
        code: "TOO_MANY_STREAMS",
        message,
        details: null,
        exceptionType: "TooManyStreams",
        status: 429,
      }),
    );
    stream.end();
  }

  /** Ends all streams, each after a complete event; later ones are not let in. */
  drain(): void {
    this.#draining = true;
    for (const stream of this.#streams) stream.end();
  }
}

/** The header wins; an empty id is none. The web client uses the query. */
function lastEventIdOf(request: Request): string | undefined {
  const { lastEventId, LastEventId } = request.query;
  for (const id of [request.get("Last-Event-ID"), lastEventId, LastEventId]) {
    if (typeof id === "string" && id !== "") return id;
  }
  return undefined;
}
