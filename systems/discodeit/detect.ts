// Which revision of Discodeit a URL speaks, if any. It asks as a client would and says how it knew.

import { randomBytes } from "node:crypto";
import type { SystemName } from "./wire.ts";
import { within } from "../../drivers/deadline.ts";
import { HarnessError, TargetError, TimeoutError } from "../../drivers/errors.ts";
import type { Network } from "../../drivers/network.ts";
import { RestClient, type Answer } from "../../drivers/rest.ts";
import { csrfRule, fetchCsrf, Discodeit, type NewUser } from "./client.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import { quoted } from "../../drivers/quoted.ts";

interface Detection {
  system: SystemName;
  how: string;
}

const told = {
  "discodeit-1": "login takes JSON and answers with a token string",
  "discodeit-2": "login takes form fields and answers with a JwtDto",
} as const;

/**
 * Signs a throw-away user up, logs it in as each revision does, and deletes it. Where that fails, or takes too long,
 * the answer to csrf-token decides. Throws TargetError when nothing does.
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
  try {
    return await tellByLogin(baseUrl, client, user, csrf, network.interrupt);
  } catch (error) {
    if (network.interrupt?.aborted !== true) throw error;
    const isAway = await within(takeAwayWithinMs, takeAway(client, user), () => false);
    const hint = isAway ? undefined : `The user ${username} may be left there`;
    throw new HarnessError(`Cannot tell what ${baseUrl} speaks: interrupted`, { cause: error, hint });
  }
}

/** After an interruption. */
const takeAwayWithinMs = 3_000;

/** Deletes the throw-away user, whose sign-up may have been cut off. False: it may be left there. */
async function takeAway(client: () => RestClient, user: NewUser): Promise<boolean> {
  try {
    for (const system of ["discodeit-1", "discodeit-2"] as const) {
      const [speaker, rest] = [new Discodeit(system), client()];
      if ((await logInAs(system, rest, user)) !== undefined) continue;
      const who = (await speaker.users(rest)).find(({ username }) => username === user.username);
      const { status } = await speaker.deleteUserAnswer(rest, who?.id ?? "");
      return status >= 200 && status < 300;
    }
    return false;
  } catch (error) {
    if (error instanceof TargetError || error instanceof TimeoutError) return false;
    throw error;
  }
}

async function tellByLogin(
  baseUrl: string,
  client: () => RestClient,
  user: NewUser,
  csrf: Answer,
  interrupt: AbortSignal | undefined,
): Promise<Detection> {
  const { username } = user;
  const byToken = (saw: string): Detection | undefined => {
    const system = systemByCsrf(csrf);
    const token = system === "discodeit-1" ? "with the token as JSON" : "without a body";
    return system && { system, how: `${saw}, but csrf-token answers ${csrf.status} ${token}` };
  };
  const signUp = await inTime(new Discodeit("discodeit-1").signUpAnswer(client(), user));
  if (signUp === undefined) {
    const saw = `sign-up was not answered in time (the user ${username} may be left there)`;
    return byToken(saw) ?? cannotTell(baseUrl, saw);
  }
  interrupt?.throwIfAborted(); // a sign-up is not cut off
  const userId = idOf(signUp);
  if (userId === undefined)
    return (
      byToken(`sign-up was answered ${signUp.status}`) ??
      cannotTell(
        baseUrl,
        `sign-up (POST /api/users, multipart) answered ${signUp.status} ${quoted(signUp.text, 120)}, no user`,
      )
    );
  const tried: string[] = [];
  for (const system of ["discodeit-1", "discodeit-2"] as const) {
    const rest = client();
    const answer = await logInAs(system, rest, user);
    if (answer === undefined) {
      const deletion = await inTime(new Discodeit(system).deleteUserAnswer(rest, userId));
      return { system, how: `${told[system]}${leftAfter(deletion, username)}` };
    }
    tried.push(answer);
  }
  const saw = `${tried.join(", ")}; the user ${username} was left there`;
  return byToken(saw) ?? cannotTell(baseUrl, saw);
}

/** What is to be said of the throw-away user after its deletion. */
function leftAfter(deletion: Answer | undefined, username: string): string {
  if (deletion === undefined) return ` (its user ${username} may be left there)`;
  const { status } = deletion;
  if (status >= 200 && status < 300) return "";
  return ` (its user ${username} was left there: its deletion was answered ${status})`;
}

function cannotTell(baseUrl: string, saw: string): never {
  throw new TargetError("refused", `Cannot tell what ${baseUrl} speaks: ${saw}`);
}

/** undefined: not in time. */
async function inTime<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof TimeoutError) return undefined;
    throw error;
  }
}

/** Undefined when the revision's login gives the revision's kind of token; else what happened. */
async function logInAs(system: SystemName, rest: RestClient, user: NewUser): Promise<string | undefined> {
  const speaker = new Discodeit(system);
  const form = system === "discodeit-1" ? "JSON" : "form";
  const answer = await inTime(speaker.logInAnswer(rest, user.username, user.password));
  if (answer === undefined) return `${form} login was not answered in time`;
  const isJson = answer.text.trim().startsWith("{");
  const what = `${form} login answered ${answer.status}`;
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
