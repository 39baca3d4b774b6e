// The liar canary: before any refusal is trusted, the target must refuse what cannot be right. By REST only.

import type { RestClient } from "../drivers/rest.ts";

export interface Canary {
  honest: boolean;
  because?: string;
}

/** Each needs a token. One that is open to all is a clause's to judge; a target that opens all of them refuses nobody. */
const guardedPaths = [
  "/api/notifications",
  "/api/users",
  "/api/channels?userId=00000000-0000-0000-0000-000000000000",
  "/api/readStatuses?userId=00000000-0000-0000-0000-000000000000",
];

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** A garbage bearer token must be refused somewhere, and an unknown route must not be answered 2xx. */
export async function askCanary(stranger: RestClient): Promise<Canary> {
  const open: string[] = [];
  for (const path of guardedPaths) {
    const { status } = await stranger.request("GET", path, { bearer: "rollcall.canary.garbage" });
    if (!isSuccess(status)) break;
    open.push(`GET ${path.split("?", 1)[0]}`);
  }
  if (open.length === guardedPaths.length)
    return { honest: false, because: `${open.join(", ")} with a garbage bearer token were answered 2xx` };
  const unknown = await stranger.request("GET", "/api/rollcall-canary-no-such-route", { bearer: false });
  if (isSuccess(unknown.status))
    return { honest: false, because: `an unknown route below /api was answered ${unknown.status}` };
  return { honest: true };
}
