// How to reach a target: its base URL (with a path, behind a proxy), a private CA, one connection pool. No opinions.

import { Agent } from "undici";
import { RateLimit, type Limit } from "./rate-limit.ts";

export class Network {
  readonly ca: string | undefined;
  readonly dispatcher: Agent;
  /** Set: requests wait as the target tells them to, and are sent again. */
  readonly rateLimit: RateLimit | undefined;

  /** `onLimit` hears of each wait; without it no request waits. */
  constructor(options: { ca?: string; answerTimeoutMs?: number; onLimit?: (limit: Limit) => void } = {}) {
    this.rateLimit = options.onLimit === undefined ? undefined : new RateLimit(options.onLimit);
    this.ca = options.ca;
    const answerTimeoutMs = options.answerTimeoutMs ?? 15_000;
    this.dispatcher = new Agent({
      headersTimeout: answerTimeoutMs,
      bodyTimeout: answerTimeoutMs,
      keepAliveTimeout: 4_000,
      connect: { timeout: 5_000, ...(options.ca === undefined ? {} : { ca: options.ca }) },
    });
  }

  async close(): Promise<void> {
    this.rateLimit?.close();
    await this.dispatcher.destroy();
  }
}

/** Joins a base URL, whose path is kept, and an absolute path below it. */
export function urlBelow(baseUrl: string, path: string): string {
  return baseUrl.replace(/\/+$/, "") + path;
}

/** The same address for WebSocket: http → ws, https → wss. */
export const webSocketUrl = (url: string): string => url.replace(/^http/, "ws");
