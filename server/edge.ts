// What is at the edge of the process, before any system: which proxies and origins are believed, how much strangers and
// users may make us keep, and whose turn it is. One for all systems, because memory and the processor are one.

import type { Logger } from "pino";
import type { Config } from "./config.ts";
import { Turns } from "./turns.ts";
import { ByteBudget } from "./security/budget.ts";
import { originCheck, type OriginCheck, type RefusedOrigin } from "./security/origins.ts";
import { openProxies, type Proxies } from "./security/proxies.ts";
import { openTrace } from "./trace.ts";

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

export function openEdge(
  { allowedOrigins, trustedProxies }: Pick<Config, "allowedOrigins" | "trustedProxies">,
  log: Logger,
): Edge {
  const proxies = openProxies(trustedProxies);
  // The lines are the process's, the count is each system's (countRefusals).
  const trace = openTrace(log, { inc: () => undefined });
  const onRefused = ({ address, origin, path, ...compared }: RefusedOrigin): void =>
    trace.refused({ kind: "origin", from: address, who: origin, what: path, compared });
  return {
    proxies,
    originAllowed: originCheck({ allowedOrigins, proxies, onRefused }),
    inbound: new ByteBudget(inboundBytesMax),
    uploads: new ByteBudget(uploadBytesMax),
    turns: new Turns(),
  };
}

/** The edge as one system has it: origins that are refused there count for it. */
export const countRefusals = (edge: Edge, refused: { inc(labels: { kind: "origin" }): void }): Edge => ({
  ...edge,
  originAllowed(request) {
    const allowed = edge.originAllowed(request);
    if (!allowed) refused.inc({ kind: "origin" });
    return allowed;
  },
});
