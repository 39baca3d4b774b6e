// Proofs of contract/study-room/handshake.ts.

import type { handshake as area } from "../../../contract/study-room/handshake.ts";
import type { Answer, SetCookie } from "../../../drivers/rest.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import { rely } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { accessCookie, accessSecondsMax, refreshCookie, refreshSeconds } from "../../../systems/study-room/wire.ts";
import {
  accessTokenOf,
  cookieOf,
  handshakeStatus,
  isAccepted,
  isNoHandshake,
  isRefusal,
  relyOn,
} from "../steps/study-room.ts";

/** The token of somebody whose own cookie opens a WebSocket: the control of every refusal. */
async function letIn(world: World): Promise<{ alice: Account; token: string }> {
  const [alice] = await world.accounts(1);
  await world.stomp(alice);
  return { alice, token: tokenOf(alice) };
}

function tokenOf(account: Account): string {
  const token = accessTokenOf(account);
  rely("log in", token !== "", `a login sets no cookie ${accessCookie}`);
  return token;
}

async function isRefused(world: World, headers: Record<string, string>, what: string): Promise<void> {
  const status = await handshakeStatus(world, headers);
  claim(isNoHandshake(status), `a handshake with ${what} is answered ${status}`);
}

async function logIn(world: World): Promise<{ account: Account; answer: Answer }> {
  const account = await world.disposable();
  const { email, password } = account;
  const answer = await account.rest.request("POST", "/api/auth/login", { json: { email, password } });
  relyOn("log in", answer);
  return { account, answer };
}

const setIn = ({ setCookies }: Answer, name: string): SetCookie | undefined =>
  setCookies.find((cookie) => cookie.name === name);

const cookieIn = (answer: Answer, name: string): SetCookie => {
  const found = setIn(answer, name);
  claim(found !== undefined, `the answer sets no cookie ${name}`);
  return found;
};

export const handshake: Proofs<typeof area> = {
  "handshake.with-the-cookie": async (world) => {
    const [alice] = await world.accounts(1);
    const status = await handshakeStatus(world, world.handshakeHeaders(alice));
    claim(status === 101, `a handshake with the access cookie is answered ${status}`);
    await world.stomp(alice);
  },

  "handshake.without-a-cookie": async (world) => {
    await letIn(world);
    await isRefused(world, {}, "no cookie");
    await isRefused(world, { Cookie: "theme=dark" }, "another cookie");
  },

  "handshake.with-a-bad-cookie": async (world) => {
    const { token } = await letIn(world);
    const [head, payload, signature = ""] = token.split(".");
    const flipped = (signature.startsWith("A") ? "B" : "A") + signature.slice(1);
    await isRefused(world, cookieOf("garbage"), "a garbage cookie");
    await isRefused(world, cookieOf(`${head}.${payload}.${flipped}`), "a changed signature");
    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    await isRefused(world, cookieOf(`${none}.${payload}.`), "an unsigned token");
  },

  "handshake.refresh-token-is-no-access-token": async (world) => {
    const { alice } = await letIn(world);
    const token = alice.rest.jar.get(refreshCookie);
    rely("keep a refresh cookie", token !== undefined, `a login sets no cookie ${refreshCookie}`);
    await isRefused(world, cookieOf(token), "the refresh token as access token");
  },

  "handshake.ended-login-is-refused": async (world) => {
    const account = await world.disposable();
    const token = tokenOf(account);
    rely("connect", (await handshakeStatus(world, cookieOf(token))) === 101, "its cookie is refused");
    await world.logOut(account);
    await isRefused(world, cookieOf(token), "the cookie of an ended login");
    await world.logInAgain(account);
  },

  "handshake.foreign-origin-is-refused": async (world) => {
    const { token } = await letIn(world);
    const headers = { ...cookieOf(token), Origin: "https://evil.example" };
    const status = await handshakeStatus(world, headers);
    claim(isNoHandshake(status), `a handshake from https://evil.example is answered ${status}`);
  },

  "handshake.cookies-are-http-only": async (world) => {
    const { answer } = await logIn(world);
    const cookies = [cookieIn(answer, accessCookie), setIn(answer, refreshCookie)];
    for (const cookie of cookies)
      claim(cookie === undefined || cookie.httpOnly === true, `${cookie?.name} is not HttpOnly: scripts can read it`);
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
    rely("log in", setIn(answer, accessCookie) !== undefined, `it sets no cookie ${accessCookie}`);
    for (const name of [accessCookie, refreshCookie]) {
      const { value } = setIn(answer, name) ?? { value: "" };
      claim(value === "" || !answer.text.includes(value), `the body of the login holds ${name}`);
    }
  },

  "handshake.refresh-renews": async (world) => {
    const { account } = await logIn(world);
    const answer = await account.rest.request("POST", "/api/auth/refresh");
    claim(isAccepted(answer), `refresh is answered ${answer.status}`);
    const status = await handshakeStatus(world, cookieOf(cookieIn(answer, accessCookie).value));
    claim(status === 101, `a handshake with the renewed cookie is answered ${status}`);
  },

  "handshake.refresh-needs-its-cookie": async (world) => {
    const { account } = await logIn(world);
    const good = await account.rest.request("POST", "/api/auth/refresh");
    relyOn("refresh a login", good);
    const headers = { cookie: `${refreshCookie}=garbage` };
    for (const [what, options] of [
      ["without a cookie", {}],
      ["with a garbage cookie", { headers }],
    ] as const) {
      const answer = await world.stranger().request("POST", "/api/auth/refresh", options);
      claim(isRefusal(answer), `refresh ${what} is answered ${answer.status}`);
      claim((setIn(answer, accessCookie)?.value ?? "") === "", `refresh ${what} sets ${accessCookie}`);
    }
  },

  "handshake.log-out-removes-the-cookies": async (world) => {
    const { account } = await logIn(world);
    const answer = await account.rest.request("POST", "/api/auth/logout");
    claim(isAccepted(answer), `logout is answered ${answer.status}`);
    for (const name of [accessCookie, refreshCookie])
      claim(account.rest.jar.get(name) === undefined, `logout does not remove ${name}`);
    await world.logInAgain(account);
  },

  "handshake.a-bad-header-is-not-mended": async (world) => {
    const [alice] = await world.accounts(1);
    const good = await alice.rest.request("GET", "/api/users/me");
    relyOn("log in", good);
    const answer = await alice.rest.request("GET", "/api/users/me", { bearer: "garbage" });
    claim(isRefusal(answer), `a bad header beside a good cookie is answered ${answer.status}`);
  },
};
