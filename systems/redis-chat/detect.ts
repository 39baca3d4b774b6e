// Whether a URL speaks redis-chat. It asks as nobody: SockJS greets at /connect, and a login that cannot succeed is
// refused at the system's own path. Many a server has its STOMP endpoint at /connect: that alone says little.

import { randomBytes } from "node:crypto";
import { TargetError } from "../../drivers/errors.ts";
import type { Network } from "../../drivers/network.ts";
import { RestClient, type Answer } from "../../drivers/rest.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import { logInPath, stompEndpoint } from "./wire.ts";
import { quoted } from "../../drivers/quoted.ts";

/** Throws TargetError that says what it saw instead. Leaves nothing behind. */
export async function detectRedisChat(baseUrl: string, network: Network): Promise<{ system: string; how: string }> {
  const transcript = new Transcript(new Secrets(), 20);
  const client = new RestClient({ rules: {}, baseUrl, network, transcript, label: "detect" });
  const path = `${stompEndpoint}/info`;
  const info = await client.request("GET", path, { bearer: false });
  if (info.status !== 200 || !isInfo(info.text)) throw cannotTell(baseUrl, `GET ${path}`, info);
  const name = randomBytes(8).toString("hex");
  const json = { email: `${name}@rollcall.example`, password: name };
  const login = await client.request("POST", logInPath, { json, bearer: false });
  if (login.status < 400 || login.status >= 500 || login.status === 404 || login.status === 405)
    throw cannotTell(baseUrl, `POST ${logInPath}`, login);
  return { system: "redis-chat", how: `${path} is SockJS's, and ${logInPath} refuses a stranger` };
}

const cannotTell = (baseUrl: string, request: string, { status, text }: Answer): TargetError =>
  new TargetError("refused", `Cannot tell what ${baseUrl} speaks: ${request} answered ${status} ${quoted(text, 120)}`);

function isInfo(text: string): boolean {
  try {
    const { websocket } = JSON.parse(text) as { websocket?: unknown };
    return typeof websocket === "boolean";
  } catch {
    return false;
  }
}
