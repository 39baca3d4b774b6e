// How to reach a target: its base URL (with a path, behind a proxy), a private CA, one connection pool. No opinions.

import { channel } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { Agent, buildConnector } from "undici";
import { delayed } from "./deadline.ts";
import { HarnessError } from "./errors.ts";
import type { PageOrigin } from "./page.ts";
import { RateLimit, type Limit } from "./rate-limit.ts";

/** A correct server may be 3 s late, and a list may take its time; the whole answer is there by then. */
export const answerTimeoutMsDefault = 15_000;

/** After an interruption: for the answer to a request that may change something. */
const changeEndsWithinMs = 2_000;

export interface NetworkOptions {
  ca?: string;
  /** For a whole answer, from the request's first octet to the answer's last one. */
  answerTimeoutMs?: number;
  /** Hears of each wait; without it no request waits. */
  onLimit?: (limit: Limit) => void;
  /**
   * Aborted: what waits for an answer ends at once, or two seconds later where it may change something. What is asked
   * later (to tidy up) is answered as ever.
   */
  interrupt?: AbortSignal | undefined;
}

export class Network {
  readonly ca: string | undefined;
  readonly dispatcher: Agent;
  readonly answerTimeoutMs: number;
  readonly interrupt: AbortSignal | undefined;
  /** Of a request that may change something: whoever tidies up must know what was made. */
  readonly interruptOfChange: AbortSignal | undefined;
  /** The page that all clients stand for, unless one says otherwise. */
  page: PageOrigin;
  /** Hosts (with port) that gave an answer: their protocol is in no doubt. */
  readonly answering = new Set<string>();
  /** Set: requests wait as the target asks them to, and are sent again. */
  readonly rateLimit: RateLimit | undefined;
  readonly #dispatchers = new Set<Agent>();
  #isClosed = false;

  constructor(options: NetworkOptions = {}) {
    this.rateLimit = options.onLimit === undefined ? undefined : new RateLimit(options.onLimit);
    this.ca = options.ca;
    this.answerTimeoutMs = options.answerTimeoutMs ?? answerTimeoutMsDefault;
    this.interrupt = options.interrupt;
    if (options.interrupt !== undefined) this.interruptOfChange = delayed(options.interrupt, changeEndsWithinMs);
    this.dispatcher = this.openDispatcher();
  }

  /** Its own pool, whose connections are all new. Ends with the network, whoever waits for an answer on it. */
  openDispatcher(): Agent {
    if (this.#isClosed) throw new HarnessError("Cannot ask anything more: the run is over");
    const agent = new Agent({
      headersTimeout: this.answerTimeoutMs,
      bodyTimeout: this.answerTimeoutMs,
      keepAliveTimeout: 4_000,
      connect: buildConnector({ timeout: 5_000, ...(this.ca === undefined ? {} : { ca: this.ca }) }),
    });
    this.#dispatchers.add(agent);
    return agent;
  }

  /** Ends one of its pools before the network does. */
  async closeDispatcher(agent: Agent): Promise<void> {
    this.#dispatchers.delete(agent);
    await agent.destroy();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.rateLimit?.close();
    await Promise.all([...this.#dispatchers].map((agent) => this.closeDispatcher(agent)));
  }
}

/** What had come on a connection when its newest request was sent, by our port. */
const readBefore = new Map<number, number>();
channel("undici:client:sendHeaders").subscribe((message) => {
  const { socket } = message as { socket: Socket };
  if (socket.localPort !== undefined) readBefore.set(socket.localPort, socket.bytesRead);
});

/**
 * Whether a connection that had served an answer before was closed at the moment of a request, before any octet of the
 * answer: then the server never saw the request, as far as anybody can tell.
 */
export function closedWhileIdle(error: unknown): boolean {
  const { code, socket } = (error ?? {}) as {
    code?: string;
    socket?: { localPort?: number; bytesRead?: number };
  };
  if (code !== "UND_ERR_SOCKET" || socket?.localPort === undefined || socket.bytesRead === undefined) return false;
  return socket.bytesRead > 0 && readBefore.get(socket.localPort) === socket.bytesRead;
}

/** Joins a base URL, whose path is kept, and an absolute path below it. */
export function urlBelow(baseUrl: string, path: string): string {
  return baseUrl.replace(/\/+$/, "") + path;
}

/** The same address for WebSocket: http → ws, https → wss. */
export const webSocketUrl = (url: string): string => url.replace(/^http/, "ws");

/** Headers with others instead of or beside them; a name in another case is the same name. */
export function withHeaders(
  headers: Readonly<Record<string, string>>,
  others: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const replaced = new Set(Object.keys(others).map((name) => name.toLowerCase()));
  const kept = Object.entries(headers).filter(([name]) => !replaced.has(name.toLowerCase()));
  return { ...Object.fromEntries(kept), ...others };
}
