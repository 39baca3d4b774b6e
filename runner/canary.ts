// The liar canary: before any refusal is trusted, the target must refuse what cannot be right. By REST only.

import type { RestClient } from "../drivers/rest.ts";

export interface Canary {
  honest: boolean;
  because?: string;
}

/** A garbage bearer token and an unknown route must not be answered 2xx. */
export async function askCanary(stranger: RestClient): Promise<Canary> {
  const garbage = await stranger.request("GET", "/api/users", { bearer: "rollcall.canary.garbage" });
  if (garbage.status >= 200 && garbage.status < 300)
    return { honest: false, because: `GET /api/users with a garbage bearer token was answered ${garbage.status}` };
  const unknown = await stranger.request("GET", "/api/rollcall-canary-no-such-route", { bearer: false });
  if (unknown.status >= 200 && unknown.status < 300)
    return { honest: false, because: `an unknown route below /api was answered ${unknown.status}` };
  return { honest: true };
}
