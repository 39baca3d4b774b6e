// Whether a URL speaks redis-chat. It asks as nobody: SockJS greets at /connect, where no other system has it.

import { TargetError } from "../../drivers/errors.ts";
import type { Network } from "../../drivers/network.ts";
import { RestClient } from "../../drivers/rest.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import { stompEndpoint } from "./wire.ts";

/** Throws TargetError that says what it saw instead. Leaves nothing behind. */
export async function detectRedisChat(baseUrl: string, network: Network): Promise<{ system: string; how: string }> {
  const transcript = new Transcript(new Secrets(), 20);
  const client = new RestClient({ rules: {}, baseUrl, network, transcript, label: "detect" });
  const path = `${stompEndpoint}/info`;
  const { status, text } = await client.request("GET", path, { bearer: false });
  if (status === 200 && isInfo(text)) return { system: "redis-chat", how: `${path} is SockJS's` };
  throw new TargetError(
    "refused",
    `Cannot tell what ${baseUrl} speaks: GET ${path} answered ${status} ${JSON.stringify(text.slice(0, 120))}`,
  );
}

function isInfo(text: string): boolean {
  try {
    const { websocket } = JSON.parse(text) as { websocket?: unknown };
    return typeof websocket === "boolean";
  } catch {
    return false;
  }
}
