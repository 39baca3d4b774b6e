// The liar canary: before any refusal is trusted, the target must refuse what cannot be right. By REST only.

import type { RestClient } from "../drivers/rest.ts";
import type { HttpPart } from "../systems/types.ts";

export interface Canary {
  honest: boolean;
  because?: string;
}

type CanaryPaths = Pick<HttpPart, "guarded" | "base">;

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/**
 * A garbage bearer token must be refused somewhere, and an unknown route must not be answered 2xx. One guarded path
 * that is open to all is a clause's to judge; a target that opens all of them refuses nobody.
 */
export async function askCanary(stranger: RestClient, { guarded = [], base }: CanaryPaths = {}): Promise<Canary> {
  const open: string[] = [];
  for (const path of guarded) {
    const { status } = await stranger.request("GET", path, { bearer: "rollcall.canary.garbage" });
    if (!isSuccess(status)) break;
    open.push(`GET ${path.split("?", 1)[0]}`);
  }
  if (guarded.length > 0 && open.length === guarded.length)
    return { honest: false, because: `${open.join(", ")} with a garbage bearer token were answered 2xx` };
  if (base === undefined) return { honest: true };
  const unknown = await stranger.request("GET", `${base}/rollcall-canary-no-such-route`, { bearer: false });
  if (isSuccess(unknown.status))
    return { honest: false, because: `an unknown route below ${base} was answered ${unknown.status}` };
  return { honest: true };
}
