// What is at the edge of the process, before any system: which proxies and origins are believed, how much strangers and users may make us
// keep, and whose turn it is. One for all systems, because memory and the processor are one.

import type { Logger } from "pino";
import type { Config } from "./config.ts";
import { Turns } from "./turns.ts";
import { ByteBudget } from "./security/budget.ts";
import { originCheck, type OriginCheck } from "./security/origins.ts";
import { openProxies, type Proxies } from "./security/proxies.ts";

/** Everything that comes in and is kept for a moment: frames, messages, bodies. */
const inboundBytesMax = 128 * 1024 * 1024;
/** Uploads under way. */
const uploadBytesMax = 256 * 1024 * 1024;

export interface Edge {
  proxies: Proxies;
  originAllowed: OriginCheck;
  inbound: ByteBudget;
  uploads: ByteBudget;
  turns: Turns;
}

export function openEdge({ allowedOrigins, trustedProxies }: Pick<Config, "allowedOrigins" | "trustedProxies">, log: Logger): Edge {
  const proxies = openProxies(trustedProxies);
  return {
    proxies,
    originAllowed: originCheck({ allowedOrigins, proxies, onRefused: (refused) => log.info(refused, "origin refused") }),
    inbound: new ByteBudget(inboundBytesMax),
    uploads: new ByteBudget(uploadBytesMax),
    turns: new Turns(),
  };
}
