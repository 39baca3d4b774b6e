// Proofs of contract/discodeit/login.ts. Terms: refresh cookie – the HttpOnly cookie that login sets, whatever its name; gap –
// tokens issued within the same second may be the same string, so nothing is renewed within 1.1 s of its login.

import { createHmac } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { login as area } from "../../../contract/discodeit/login.ts";
import { refreshCookie } from "../../../systems/discodeit/wire.ts";
import { jsonOf, type Answer, type RestClient, type SetCookie } from "../../../drivers/rest.ts";
import { tokenGapMs, type Account } from "../../../runner/account-pool.ts";
import { accepted, refused, withRole } from "./accounts.ts";
import { forgedTokens } from "../shared/connect.ts";
import { connectionsEnd } from "../steps/connections-end.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import type { World } from "../../../runner/world.ts";

/** A servlet container's own session cookie is HttpOnly too. */
function refreshCookieIn(cookies: Iterable<SetCookie>): SetCookie | undefined {
  const candidates = [...cookies].filter(
    ({ httpOnly, name, value }) => httpOnly === true && name !== "JSESSIONID" && value !== "",
  );
  return candidates.find(({ name }) => /refresh/i.test(name)) ?? candidates[0];
}

/** The refresh cookie that an account holds. */
function heldCookie(account: Account): SetCookie {
  const cookie = refreshCookieIn(account.rest.jar.cookies.values());
  claim(cookie !== undefined, "login set no HttpOnly cookie");
  return { ...cookie };
}

/** A user agent that holds this refresh cookie and nothing else. */
function holderOf(world: World, cookie: SetCookie, value = cookie.value): RestClient {
  const rest = world.stranger("holder");
  rest.jar.store({ name: cookie.name, value });
  return rest;
}

const holdsToken = ({ text }: Answer): boolean => /[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/.test(text);

const reads = (rest: RestClient, bearer?: string): Promise<Answer> =>
  rest.request("GET", "/api/users", bearer === undefined ? {} : { bearer });

const gap = (account: Account): Promise<void> =>
  wait(Math.max(0, account.loggedInAtMs + tokenGapMs - performance.now()));

/** Reads the token of a login, refresh or me, and requires that it works. */
async function workingToken(world: World, answer: Answer, what: string): Promise<string> {
  claim(answer.status === 200, `${what} was answered ${answer.status}`);
  const token = world.system.tokenOf(answer);
  world.transcript.secrets.add(token);
  const { status } = await reads(world.stranger(), token);
  claim(status === 200, `the token of ${what} is answered ${status}`);
  return token;
}

/** What the web client of revision 1 reads from a token: it has no other way to know who is logged in. */
function checkUserIn(world: World, account: Account, what: string, token: string): void {
  world.transcript.secrets.add(token);
  const claims = claimsOf(token);
  claim(claims !== undefined, `the token of ${what} is no JWT with JSON claims`);
  const { sub, iat, exp, userDto } = claims;
  claim(sub === account.username, `the token of ${what} has sub ${JSON.stringify(sub)}, not the user name`);
  claim(
    typeof iat === "number" && typeof exp === "number" && exp > iat,
    `the token of ${what} has iat ${String(iat)} and exp ${String(exp)}`,
  );
  const dto = world.system.schemas.user.safeParse(userDto);
  claim(dto.success, () => `the token of ${what} has userDto ${JSON.stringify(userDto)}`);
  const { id, username, email } = dto.data;
  claim(
    id === account.id && username === account.username && email === account.email,
    () => `the token of ${what} carries another user: ${JSON.stringify(userDto)}`,
  );
}

/** The claims of a JWT, unverified; undefined when they are no JSON object. */
function claimsOf(token: string): Record<string, unknown> | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null ? (claims as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Wrong credentials: no token, no cookie. */
async function refusedLogin(world: World, what: string, username: string, password: string): Promise<void> {
  const answer = await world.system.logInAnswer(world.stranger(), username, password);
  claim(refused(answer), `${what} was answered ${answer.status}`);
  claim(!holdsToken(answer), `the answer to ${what} holds a token`);
  claim(
    refreshCookieIn(answer.setCookies) === undefined,
    `the answer to ${what} sets cookie ${refreshCookieIn(answer.setCookies)?.name}`,
  );
}

/** A token that is right in all but the key that signed it. */
function signedByAnother(token: string): string {
  const [header, payload] = token.split(".") as [string, string, string];
  return `${header}.${payload}.${createHmac("sha256", "rollcall").update(`${header}.${payload}`).digest("base64url")}`;
}

export const login: Proofs<typeof area> = {
  "login.returns-the-token": async (world) => {
    const account = await world.disposable();
    const answer = await world.logInAgain(account);
    const token = await workingToken(world, answer, "a login");
    const body = jsonOf(answer, "the answer to login");
    if (world.revision === 1) return claim(body === token, "the answer to login is no JSON string");
    const { userDto } = body as { userDto?: unknown };
    const dto = world.system.schemas.user.safeParse(userDto);
    claim(
      dto.success && dto.data.id === account.id,
      () => `the answer to login has userDto ${JSON.stringify(userDto)}`,
    );
  },

  "login.token-carries-the-user": async (world) => {
    const account = await world.disposable();
    const checkToken = (what: string, answer: Answer): void => {
      claim(answer.status === 200, `${what} was answered ${answer.status}`);
      checkUserIn(world, account, what, world.system.tokenOf(answer));
    };
    checkUserIn(world, account, "a login", account.rest.accessToken!);
    checkToken("GET /api/auth/me", await world.system.meAnswer(account.rest));
    checkToken("a refresh", await world.system.renewAnswer(account.rest));
  },

  "login.sets-the-refresh-cookie": async (world) => {
    const answer = await world.logInAgain(await world.disposable());
    claim(
      refreshCookieIn(answer.setCookies) !== undefined,
      `login sets ${answer.setCookies.map(({ name }) => name).join() || "no cookies"}, none of them an HttpOnly refresh cookie`,
    );
  },

  "login.cookie-name-and-path": async (world) => {
    const cookie = refreshCookieIn((await world.logInAgain(await world.disposable())).setCookies);
    claim(
      cookie?.name === refreshCookie[world.target.system] && cookie.path === "/",
      `the refresh cookie is ${cookie?.name}, Path=${cookie?.path}`,
    );
  },

  "login.wrong-password-is-refused": async (world) => {
    const [alice] = await world.accounts(1);
    await refusedLogin(world, "a wrong password", alice.username, `${alice.password}x`);
    await refusedLogin(world, "an unknown user", world.name("nobody"), alice.password);
    const { status } = await reads(alice.rest); // a failed login ends nobody's
    claim(status === 200, `after a failed login the user's token is answered ${status}`);
  },

  "login.tokens-are-required": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const file = { name: "one.txt", contentType: "text/plain", bytes: Buffer.from("one") };
    const message = await world.post(alice, channel, world.marker(), { attachments: [file] });
    const stranger = world.stranger();
    for (const path of [
      "/api/users",
      `/api/channels?userId=${alice.id}`,
      `/api/messages?channelId=${channel.id}`,
      `/api/readStatuses?userId=${alice.id}`,
      `/api/binaryContents/${message.attachments?.[0]?.id}`,
      "/api/notifications",
    ]) {
      const [control, answer] = [await alice.rest.request("GET", path), await stranger.request("GET", path)];
      claim(control.status === 200, `GET ${path} with a token was answered ${control.status}`);
      claim(refused(answer), `GET ${path} without a token was answered ${answer.status}`);
    }
    const { system } = world;
    for (const [what, attempt] of [
      ["POST /api/channels/private", () => system.privateChannelAnswer(stranger, [alice.id, bob.id])],
      [
        "POST /api/messages",
        () => system.postAnswer(stranger, { channelId: channel.id, authorId: alice.id, content: world.marker() }),
      ],
      [
        "PATCH /api/messages",
        () => stranger.request("PATCH", `/api/messages/${message.id}`, { json: { newContent: world.marker() } }),
      ],
      ["DELETE /api/messages", () => stranger.request("DELETE", `/api/messages/${message.id}`)],
      ["PUT /api/auth/role", () => system.roleAnswer(stranger, alice.id, "ADMIN")],
      ["DELETE /api/channels", () => system.deleteChannelAnswer(stranger, channel.id)],
    ] as const) {
      const answer = await attempt();
      claim(refused(answer), `${what} without a token was answered ${answer.status}`);
    }
    const stored = (await system.history(bob.rest, channel.id)).content;
    claim(stored.length === 1 && stored[0]!.content === message.content, "a request without a token took effect");
  },

  "login.no-token-is-401": async (world) => {
    const stranger = world.stranger();
    for (const [what, answer] of [
      ["GET /api/users", await reads(stranger)],
      ["POST /api/channels/private", await world.system.privateChannelAnswer(stranger, [])],
    ] as const) {
      claim(answer.status === 401, `${what} was answered ${answer.status}`);
      claim(
        world.system.schemas.error.safeParse(jsonOf(answer, `the refusal of ${what}`)).success,
        `the body of the 401 is ${JSON.stringify(answer.text.slice(0, 200))}`,
      );
    }
  },

  "login.bad-token-is-401": async (world) => {
    const [alice] = await world.accounts(1);
    const token = alice.rest.accessToken!;
    claim(
      (await reads(world.stranger(), token)).status === 200,
      "the token that the bad ones are made from is refused",
    );
    for (const bad of [...forgedTokens(token), token.slice(0, -5), signedByAnother(token)]) {
      const { status } = await reads(world.stranger(), bad);
      claim(status === 401, `a bad token (${bad.length} characters, made from a good one) was answered ${status}`);
    }
  },

  "login.refresh-token-is-no-access-token": async (world) => {
    const [alice] = await world.accounts(1);
    claim((await reads(world.stranger(), alice.rest.accessToken)).status === 200, "the access token is refused");
    const answer = await reads(world.stranger(), heldCookie(alice).value);
    claim(refused(answer), `the refresh token as bearer was answered ${answer.status}`);
  },

  "login.refresh-renews": async (world) => {
    const account = await world.disposable();
    await gap(account);
    await workingToken(world, await world.system.renewAnswer(account.rest), "a refresh");
  },

  "login.refresh-rotates": async (world) => {
    const account = await world.disposable();
    const old = heldCookie(account);
    await gap(account);
    const answer = await world.system.renewAnswer(account.rest);
    await workingToken(world, answer, "a refresh");
    const next = refreshCookieIn(answer.setCookies);
    claim(next !== undefined && next.value !== old.value, "a refresh sets no new refresh cookie");
    const again = await world.system.renewAnswer(holderOf(world, old));
    claim(refused(again) && !holdsToken(again), `the old refresh token was answered ${again.status}`);
  },

  "login.refresh-without-cookie-gives-no-token": async (world) => {
    const account = await world.disposable();
    await gap(account);
    const renewed = await world.system.renewAnswer(account.rest); // the control: with its cookie there is a token
    claim(holdsToken(renewed), `a refresh with its cookie was answered ${renewed.status} without a token`);
    const cookie = heldCookie(account);
    const changed = cookie.value.slice(0, -6) + (cookie.value.endsWith("AAAAAA") ? "BBBBBB" : "AAAAAA");
    for (const [what, rest] of [
      ["without a cookie", world.stranger()],
      ["with a garbage cookie", holderOf(world, cookie, "garbage")],
      ["with a changed cookie", holderOf(world, cookie, changed)],
    ] as const) {
      const answer = await world.system.renewAnswer(rest);
      claim(!holdsToken(answer), `a refresh ${what} was answered ${answer.status} with a token`);
    }
  },

  "login.me-gives-a-token": async (world) => {
    const account = await world.disposable();
    await gap(account);
    await workingToken(world, await world.system.meAnswer(account.rest), "GET /api/auth/me");
  },

  "login.logout-status": async (world) => {
    const account = await world.disposable();
    const { status } = await world.system.logOutAnswer(account.rest);
    claim(status === (world.revision === 1 ? 200 : 204), `answered ${status}`);
  },

  "login.logout-ends-the-login": async (world) => {
    const account = await world.disposable();
    const cookie = heldCookie(account);
    claim((await reads(account.rest)).status === 200, "a fresh token is refused");
    const answer = await world.system.logOutAnswer(account.rest);
    claim(accepted(answer), `logout was answered ${answer.status}`);
    const after = await reads(account.rest);
    claim(refused(after), `after logout the access token is answered ${after.status}`);
    const renewed = await world.system.renewAnswer(holderOf(world, cookie));
    claim(!holdsToken(renewed), `after logout the refresh cookie is answered ${renewed.status} with a token`);
  },

  "login.logout-clears-the-cookie": async (world) => {
    const account = await world.disposable();
    const held = heldCookie(account);
    const answer = await world.system.logOutAnswer(account.rest);
    claim(accepted(answer), `logout was answered ${answer.status}`);
    const cleared = answer.setCookies.find(({ name }) => name === held.name);
    claim(cleared !== undefined && !account.rest.jar.cookies.has(held.name), `logout does not clear ${held.name}`);
    // A browser keeps a cookie that is cleared on another path; /api/auth is where both answers come from.
    const paths = [held, cleared].map(({ path }) => path ?? "/api/auth");
    claim(paths[0] === paths[1], `${held.name} was set on ${paths[0]} and is cleared on ${paths[1]}`);
  },

  "login.second-login-ends-the-first": async (world) => {
    const account = await world.disposable();
    const first = account.rest;
    claim((await reads(first)).status === 200, "the first token is refused before the second login");
    await world.logInAgain(account);
    const [old, now] = [await reads(first), await reads(account.rest)];
    claim(now.status === 200, `the second token is answered ${now.status}`);
    claim(old.status === 401, `after a second login the first token is answered ${old.status}`);
  },

  "login.several-logins": async (world) => {
    const account = await world.disposable();
    const first = account.rest;
    await world.logInAgain(account);
    const [old, now] = [await reads(first), await reads(account.rest)];
    claim(
      old.status === 200 && now.status === 200,
      `with two logins the tokens are answered ${old.status} and ${now.status}`,
    );
  },

  "login.connections-end-with-logout": async (world) => {
    const account = await world.disposable();
    await connectionsEnd(world, account, "a logout", async () => {
      const answer = await world.system.logOutAnswer(account.rest);
      claim(accepted(answer), `logout was answered ${answer.status}`);
    });
  },

  "login.connections-end-with-second-login": async (world) => {
    const account = await world.disposable();
    await connectionsEnd(world, account, "a second login", () => world.logInAgain(account));
  },

  "login.connections-end-with-role-change": async (world) => {
    const account = await world.disposable();
    const changeRole = (): Promise<void> =>
      withRole(world, account, "CHANNEL_MANAGER", (answer) => {
        claim(answer.status === 200, `the role change was answered ${answer.status}`);
        return Promise.resolve();
      });
    await connectionsEnd(world, account, "a role change", changeRole);
  },

  "login.connections-end-with-deletion": async (world) => {
    const account = await world.disposable();
    await connectionsEnd(world, account, "a deletion", async () => {
      const answer = await world.system.deleteUserAnswer(account.rest, account.id);
      account.gone = accepted(answer);
      claim(account.gone, `the deletion was answered ${answer.status}`);
    });
  },
};
