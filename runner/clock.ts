// How far is the target's clock from ours? Instants that it compares with its own are given in its time.

import { performance } from "node:perf_hooks";
import type { RestClient } from "../drivers/rest.ts";

/** The header Date has whole seconds, so less than this is no difference. */
const resolutionMs = 1_500;

/**
 * `path`: one that everybody may ask for. The target's clock minus ours by its header Date, in ms; 0 when it has none
 * or both agree.
 */
export async function clockOffsetMs(rest: RestClient, path: string, method: "GET" | "HEAD" = "GET"): Promise<number> {
  const [startMs, startedAt] = [performance.now(), Date.now()];
  const { headers } = await rest.request(method, path);
  const date = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(date)) return 0;
  // Half a second, because the fraction was cut off; half the way, because it was read in between.
  const offsetMs = Math.round(date + 500 - (startedAt + (performance.now() - startMs) / 2));
  return Math.abs(offsetMs) < resolutionMs ? 0 : offsetMs;
}
