// Which revision of Discodeit a URL speaks, if any. It asks as a client would and says how it knew.

import { randomBytes } from "node:crypto";
import type { SystemName } from "./wire.ts";
import { TargetError } from "../../drivers/errors.ts";
import type { Network } from "../../drivers/network.ts";
import { RestClient, type Answer } from "../../drivers/rest.ts";
import { csrfRule, fetchCsrf, Discodeit, type NewUser } from "./client.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";

interface Detection {
  system: SystemName;
  how: string;
}

const told = {
  "discodeit-1": "login takes JSON and answers with a token string",
  "discodeit-2": "login takes form fields and answers with a JwtDto",
} as const;

/**
 * Signs a throw-away user up, logs it in as each revision does, and deletes it. Throws TargetError when neither works.
 */
export async function detectDiscodeit(baseUrl: string, network: Network): Promise<Detection> {
  const client = (): RestClient =>
    new RestClient({
      rules: { csrf: csrfRule },
      baseUrl,
      network,
      transcript: new Transcript(new Secrets(), 20),
      label: "detect",
    });
  const csrf = await fetchCsrf(client());
  if (csrf.status === 404)
    throw new TargetError(
      "refused",
      `Cannot find a chat server at ${baseUrl}: GET /api/auth/csrf-token answered 404. Is the base path right?`,
    );
  const username = `r${randomBytes(6).readUIntBE(0, 6).toString(36).padStart(9, "0").slice(-9)}`;
  const user = {
    username,
    email: `${username}@rollcall.example`,
    password: `${randomBytes(9).toString("base64url")}a1!`,
  };
  const signUp = await new Discodeit("discodeit-1").signUpAnswer(client(), user);
  const userId = idOf(signUp);
  const byToken = systemByCsrf(csrf);
  if (userId === undefined && byToken !== undefined)
    return {
      system: byToken,
      how: `sign-up was answered ${signUp.status}, but csrf-token answers ${csrf.status} ${byToken === "discodeit-1" ? "with the token as JSON" : "without a body"}`,
    };
  if (userId === undefined)
    throw new TargetError(
      "refused",
      `Cannot tell what ${baseUrl} speaks: sign-up (POST /api/users, multipart) answered ${signUp.status} ${JSON.stringify(signUp.text.slice(0, 120))}, no user`,
    );
  const tried: string[] = [];
  for (const system of ["discodeit-1", "discodeit-2"] as const) {
    const rest = client();
    const answer = await logInAs(system, rest, user);
    if (answer === undefined) {
      await new Discodeit(system).deleteUserAnswer(rest, userId);
      return { system, how: told[system] };
    }
    tried.push(answer);
  }
  throw new TargetError(
    "refused",
    `Cannot tell what ${baseUrl} speaks: ${tried.join(", ")}. The user ${username} was left there`,
  );
}

/** Undefined when the revision's login gives the revision's kind of token; else what happened. */
async function logInAs(system: SystemName, rest: RestClient, user: NewUser): Promise<string | undefined> {
  const speaker = new Discodeit(system);
  const answer = await speaker.logInAnswer(rest, user.username, user.password);
  const isJson = answer.text.trim().startsWith("{");
  const what = `${system === "discodeit-1" ? "JSON" : "form"} login answered ${answer.status}`;
  if (answer.status !== 200 || isJson !== (system === "discodeit-2"))
    return `${what}${isJson ? " with an object" : ""}`;
  try {
    rest.accessToken = speaker.tokenOf(answer);
    return undefined;
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return `${what} without a token`;
  }
}

function idOf({ status, text }: Answer): string | undefined {
  if (status < 200 || status > 299) return undefined;
  try {
    const { id } = JSON.parse(text) as { id?: unknown };
    return typeof id === "string" ? id : undefined;
  } catch {
    return undefined;
  }
}

/** The revisions differ in the answer to csrf-token: the token object as JSON, or no body. */
function systemByCsrf({ status, text }: Answer): SystemName | undefined {
  if (status < 200 || status > 299) return undefined;
  if (text === "") return "discodeit-2";
  return text.includes('"token"') ? "discodeit-1" : undefined;
}
