// What does one event stream still have to send? First `ping`, then what the log holds after the given id, then what
// comes live – nothing lost and nothing doubled at the seam, because a stream that catches up reads positions of the
// log, and becomes live in the same instant in which it finds no further entry. Terms: cursor = position of the next
// entry to look at. Source: "SSE" of the Discodeit contract.

import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { replayGapEvent } from "../../systems/discodeit/wire.ts";
import type { Principal, RealtimePorts } from "../realtime/ports.ts";
import { eventChunk, isReceiver, type LogEntry, type ReplayLog } from "./replay-log.ts";

const commentEveryMs = 10_000;
/** More than this unsent on a live stream: the reader does not keep up and is cut off. */
const queuedBytesMax = 1024 * 1024;
/** A stream that catches up waits here for its reader. */
const replayBytesAhead = 256 * 1024;
/** A reader that takes nothing for so many comments is gone. */
const stuckCommentsMax = 3;
/** What is unsent when a stream ends has so long to go out. */
const endWithinMs = 2_000;

/** All ids of events are UUIDs of version 7. */
const eventId = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

const comment = Buffer.from(":\n\n");

export interface StreamHost {
  log: ReplayLog;
  /** Resolves when the log holds all that was published before the question; throws when nobody knows. */
  caughtUp(): Promise<void>;
  ports: RealtimePorts;
  /** The event with which a stream begins. */
  hello(id?: string): Buffer;
  onReplayed(): void;
  onCutOff(): void;
  onFault(error: unknown): void;
}

export class SseStream {
  readonly principal: Principal;
  readonly #response: ServerResponse;
  readonly #host: StreamHost;
  /** Rights asked during this catching up, by channel. */
  readonly #rights = new Map<string, Promise<boolean>>();
  readonly #commentTimer: NodeJS.Timeout;
  #cursor: number;
  #live = false;
  #stuckComments = 0;

  constructor(host: StreamHost, response: ServerResponse, principal: Principal) {
    this.#host = host;
    this.#response = response;
    this.principal = principal;
    this.#cursor = host.log.end;
    this.#commentTimer = setInterval(() => this.#comment(), commentEveryMs);
    response.on("close", () => clearInterval(this.#commentTimer));
    // A write after the peer is gone; "close" follows.
    response.on("error", () => undefined);
  }

  /** Sends `ping` and everything after `lastEventId`, then goes live. Resolves when it is live or closed. */
  async open(lastEventId: string | undefined): Promise<void> {
    try {
      if (lastEventId === undefined) this.#write(this.#host.hello(await this.#newestReadableId()));
      else await this.#resume(lastEventId);
      await this.#catchUp();
    } catch (error) {
      this.#host.onFault(error);
      this.end();
    }
  }

  /** An event that was just appended to the log. */
  publish(entry: LogEntry): boolean {
    if (!this.#live || !isReceiver(entry, this.principal.userId)) return false;
    this.#response.write(entry.chunk);
    if (this.#response.writableLength > queuedBytesMax) this.#cutOff();
    return true;
  }

  /** Ends between two events. */
  end(): void {
    this.#live = false;
    clearInterval(this.#commentTimer);
    if (this.#response.writableEnded) return;
    const timer = setTimeout(() => this.#response.destroy(), endWithinMs);
    this.#response.on("close", () => clearTimeout(timer));
    this.#response.end();
  }

  async #resume(lastEventId: string): Promise<void> {
    this.#write(this.#host.hello());
    const position = await this.#positionOf(lastEventId);
    const entry = position === undefined ? undefined : this.#host.log.at(position);
    if (position !== undefined && entry && (await this.#mayRead(entry))) this.#cursor = position + 1;
    else await this.#tellGap();
  }

  /**
   * An id that is not here may have been told by an instance that is ahead of this one: "unknown" is only true of a log
   * that is complete. Without that answer the stream ends, and the client tries again, elsewhere perhaps.
   */
  async #positionOf(lastEventId: string): Promise<number | undefined> {
    const { log } = this.#host;
    const position = log.positionOf(lastEventId);
    if (position !== undefined || !eventId.test(lastEventId)) return position;
    await this.#host.caughtUp();
    return log.positionOf(lastEventId);
  }

  async #tellGap(): Promise<void> {
    this.#write(eventChunk(replayGapEvent, '{"reason":"unknown"}', await this.#newestReadableId()));
  }

  /**
   * Looks before the cursor, so that nothing after it is skipped: what comes while this waits is caught up with
   * afterwards.
   */
  async #newestReadableId(): Promise<string | undefined> {
    for (let position = this.#cursor - 1; position >= this.#host.log.start; position -= 1) {
      const entry = this.#host.log.at(position);
      if (entry && (await this.#mayRead(entry))) return entry.record.id;
    }
    return undefined;
  }

  async #catchUp(): Promise<void> {
    while (!this.#closed()) {
      if (this.#cursor < this.#host.log.start) {
        // Evicted while we were reading: say so rather than leave a hole.
        this.#cursor = this.#host.log.end;
        await this.#tellGap();
      }
      const entry = this.#host.log.at(this.#cursor);
      if (!entry) {
        this.#live = true;
        this.#rights.clear();
        return;
      }
      this.#cursor += 1;
      const readable = this.#mayRead(entry);
      if (readable !== false && (readable === true || (await readable))) {
        this.#write(entry.chunk);
        this.#host.onReplayed();
      }
      if (this.#response.writableLength > replayBytesAhead) await this.#drained();
    }
  }

  #mayRead(entry: LogEntry): boolean | Promise<boolean> {
    if (!isReceiver(entry, this.principal.userId)) return false;
    const { channelId } = entry.record;
    if (channelId === undefined) return true;
    let right = this.#rights.get(channelId);
    if (!right) this.#rights.set(channelId, (right = this.#host.ports.mayReadNow(this.principal, entry.record)));
    return right;
  }

  async #drained(): Promise<void> {
    const closed = new AbortController();
    const onClose = (): void => closed.abort();
    this.#response.once("close", onClose);
    try {
      if (!this.#closed()) await once(this.#response, "drain", { signal: closed.signal });
    } catch (error) {
      if (!closed.signal.aborted) throw error;
    } finally {
      this.#response.off("close", onClose);
    }
  }

  #comment(): void {
    this.#stuckComments = this.#response.writableNeedDrain ? this.#stuckComments + 1 : 0;
    if (this.#stuckComments >= stuckCommentsMax) return this.#cutOff();
    this.#write(comment);
  }

  #cutOff(): void {
    if (this.#response.destroyed) return;
    this.#live = false;
    this.#host.onCutOff();
    this.#response.destroy();
  }

  #closed(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }

  #write(chunk: Buffer): void {
    if (!this.#closed()) this.#response.write(chunk);
  }
}
