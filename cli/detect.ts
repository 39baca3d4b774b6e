// Which system a URL speaks, when nobody said so. It asks as a client would and says how it knew.

import { randomBytes } from "node:crypto";
import type { SystemName } from "../contract/wire.ts";
import { TargetError } from "../drivers/errors.ts";
import type { Network } from "../drivers/network.ts";
import { RestClient } from "../drivers/rest.ts";
import { Discodeit } from "../drivers/systems/discodeit.ts";
import { Secrets, Transcript } from "../drivers/transcript.ts";

export interface Detection {
  system: SystemName;
  how: string;
}

/** Signs a throw-away user up, logs it in as each revision does, and deletes it. Throws TargetError when neither works. */
export async function detectSystem(baseUrl: string, network: Network): Promise<Detection> {
  const client = (): RestClient => new RestClient({ baseUrl, network, transcript: new Transcript(new Secrets(), 20), label: "detect" });
  const csrf = await client().fetchCsrf();
  if (csrf.status === 404) throw new TargetError("refused", `Cannot find a chat server at ${baseUrl}: GET /api/auth/csrf-token answered 404. Is the base path right?`);
  const username = `rollcall-detect-${randomBytes(4).toString("hex")}`;
  const password = `${randomBytes(9).toString("base64url")}a1!`;
  const first = new Discodeit("discodeit-1");
  const signUp = await first.signUpAnswer(client(), { username, email: `${username}@rollcall.example`, password });
  if (signUp.status < 200 || signUp.status > 299) {
    throw new TargetError("refused", `Cannot tell what ${baseUrl} speaks: sign-up (POST /api/users, multipart) answered ${signUp.status} ${JSON.stringify(signUp.text.slice(0, 120))}. Say it with --system`);
  }
  const user = JSON.parse(signUp.text) as { id: string };
  const tried: string[] = [];
  for (const system of ["discodeit-1", "discodeit-2"] as const) {
    const speaker = new Discodeit(system);
    const rest = client();
    const answer = await speaker.logInAnswer(rest, username, password);
    const isJson = answer.text.trim().startsWith("{");
    if (answer.status === 200 && isJson === (system === "discodeit-2")) {
      rest.accessToken = speaker.tokenOf(answer);
      await speaker.deleteUserAnswer(rest, user.id);
      return { system, how: system === "discodeit-1" ? "login takes JSON and answers with a token string" : "login takes form fields and answers with a JwtDto" };
    }
    tried.push(`${system === "discodeit-1" ? "JSON" : "form"} login answered ${answer.status}`);
  }
  throw new TargetError("refused", `Cannot tell what ${baseUrl} speaks: ${tried.join(", ")}. Say it with --system; the user ${username} was left there`);
}
