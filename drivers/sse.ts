// One event stream, read octet by octet: every event, comment and odd line in arrival order with its instant.
// A careful client: it does not wait for a response head (some servers send none before the first event).

import * as http from "node:http";
import * as https from "node:https";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { SseParser, type SseEvent, type SseItem } from "./codecs/sse.ts";
import { acceptEncoding, decoded, isDecodingError } from "./encoding.ts";
import { TargetError } from "./errors.ts";
import { hintFor } from "./hints.ts";
import { Inbox, type Timed } from "./inbox.ts";
import { eventCharsMax, lineCharsMax, sizeText, streamCharsMax } from "./limits.ts";
import { withHeaders, type Network } from "./network.ts";
import { originHeaders } from "./page.ts";
import type { Transcript } from "./transcript.ts";

const pieceChars = 4_096;

export interface StreamHead {
  status: number;
  headers: http.IncomingHttpHeaders;
}

export interface EventStreamOptions {
  network: Network;
  transcript: Transcript;
  label: string;
  headers?: Record<string, string>;
  /** What is sent as Origin, instead of what the network's page sends; null: nothing. */
  origin?: string | null | undefined;
  method?: "GET" | "HEAD";
  /** Keeps what came as it came, decoded, up to 1 MiB: for verdicts about octets. */
  keepsBytes?: boolean | undefined;
}

const bytesKeptMax = 1024 * 1024;

export class EventStream implements AsyncDisposable {
  readonly inbox = new Inbox<SseItem>(streamCharsMax);
  /** The response head; rejects with TargetError "refused" on a status other than 200, "closed" when none came. */
  readonly head: Promise<StreamHead>;
  readonly closed: Promise<void>;
  readonly url: string;
  /** Whether the stream, when it ended, had finished its last event. */
  endedAtBoundary: boolean | undefined;
  readonly #request: http.ClientRequest;
  /** The body, decoded. */
  #source: Readable | undefined;
  #isClosedByUs = false;
  readonly #chunks: Buffer[] = [];
  #bytesKept = 0;

  constructor(url: string, options: EventStreamOptions) {
    this.url = url;
    const { transcript } = options;
    const name = transcript.nameConnection(`sse ${options.label}`);
    this.inbox.connection = name;
    const method = options.method ?? "GET";
    const { request: send } = url.startsWith("https:") ? https : http;
    transcript.note(
      name,
      "opened",
      `${method} ${url}${options.headers?.["Last-Event-ID"] === undefined ? "" : ` Last-Event-ID: ${options.headers["Last-Event-ID"]}`}`,
    );
    this.#request = send(url, {
      method,
      agent: false,
      headers: withHeaders(
        {
          accept: "text/event-stream",
          "cache-control": "no-store",
          "accept-encoding": acceptEncoding,
          ...originHeaders(options, method, url),
        },
        options.headers,
      ),
      ...(options.network.ca === undefined ? {} : { ca: options.network.ca }),
    });
    let closedResolve!: () => void;
    this.closed = new Promise((resolve) => (closedResolve = resolve));
    const end = (reason: string): void => {
      if (this.inbox.ended === undefined) transcript.note(name, "closed", reason);
      this.inbox.end(reason);
      closedResolve();
    };
    this.head = new Promise<StreamHead>((resolve, reject) => {
      this.#request.once("response", (response) => {
        const head = { status: response.statusCode ?? 0, headers: response.headers };
        transcript.note(name, "received", `${head.status} ${head.headers["content-type"] ?? ""}`);
        if (head.status === 200) {
          this.#read(response, name, transcript, end, options.keepsBytes === true);
          resolve(head);
        } else {
          response.on("error", () => {}); // it was cut off by us: nobody reads the body, however long it is
          this.#request.destroy();
          end(`refused with ${head.status}`);
          reject(Object.assign(new TargetError("refused", `Cannot open ${url}: answered ${head.status}`), { head }));
        }
      });
      this.#request.once("error", (error) => {
        end(`the connection broke: ${error.message}`);
        reject(error);
      });
    }).catch(async (error: Error) => {
      if (error instanceof TargetError) throw error;
      const hint = this.#isClosedByUs ? undefined : await hintFor(url, error, options.network);
      throw new TargetError("closed", `Cannot open ${url}: ${error.message}`, { cause: error, hint });
    });
    this.head.catch(() => {}); // reported by whoever awaits it; the inbox has ended with the same reason
    this.#request.end();
  }

  #read(
    response: http.IncomingMessage,
    name: string,
    transcript: Transcript,
    end: (reason: string) => void,
    keepsBytes: boolean,
  ): void {
    const decoder = new StringDecoder("utf8");
    const parser = new SseParser();
    const hangUp = (reason: string): void => {
      transcript.note(name, "closed", reason);
      this.inbox.end(reason, { code: "malformed" });
      this.close();
    };
    let source: Readable;
    try {
      source = decoded(response, response.headers["content-encoding"], "the event stream");
    } catch (error) {
      response.on("error", () => {}); // it was cut off by us
      hangUp((error as Error).message);
      return end((error as Error).message);
    }
    this.#source = source;
    source.on("data", (chunk: Buffer) => {
      if (this.inbox.ended !== undefined) return;
      if (keepsBytes) this.#keep(chunk);
      const text = decoder.write(chunk);
      // The first item is charged with all that came: its strings keep the whole text alive.
      let chars = text.length;
      // Piece by piece: 64 KiB may hold 32,000 comments, and the inbox takes a third of them.
      for (let at = 0; at < text.length; at += pieceChars) {
        for (const item of parser.push(text.slice(at, at + pieceChars))) {
          transcript.note(name, "received", describeItem(item));
          if (!this.inbox.push(item, chars)) return hangUp(this.inbox.ended!);
          chars = 0;
        }
      }
      if (parser.lineLength > lineCharsMax) hangUp(`the target sent a line larger than ${sizeText(lineCharsMax)}`);
      else if (parser.dataLength > eventCharsMax)
        hangUp(`the target sent an event larger than ${sizeText(eventCharsMax)}`);
    });
    // An abort, or what cannot be decoded; "close" follows.
    source.once("error", (error) => {
      if (isDecodingError(error)) hangUp(`the stream is not what its Content-Encoding says: ${error.message}`);
    });
    source.once("close", () => {
      this.endedAtBoundary = parser.atBoundary;
      end(response.complete ? "the stream ended" : "the stream was cut");
    });
  }

  #keep(chunk: Buffer): void {
    const kept = chunk.subarray(0, bytesKeptMax - this.#bytesKept);
    this.#bytesKept += kept.length;
    if (kept.length > 0) this.#chunks.push(kept);
  }

  /** What came so far, where it is kept. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** The events so far, oldest first. */
  get events(): Timed<SseEvent>[] {
    return this.inbox.items.filter((item) => item.kind === "event");
  }

  /** Waits for an event. @throws TimeoutError, TargetError "closed" */
  async awaitEvent(what: string, matches: (event: SseEvent) => boolean, deadlineMs: number): Promise<Timed<SseEvent>> {
    return (await this.inbox.awaitItem(
      what,
      (item) => item.kind === "event" && matches(item),
      deadlineMs,
    )) as Timed<SseEvent>;
  }

  /** The id of the newest block that had one. */
  get lastId(): string | undefined {
    for (const item of this.inbox.items.toReversed())
      if ((item.kind === "event" || item.kind === "settings") && item.id !== undefined) return item.id;
    return undefined;
  }

  /** Stops reading, so that the sender's buffers fill. */
  pause(): void {
    this.#source?.pause();
  }

  resume(): void {
    this.#source?.resume();
  }

  /** Ends the connection. Never throws. */
  close(): void {
    this.#isClosedByUs = true;
    this.#request.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.closed;
  }
}

function describeItem(item: SseItem): string {
  if (item.kind === "comment") return `: ${item.text}`;
  if (item.kind === "odd-line") return item.line;
  if (item.kind === "settings") return `id: ${item.id ?? "–"} · retry: ${item.retryMs ?? "–"}`;
  return `event: ${item.name} · id: ${item.id ?? "–"} · data: ${item.data ?? "–"}`;
}
