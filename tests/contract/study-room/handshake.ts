// Proofs of contract/study-room/handshake.ts.

import type { handshake as area } from "../../../contract/study-room/handshake.ts";
import type { Answer, SetCookie } from "../../../drivers/rest.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import { rely } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { accessCookie, accessSecondsMax, refreshCookie, refreshSeconds } from "../../../systems/study-room/wire.ts";
import { accessTokenOf, cookieOf, handshakeStatus, isRefusal } from "../steps/study-room.ts";

/** Somebody whose own cookie opens a WebSocket: the control of every refusal. */
async function letIn(world: World): Promise<Account> {
  const [alice] = await world.accounts(1);
  await world.stomp(alice);
  return alice;
}

async function isRefused(world: World, headers: Record<string, string>, what: string): Promise<void> {
  const status = await handshakeStatus(world, headers);
  claim(isRefusal(status), `a handshake with ${what} is answered ${status}`);
}

async function logIn(world: World): Promise<{ account: Account; answer: Answer }> {
  const account = await world.disposable();
  const { email, password } = account;
  const answer = await account.rest.request("POST", "/api/auth/login", { json: { email, password } });
  rely("log in", answer.status === 200, `login is answered ${answer.status}`);
  return { account, answer };
}

const cookieIn = ({ setCookies }: Answer, name: string): SetCookie => {
  const found = setCookies.find((cookie) => cookie.name === name);
  claim(found !== undefined, `the answer sets no cookie ${name}`);
  return found;
};

export const handshake: Proofs<typeof area> = {
  "handshake.with-the-cookie": async (world) => {
    const [alice] = await world.accounts(1);
    const status = await handshakeStatus(world, cookieOf(accessTokenOf(alice)));
    claim(status === 101, `a handshake with the access cookie is answered ${status}`);
    await world.stomp(alice);
  },

  "handshake.without-a-cookie": async (world) => {
    await letIn(world);
    await isRefused(world, {}, "no cookie");
    await isRefused(world, { Cookie: "theme=dark" }, "another cookie");
  },

  "handshake.with-a-bad-cookie": async (world) => {
    const token = accessTokenOf(await letIn(world));
    const [head, payload, signature = ""] = token.split(".");
    const flipped = (signature.startsWith("A") ? "B" : "A") + signature.slice(1);
    await isRefused(world, cookieOf("garbage"), "a garbage cookie");
    await isRefused(world, cookieOf(`${head}.${payload}.${flipped}`), "a changed signature");
    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    await isRefused(world, cookieOf(`${none}.${payload}.`), "an unsigned token");
  },

  "handshake.refresh-token-is-no-access-token": async (world) => {
    const alice = await letIn(world);
    const token = alice.rest.jar.get(refreshCookie);
    claim(token !== undefined, `a login sets no cookie ${refreshCookie}`);
    await isRefused(world, cookieOf(token), "the refresh token as access token");
  },

  "handshake.ended-login-is-refused": async (world) => {
    const account = await world.disposable();
    const token = accessTokenOf(account);
    rely("connect", (await handshakeStatus(world, cookieOf(token))) === 101, "its cookie is refused");
    await world.logOut(account);
    await isRefused(world, cookieOf(token), "the cookie of an ended login");
    await world.logInAgain(account);
  },

  "handshake.foreign-origin-is-refused": async (world) => {
    const alice = await letIn(world);
    const headers = { ...cookieOf(accessTokenOf(alice)), Origin: "https://evil.example" };
    const status = await handshakeStatus(world, headers);
    claim(status === 403, `a handshake from https://evil.example is answered ${status}`);
  },

  "handshake.cookies-are-http-only": async (world) => {
    const { answer } = await logIn(world);
    for (const name of [accessCookie, refreshCookie])
      claim(cookieIn(answer, name).httpOnly === true, `${name} is not HttpOnly: scripts can read it`);
  },

  "handshake.cookies-last-as-said": async (world) => {
    const { answer } = await logIn(world);
    const seconds = { [accessCookie]: accessSecondsMax, [refreshCookie]: refreshSeconds };
    for (const [name, wanted] of Object.entries(seconds)) {
      const cookie = cookieIn(answer, name);
      claim(cookie.path === "/", `${name} has the path ${cookie.path}`);
      claim(cookie.maxAge === wanted, `${name} lasts ${cookie.maxAge} s, not ${wanted}`);
    }
    const lines = answer.headers.getSetCookie().filter((line) => /^(ACCESS|REFRESH)_TOKEN=/.test(line));
    claim(
      lines.every((line) => /;\s*samesite=(lax|strict|none)/i.test(line)),
      "a cookie says nothing of SameSite",
    );
  },

  "handshake.tokens-stay-out-of-the-body": async (world) => {
    const { answer } = await logIn(world);
    for (const name of [accessCookie, refreshCookie])
      claim(!answer.text.includes(cookieIn(answer, name).value), `the body of the login holds ${name}`);
  },

  "handshake.refresh-renews": async (world) => {
    const { account } = await logIn(world);
    const answer = await account.rest.request("POST", "/api/auth/refresh");
    claim(answer.status === 204, `refresh is answered ${answer.status}`);
    const status = await handshakeStatus(world, cookieOf(cookieIn(answer, accessCookie).value));
    claim(status === 101, `a handshake with the renewed cookie is answered ${status}`);
  },

  "handshake.refresh-needs-its-cookie": async (world) => {
    const { account } = await logIn(world);
    const good = await account.rest.request("POST", "/api/auth/refresh");
    rely("refresh a login", good.status === 204, `refresh is answered ${good.status}`);
    const bare = await world.stranger().request("POST", "/api/auth/refresh");
    claim(bare.status === 401, `refresh without a cookie is answered ${bare.status}`);
    const headers = { cookie: `${refreshCookie}=garbage` };
    const wrong = await world.stranger().request("POST", "/api/auth/refresh", { headers });
    claim(wrong.status === 401, `refresh with a garbage cookie is answered ${wrong.status}`);
  },

  "handshake.log-out-removes-the-cookies": async (world) => {
    const { account } = await logIn(world);
    const answer = await account.rest.request("POST", "/api/auth/logout");
    claim(answer.status === 204, `logout is answered ${answer.status}`);
    for (const name of [accessCookie, refreshCookie])
      claim(cookieIn(answer, name).maxAge === 0, `logout does not remove ${name}`);
    await world.logInAgain(account);
  },

  "handshake.a-bad-header-is-not-mended": async (world) => {
    const [alice] = await world.accounts(1);
    const good = await alice.rest.request("GET", "/api/users/me");
    rely("log in", good.status === 200, `GET /api/users/me is answered ${good.status}`);
    const { status } = await alice.rest.request("GET", "/api/users/me", { bearer: "garbage" });
    claim(status === 401, `a bad header beside a good cookie is answered ${status}`);
  },
};
