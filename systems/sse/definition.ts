// Event streams and nothing else: no accounts, no rooms. Whoever has the token hears everything, and what is published
// comes to all. Source: the page on event streams; the HTML standard, server-sent events.

import { defineSystem, type System } from "../define.ts";
import type { Account, HttpPart } from "../types.ts";
import { demoToken, ownStream, streamPath } from "./wire.ts";

/** What differs between one stream and another. */
export interface StreamOptions {
  /** Its path and query, below the target's URL. */
  url: string;
  /** Makes an event come whose data holds this text. Absent: nobody can, from here. */
  publish?: ((account: Account, text: string) => Promise<unknown>) | undefined;
  /** Whether it takes any text, or nothing but letters, digits and hyphens. */
  takesAnyText?: boolean;
  /** Sent as a bearer token. Absent: none is needed. */
  token?: (() => string) | undefined;
  /** Whether it sends again what was missed. */
  replays: boolean;
  /** Ways to say from where a stream goes on, beside the header. */
  lastIdQuery?: readonly string[];
  alive: { path: string; by: NonNullable<HttpPart["aliveBy"]> };
}

/** Nobody else's, and harmless in any command, address or body. */
const newKey = (): string => `rollcall-${crypto.randomUUID().slice(-12)}`;

export function streamSystem(options: StreamOptions): System {
  const { url, publish, takesAnyText = true, token, replays, lastIdQuery = [], alive } = options;
  return defineSystem({
    name: "sse",
    title: "Event stream",
    http: { alive: alive.path, aliveBy: alive.by },
    accounts: {
      guest: () => Promise.resolve({}),
      ...(token && { logIn: () => Promise.resolve({ bearer: token() }) }),
    },
    events: {
      url,
      auth: "bearer",
      lastId: { header: true, query: lastIdQuery },
      data: "text",
      ...(publish && takesAnyText && { publish }),
      causes: {
        published: {
          ...(publish && {
            cause: async ({ owner }) => {
              const key = newKey();
              await publish(owner, key);
              return { key };
            },
          }),
          receivers: "everyone",
        },
      },
    },
    promises: replays ? ["replay"] : [],
  });
}

/** Of the environment; undefined: nobody gave one. */
export const givenToken = (): string | undefined => process.env["ROLLCALL_SSE_TOKEN"] || undefined;

/** That one; else the one that our own server has where nobody gave it another. */
export const tokenOfTheRun = (): string => givenToken() ?? demoToken;

/** As our own server has them. */
export const sse: System = streamSystem({
  url: streamPath(ownStream),
  publish: ({ http }, data) => http.post(streamPath(ownStream), { json: { data } }),
  token: tokenOfTheRun,
  replays: true,
  lastIdQuery: ["lastEventId"],
  alive: { path: "/healthz", by: "GET" },
});
