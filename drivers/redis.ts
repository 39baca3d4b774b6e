// A witness on Redis: hears what is published on any channel from now on, and publishes as somebody else would.
// ioredis, as the server has it: a second client would be a second dependency.

import { importPeer } from "../peers.ts";
import { within } from "./deadline.ts";
import { HarnessError } from "./errors.ts";
import { Inbox } from "./inbox.ts";
import { streamCharsMax } from "./limits.ts";

export interface RedisAddress {
  host: string;
  port: number;
  password?: string | undefined;
}

interface Published {
  channel: string;
  text: string;
}

export interface RedisTap extends AsyncDisposable {
  readonly inbox: Inbox<Published>;
  /** Throws HarnessError when Redis is gone. */
  publish(channel: string, text: string): Promise<void>;
}

/**
 * Resolves once it hears. It keeps what is `ours`: others may use the same Redis. @throws HarnessError when Redis
 * cannot be reached, or wants another password.
 */
export async function openRedisTap(
  { host, port, password }: RedisAddress,
  isOurs: (text: string) => boolean,
  answerTimeoutMs = 5_000,
): Promise<RedisTap> {
  const options = {
    host,
    port,
    ...(password === undefined ? {} : { password }),
    lazyConnect: true,
    connectTimeout: answerTimeoutMs,
    // A tap that was away would say of what it missed that it was never published.
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  };
  const { Redis } = await importPeer("ioredis", "--redis needs", () => import("ioredis"));
  const [listener, publisher] = [new Redis(options), new Redis(options)];
  const failed = (error: unknown): HarnessError =>
    new HarnessError(`Cannot tap Redis at ${host}:${port}: ${(error as Error).message}`, { cause: error });
  const inbox = new Inbox<Published>(streamCharsMax);
  // What a connection breaks of, before its commands fail of it with less.
  let broken: Error | undefined;
  for (const client of [listener, publisher]) client.on("error", (error: Error) => (broken ??= error));
  listener.on("end", () => inbox.end(`Redis hung up${broken === undefined ? "" : `: ${broken.message}`}`));
  listener.on("pmessage", (_pattern: string, channel: string, text: string) => {
    if (isOurs(text) && !inbox.push({ channel, text }, text.length)) listener.disconnect();
  });
  try {
    const hears = Promise.all([listener.connect().then(() => listener.psubscribe("*")), publisher.connect()]);
    await within(answerTimeoutMs, hears, () => {
      throw new Error(`it does not answer as Redis does within ${answerTimeoutMs} ms`);
    });
  } catch (error) {
    for (const client of [listener, publisher]) client.disconnect();
    throw failed(broken ?? error);
  }
  return {
    inbox,
    publish: async (channel, text) => {
      await publisher.publish(channel, text).catch((error: unknown) => Promise.reject(failed(broken ?? error)));
    },
    [Symbol.asyncDispose]: () => {
      for (const client of [listener, publisher]) client.disconnect();
      return Promise.resolve();
    },
  };
}
