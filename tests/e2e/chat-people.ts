// People who have used the chat page before: signed up and logged in over REST, as the page does it, and their browser
// holds what the page keeps there. Who signs up on the page itself is for the tests that are about it.

import { request, type APIRequestContext, type APIResponse, type Browser, type BrowserContext } from "playwright-core";
import { csrfCookie, csrfHeader, type SystemName } from "../../systems/discodeit/wire.ts";
import { credentials, sessionOf, type Session } from "../../web/wire.ts";
import { password } from "./chat-page.ts";
import { openPerson } from "./tab.ts";

/** Where web/app.ts keeps who is logged in. */
const sessionKey = "rollcall.user";

interface Known extends Session {
  api: APIRequestContext;
}

/** Throws when the server says no. */
async function ask(api: APIRequestContext, path: string, options: Parameters<APIRequestContext["post"]>[1] = {}) {
  const { cookies } = await api.storageState();
  const csrf = cookies.find(({ name }) => name === csrfCookie)?.value ?? "";
  const answer: APIResponse = await api.post(path, { ...options, headers: { ...options.headers, [csrfHeader]: csrf } });
  if (!answer.ok()) throw new Error(`POST ${path} was answered ${answer.status()} ${await answer.text()}`);
  return answer;
}

async function signUp(system: SystemName, url: string, username: string): Promise<Known> {
  const api = await request.newContext({ baseURL: url });
  await api.get("/api/auth/csrf-token");
  const buffer = Buffer.from(JSON.stringify({ username, email: `${username}@example.com`, password }));
  const userCreateRequest = { name: "blob", mimeType: "application/json", buffer };
  await ask(api, "/api/users", { multipart: { userCreateRequest } });
  const { body, headers } = credentials(system, username, password);
  const type = { "Content-Type": "application/x-www-form-urlencoded", ...(headers as Record<string, string>) };
  const answer = await ask(api, "/api/auth/login", {
    data: (body as string | URLSearchParams).toString(),
    headers: type,
  });
  return { api, ...sessionOf(await answer.text()) };
}

/** Their browsers, which open the pages at these addresses, and a private channel of theirs. */
export async function knownPair(
  browser: Browser,
  system: SystemName,
  people: readonly [{ name: string; url: string }, { name: string; url: string }],
): Promise<{ persons: [BrowserContext, BrowserContext]; channelId: string }> {
  const { url } = people[0];
  const known = await Promise.all(people.map(({ name }) => signUp(system, url, name)));
  const [{ api, accessToken }] = known as [Known, Known];
  const answer = await ask(api, "/api/channels/private", {
    data: { participantIds: known.map(({ user }) => user.id) },
    headers: { Authorization: `Bearer ${accessToken}` },
  });
  const { id: channelId } = (await answer.json()) as { id: string };
  const persons = await Promise.all(
    known.map(async ({ api, user }, at) => {
      const { cookies } = await api.storageState();
      await api.dispose();
      const localStorage = [{ name: sessionKey, value: user.id }];
      const origins = [{ origin: new URL(people[at]!.url).origin, localStorage }];
      return await openPerson(browser, { storageState: { cookies, origins } });
    }),
  );
  return { persons: persons as [BrowserContext, BrowserContext], channelId };
}
