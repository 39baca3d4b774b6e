// Of systems that need no definition of one's own: what to set or say so that they have a feature. Others' definitions
// say it themselves.

import type { Feature } from "../contract/clause.ts";

const publishing = "something that makes an event come: say --publish or --publish-url";

const ways: Readonly<Record<string, Partial<Record<Feature, string>>>> = {
  stomp: { credential: "a user: set ROLLCALL_STOMP_USERS=name:password" },
  sse: {
    credential: "a token: set ROLLCALL_SSE_TOKEN",
    events: publishing,
    publish: publishing,
    replay: "the promise to send again what was missed: say --replay",
  },
};

/** What to say where users are refused who were named, or guessed, from outside; undefined: they sign up themselves. */
export function whoMayLogIn(system: string): string | undefined {
  const named = process.env["ROLLCALL_STOMP_USERS"];
  if (system !== "stomp" || named === "") return undefined;
  return named === undefined
    ? "Who may log in there? Say ROLLCALL_STOMP_USERS=name:password,…, or leave it empty where the broker asks nobody. A chat server with accounts is verified by its http:// URL"
    : "Are the names and passwords of ROLLCALL_STOMP_USERS right?";
}

/** One for each of the features; undefined where one of them cannot be had so. */
export function waysTo(system: string, features: readonly Feature[]): string[] | undefined {
  const found = features.map((feature) => ways[system]?.[feature]);
  return found.every((way) => way !== undefined) ? [...new Set(found)] : undefined;
}
