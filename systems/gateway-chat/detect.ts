// Whether a URL speaks gateway-chat. It asks as nobody: SockJS greets at /chat, and there is a WebSocket at /ws/chat,
// as the answer to a plain GET says; or, in secure mode, STOMP lets in a token that is signed with the secret, and
// nobody without one. Many a server has its STOMP endpoint at /chat: that alone says little.

import { TargetError, TimeoutError } from "../../drivers/errors.ts";
import { urlBelow, webSocketUrl, type Network } from "../../drivers/network.ts";
import { RestClient, type Answer } from "../../drivers/rest.ts";
import { StompConnection } from "../../drivers/stomp.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import { openWebSocketTransport } from "../../drivers/websocket.ts";
import { tokenOf } from "./tokens.ts";
import { rawPath, stompEndpoint } from "./wire.ts";
import { quoted } from "../../drivers/quoted.ts";

/** Of a GET that should have been an upgrade: Spring answers 400, RFC 9110 has 426. */
const notAnUpgrade = new Set([400, 426]);

/** Throws TargetError that says what it saw instead. Leaves nothing behind. */
export async function detectGatewayChat(baseUrl: string, network: Network): Promise<{ system: string; how: string }> {
  const transcript = new Transcript(new Secrets(), 20);
  const client = new RestClient({ rules: {}, baseUrl, network, transcript, label: "detect" });
  const path = `${stompEndpoint}/info`;
  const info = await client.request("GET", path, { bearer: false });
  if (info.status !== 200 || !isInfo(info.text)) throw cannotTell(baseUrl, path, info);
  const raw = rawPath("rollcall");
  const answer = await client.request("GET", raw, { bearer: false });
  if (!notAnUpgrade.has(answer.status)) {
    if (!(await isSecure(baseUrl, { network, transcript }))) throw cannotTell(baseUrl, raw, answer);
    return { system: "gateway-chat-secure", how: `${path} is SockJS's, and CONNECT takes a token with the secret` };
  }
  return { system: "gateway-chat", how: `${path} is SockJS's, and ${raw} is a WebSocket` };
}

interface Asking {
  network: Network;
  transcript: Transcript;
}

const connectWithinMs = 3_000;

async function isSecure(baseUrl: string, asking: Asking): Promise<boolean> {
  const credential = { Authorization: `Bearer ${await tokenOf("rollcall")}` };
  return !(await isConnected(baseUrl, {}, asking)) && (await isConnected(baseUrl, credential, asking));
}

async function isConnected(baseUrl: string, headers: Record<string, string>, { network, transcript }: Asking) {
  try {
    const url = webSocketUrl(urlBelow(baseUrl, `${stompEndpoint}/websocket`));
    const transport = await openWebSocketTransport(url, { network, openTimeoutMs: connectWithinMs });
    await using connection = new StompConnection(transport, transcript, "detect");
    await connection.connect({ headers, deadlineMs: connectWithinMs });
    return true;
  } catch (error) {
    if (error instanceof TargetError || error instanceof TimeoutError) return false;
    throw error;
  }
}

const cannotTell = (baseUrl: string, path: string, { status, text }: Answer): TargetError =>
  new TargetError("refused", `Cannot tell what ${baseUrl} speaks: GET ${path} answered ${status} ${quoted(text, 120)}`);

function isInfo(text: string): boolean {
  try {
    const { websocket } = JSON.parse(text) as { websocket?: unknown };
    return typeof websocket === "boolean";
  } catch {
    return false;
  }
}
