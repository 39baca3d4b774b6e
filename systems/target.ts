// What a target is: something that speaks a system, described by base URLs, capabilities and credentials.

import type { Capability } from "../contract/clause.ts";
import type { System } from "./define.ts";

export interface Target {
  /** For humans: "embedded", "stack", or the URL. */
  name: string;
  system: System;
  /** Base URLs of its instances, at least one; a path in them is kept. */
  instances: readonly [string, ...string[]];
  /** The URLs as they were given, where they say more than the instances: where STOMP or a stream is. */
  addresses?: readonly string[];
  /** What stands behind `rollcall verify` to do it again: URLs and flags; absent: the instances are all. */
  again?: string;
  /** ` --config FILE` where one was named: what it said is needed to tidy up. */
  config?: string;
  /** The proxy in front of the instances, when the target was given with one. */
  proxy?: string;
  /**
   * Where the first instance speaks STOMP without WebSocket, as `tcp://host:port`. Default: what the definition says.
   */
  tcp?: string | undefined;
  /** Declared ones. `two-instances` follows from the URLs; `order` and `receipts` are measured. */
  capabilities: ReadonlySet<Capability>;
  /**
   * `guessed`: the demo admin, tried on loopback because nobody gave one; without it the target just has no "admin".
   */
  admin?: { username: string; password: string; guessed?: true };
  /** Why the given admin was not let in, where that says nothing of the credentials. */
  adminFailure?: string;
  /** The Redis between its instances. */
  redis?: { host: string; port: number; password?: string | undefined };
  kafka?: { brokers: readonly string[]; topicPrefix: string };
  /** The page that our clients stand for, as browsers write its origin; absent: one that is let in is looked for. */
  origin?: string;
  /** The file of a Chromium, for the capability `browser`. */
  browser?: string;
  /** PEM text of a private CA. */
  ca?: string;
  /** Started for this run and gone with it: nothing in it needs to be deleted. */
  throwAway: boolean;
}

/** Loopback addresses and names: what a run may fill with accounts without asking. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}
