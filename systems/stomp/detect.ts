// Whether a URL is our own broker's. Of others nobody knows where below a URL they speak STOMP: a ws:// URL says it.

import { TargetError } from "../../drivers/errors.ts";
import type { Network } from "../../drivers/network.ts";
import { RestClient } from "../../drivers/rest.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import { sockJsEndpoint } from "./wire.ts";
import { quoted } from "../../drivers/quoted.ts";

/** Throws TargetError that says what it saw instead. Leaves nothing behind. */
export async function detectStomp(baseUrl: string, network: Network): Promise<{ system: string; how: string }> {
  const transcript = new Transcript(new Secrets(), 20);
  const client = new RestClient({ rules: {}, baseUrl, network, transcript, label: "detect" });
  const path = `${sockJsEndpoint}/info`;
  const { status, text } = await client.request("GET", path, { bearer: false });
  if (status === 200 && text.includes('"websocket"')) return { system: "stomp", how: `${path} is SockJS's` };
  throw new TargetError(
    "refused",
    `Cannot tell what ${baseUrl} speaks: GET ${path} answered ${status} ${quoted(text, 120)}`,
  );
}
