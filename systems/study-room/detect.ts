// Whether a URL speaks study-room. It asks as nobody: a login that cannot succeed is refused in the system's wrapper,
// and in nothing that merely resembles it. A server that refuses it for another reason, CSRF say, is another system.

import { randomBytes } from "node:crypto";
import { TargetError } from "../../drivers/errors.ts";
import type { Network } from "../../drivers/network.ts";
import { RestClient } from "../../drivers/rest.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import { quoted } from "../../drivers/quoted.ts";

/** Throws TargetError that says what it saw instead. Leaves nothing behind. */
export async function detectStudyRoom(baseUrl: string, network: Network): Promise<{ system: string; how: string }> {
  const transcript = new Transcript(new Secrets(), 20);
  const client = new RestClient({ rules: {}, baseUrl, network, transcript, label: "detect" });
  const name = randomBytes(8).toString("hex");
  const json = { email: `${name}@rollcall.example`, password: name };
  const { status, text } = await client.request("POST", "/api/auth/login", { json, bearer: false });
  if ((status === 400 || status === 401) && isWrapper(text))
    return { system: "study-room", how: "a refused login is answered with { success, data, message }" };
  throw new TargetError(
    "refused",
    `Cannot tell what ${baseUrl} speaks: POST /api/auth/login answered ${status} ${quoted(text, 120)}`,
  );
}

/** `data` is null in a refusal, and may be left out. */
function isWrapper(text: string): boolean {
  try {
    const { success, data = null, message, ...others } = JSON.parse(text) as Record<string, unknown>;
    return success === false && data === null && typeof message === "string" && Object.keys(others).length === 0;
  } catch {
    return false;
  }
}
