// Proofs of contract/discodeit/login.ts. Terms: refresh cookie – the HttpOnly cookie that login sets, whatever its name; gap –
// tokens issued within the same second may be the same string, so nothing is renewed within 1.1 s of its login.

import { createHmac } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { TargetError } from "../../../drivers/errors.ts";
import type { login as area } from "../../../contract/discodeit/login.ts";
import { refreshCookie } from "../../../systems/discodeit/wire.ts";
import { jsonOf, type Answer, type RestClient, type SetCookie } from "../../../drivers/rest.ts";
import { tokenGapMs, type Account } from "../../../runner/account-pool.ts";
import { withRole } from "./accounts.ts";
import { forgedTokens } from "../shared/connect.ts";
import { connectionsEnd, connectionsStay } from "../steps/connections-end.ts";
import { says } from "../steps/look.ts";
import { accepted, ask, askWith, givesToken, guardedPath, refused } from "../steps/tokens.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { rely, step, type Step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { discodeitOf, logInAgain, posted, signUp } from "../steps/discodeit.ts";

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
  rely("keep a refresh cookie", cookie !== undefined, "login set no HttpOnly cookie");
  return { ...cookie };
}

/** A user agent that holds this refresh cookie and nothing else. */
function holderOf(world: World, cookie: SetCookie, value = cookie.value): RestClient {
  const rest = world.stranger("holder");
  rest.jar.store({ name: cookie.name, value });
  return rest;
}

const gap = (account: Account): Promise<void> =>
  wait(Math.max(0, account.loggedInAtMs + tokenGapMs - performance.now()));

/** The token of a login, of a refresh or of me, which must work; if `name` is given, that it does is another's to say. */
async function workingToken(world: World, path: string, answer: Answer, what: string, name?: Step): Promise<string> {
  const check = (condition: boolean, because: string): void =>
    name === undefined ? claim(condition, because) : rely(name, condition, because);
  check(answer.status === 200, `${what} was answered ${answer.status}`);
  const read = (): Promise<string> => Promise.resolve(discodeitOf(world).tokenOf(answer));
  const token = await (name === undefined ? read() : step(name, read));
  world.transcript.secrets.add(token);
  const { status } = await askWith(world, path, token);
  check(accepted({ status }), `the token of ${what} is answered ${status}`);
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
  const dto = discodeitOf(world).schemas.user.safeParse(userDto);
  claim(dto.success, () => `the token of ${what} has userDto ${JSON.stringify(userDto)}`);
  const { id, username, email } = dto.data;
  claim(
    id === account.id && says(username, account.username) && says(email, account.email),
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

/** Wrong credentials: no token, no refresh cookie. What a refusal repeats of what was sent opens nothing. */
async function refusedLogin(world: World, path: string, what: string, [username, password]: string[]): Promise<void> {
  const answer = await discodeitOf(world).logInAnswer(world.stranger(), username!, password!);
  claim(refused(answer), `${what} was answered ${answer.status}`);
  claim(!(await givesToken(world, path, answer, undefined)), `the answer to ${what} holds a token`);
  const cookie = refreshCookieIn(answer.setCookies);
  if (cookie === undefined) return;
  const renewed = await discodeitOf(world).renewAnswer(holderOf(world, cookie));
  claim(refused(renewed), `the answer to ${what} sets the refresh cookie ${cookie.name}`);
}

/** A login that works, and where its token is asked for. */
async function loggedIn(world: World): Promise<{ account: Account; path: string }> {
  const account = await world.disposable();
  const path = await guardedPath(world, account);
  const { status } = await ask(path, account.rest);
  rely("log in", accepted({ status }), `a fresh token is answered ${status}`);
  return { account, path };
}

/** The login of somebody who just signed up: where a second one fails, one clause says so. */
async function firstLogin(world: World): Promise<{ account: Account; answer: Answer }> {
  const { answer: signedUp, account } = await signUp(world, world.newcomer());
  rely("sign up", accepted(signedUp), `answered ${signedUp.status}`);
  return { account, answer: await logInAgain(world, account) };
}

/** Refreshes that must give nothing, each after a control with the cookie that is right. */
async function badRefreshes(
  world: World,
): Promise<{ path: string; answers: [what: string, answer: Answer, sent?: string][] }> {
  const { account, path } = await loggedIn(world);
  await gap(account);
  const control = await discodeitOf(world).renewAnswer(account.rest);
  await workingToken(world, path, control, "a refresh with its cookie", "refresh a login");
  const cookie = heldCookie(account);
  const changed = cookie.value.slice(0, -6) + (cookie.value.endsWith("AAAAAA") ? "BBBBBB" : "AAAAAA");
  const answers: [string, Answer, string?][] = [
    ["without a cookie", await discodeitOf(world).renewAnswer(world.stranger())],
    ["with a garbage cookie", await discodeitOf(world).renewAnswer(holderOf(world, cookie, "garbage")), "garbage"],
    ["with a changed cookie", await discodeitOf(world).renewAnswer(holderOf(world, cookie, changed)), changed],
  ];
  return { path, answers };
}

/** Logs out, where that it works is another's to say. */
async function logOut(world: World, account: Account): Promise<Answer> {
  const answer = await discodeitOf(world).logOutAnswer(account.rest);
  rely("end a login", accepted(answer), `answered ${answer.status}`);
  return answer;
}

async function deleteItself(world: World, account: Account): Promise<void> {
  const answer = await discodeitOf(world).deleteUserAnswer(account.rest, account.id);
  account.gone = accepted(answer);
  rely("delete a user", account.gone, `answered ${answer.status}`);
}

/** Readings that need a token, each with the step that it is for somebody who has one. */
const readings = (
  { id }: Account,
  channelId: string,
  fileId: string | undefined,
): readonly (readonly [step: Step, path: string])[] => [
  ["list users", "/api/users"],
  ["list channels", `/api/channels?userId=${id}`],
  ["read the history", `/api/messages?channelId=${channelId}`],
  ["list read statuses", `/api/readStatuses?userId=${id}`],
  ["read a file's metadata", `/api/binaryContents/${fileId}`],
  ["list notifications", "/api/notifications"],
];

/** A token that is right in all but the key that signed it. */
function signedByAnother(token: string): string {
  const [header, payload] = token.split(".") as [string, string, string];
  return `${header}.${payload}.${createHmac("sha256", "rollcall").update(`${header}.${payload}`).digest("base64url")}`;
}

export const login: Proofs<typeof area> = {
  "login.returns-the-token": async (world) => {
    const { account, answer } = await firstLogin(world);
    const token = await workingToken(world, await guardedPath(world, account), answer, "a login");
    const body = jsonOf(answer, "the answer to login");
    if (discodeitOf(world).revision === 1) claim(body === token, "the answer to login is no JSON string");
    else {
      const { userDto } = body as { userDto?: unknown };
      const dto = discodeitOf(world).schemas.user.safeParse(userDto);
      claim(
        dto.success && dto.data.id === account.id,
        () => `the answer to login has userDto ${JSON.stringify(userDto)}`,
      );
    }
    // Whoever comes back is let in, too.
    await logInAgain(world, account).catch((error: unknown) => {
      claim(
        !(error instanceof TargetError),
        () => `the first login works, the second does not: ${(error as Error).message}`,
      );
      throw error;
    });
  },

  "login.token-carries-the-user": async (world) => {
    const account = await world.disposable();
    const checkToken = async (what: string, name: Step, answer: Answer): Promise<void> => {
      rely(name, answer.status === 200, `${what} was answered ${answer.status}`);
      checkUserIn(world, account, what, await step(name, () => Promise.resolve(discodeitOf(world).tokenOf(answer))));
    };
    checkUserIn(world, account, "a login", account.rest.accessToken!);
    await checkToken("GET /api/auth/me", "renew a login by me", await discodeitOf(world).meAnswer(account.rest));
    await checkToken("a refresh", "refresh a login", await discodeitOf(world).renewAnswer(account.rest));
  },

  "login.sets-the-refresh-cookie": async (world) => {
    const { answer } = await firstLogin(world);
    claim(
      refreshCookieIn(answer.setCookies) !== undefined,
      `login sets ${answer.setCookies.map(({ name }) => name).join() || "no cookies"}, none of them an HttpOnly refresh cookie`,
    );
  },

  "login.cookie-name-and-path": async (world) => {
    const cookie = refreshCookieIn((await firstLogin(world)).answer.setCookies);
    rely("keep a refresh cookie", cookie !== undefined, "login set no HttpOnly cookie");
    claim(
      cookie.name === refreshCookie[discodeitOf(world).system] && cookie.path === "/",
      `the refresh cookie is ${cookie.name}, ${cookie.path === undefined ? "without a Path" : `Path=${cookie.path}`}`,
    );
  },

  "login.cookies-are-kept": async (world) => {
    const account = await world.disposable();
    await world.logInAgain(account);
    const { refused } = account.rest.jar;
    claim(
      refused.length === 0,
      () => `a browser throws away: ${refused.map(({ cookie, reason }) => `${cookie} (${reason})`).join(", ")}`,
      diagnoses.refusedCookie,
    );
  },

  "login.wrong-password-is-refused": async (world) => {
    const [alice] = await world.accounts(1);
    const path = await guardedPath(world, alice);
    await refusedLogin(world, path, "a wrong password", [alice.username, `${alice.password}x`]);
    await refusedLogin(world, path, "an unknown user", [world.newcomer().username, alice.password]);
  },

  "login.tokens-are-required": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const file = { name: "one.txt", contentType: "text/plain", bytes: Buffer.from("one") };
    const message = await posted(world, alice, channel, world.marker(), { attachments: [file] });
    const stranger = world.stranger();
    const open: string[] = [];
    const unclear: { step: Step; status: number }[] = [];
    for (const [step, path] of readings(alice, channel.id, message.attachments?.[0]?.id)) {
      const [control, answer] = [await alice.rest.request("GET", path), await stranger.request("GET", path)];
      if (!refused(answer)) open.push(`GET ${path.split("?")[0]} was answered ${answer.status}`);
      else if (!accepted(control)) unclear.push({ step, status: control.status });
    }
    const system = discodeitOf(world);
    const forged = world.marker("forged");
    for (const [what, attempt] of [
      ["POST /api/channels/private", () => system.privateChannelAnswer(stranger, [alice.id, bob.id])],
      [
        "POST /api/messages",
        () => system.postAnswer(stranger, { channelId: channel.id, authorId: alice.id, content: forged }),
      ],
      [
        "PATCH /api/messages",
        () => stranger.request("PATCH", `/api/messages/${message.id}`, { json: { newContent: forged } }),
      ],
      ["DELETE /api/messages", () => stranger.request("DELETE", `/api/messages/${message.id}`)],
      ["PUT /api/auth/role", () => system.roleAnswer(stranger, alice.id, "ADMIN")],
      ["DELETE /api/channels", () => system.deleteChannelAnswer(stranger, channel.id)],
    ] as const) {
      const answer = await attempt();
      if (!refused(answer)) open.push(`${what} was answered ${answer.status}`);
    }
    claim(open.length === 0, `without a token ${open.join(", ")}`);
    for (const { step, status } of unclear) rely(step, false, `with a token it is answered ${status}`);
    const stored = (await system.history(bob.rest, channel.id)).content;
    const kept = stored.find(({ id }) => id === message.id);
    claim(
      kept !== undefined && kept.content === message.content && !stored.some(({ content }) => content === forged),
      "a request without a token took effect",
    );
  },

  "login.no-token-is-401": async (world) => {
    const [alice] = await world.accounts(1);
    const path = await guardedPath(world, alice);
    const stranger = world.stranger();
    for (const [what, answer] of [
      [`GET ${path}`, await ask(path, stranger)],
      ["POST /api/channels/private", await discodeitOf(world).privateChannelAnswer(stranger, [])],
    ] as const) {
      rely("refuse who has no token", refused(answer), `${what} was answered ${answer.status}`);
      claim(answer.status === 401, `${what} was answered ${answer.status}`);
      claim(
        discodeitOf(world).schemas.error.safeParse(jsonOf(answer, `the refusal of ${what}`)).success,
        `the body of the 401 is ${JSON.stringify(answer.text.slice(0, 200))}`,
      );
    }
  },

  "login.bad-token-is-401": async (world) => {
    const [alice] = await world.accounts(1);
    const path = await guardedPath(world, alice);
    const token = alice.rest.accessToken!;
    rely("log in", accepted(await askWith(world, path, token)), "the token that the bad ones are made from is refused");
    for (const bad of [...forgedTokens(token), token.slice(0, -5), signedByAnother(token)]) {
      const { status } = await askWith(world, path, bad);
      claim(status === 401, `a bad token (${bad.length} characters, made from a good one) was answered ${status}`);
    }
  },

  "login.refresh-token-is-no-access-token": async (world) => {
    const [alice] = await world.accounts(1);
    const path = await guardedPath(world, alice);
    rely("log in", accepted(await ask(path, alice.rest)), "the access token is refused");
    const answer = await askWith(world, path, heldCookie(alice).value);
    claim(refused(answer), `the refresh token as bearer was answered ${answer.status}`);
  },

  "login.refresh-renews": async (world) => {
    const { account, path } = await loggedIn(world);
    await gap(account);
    await workingToken(world, path, await discodeitOf(world).renewAnswer(account.rest), "a refresh");
  },

  "login.refresh-rotates": async (world) => {
    const { account, path } = await loggedIn(world);
    const old = heldCookie(account);
    await gap(account);
    const answer = await discodeitOf(world).renewAnswer(account.rest);
    await workingToken(world, path, answer, "a refresh", "refresh a login");
    const next = refreshCookieIn(answer.setCookies);
    claim(next !== undefined && next.value !== old.value, "a refresh sets no new refresh cookie");
    const again = await discodeitOf(world).renewAnswer(holderOf(world, old));
    claim(refused(again), `the old refresh token was answered ${again.status}`);
    claim(
      !(await givesToken(world, path, again, old.value)),
      `the refusal of the old refresh token holds a token that works`,
    );
  },

  "login.refresh-without-cookie-gives-no-token": async (world) => {
    const { path, answers } = await badRefreshes(world);
    for (const [what, answer, sent] of answers)
      claim(
        !(await givesToken(world, path, answer, sent)),
        `a refresh ${what} was answered ${answer.status} with a token that works`,
      );
  },

  "login.bad-refresh-is-4xx": async (world) => {
    for (const [what, { status }] of (await badRefreshes(world)).answers)
      claim(status >= 400 && status < 500, `a refresh ${what} was answered ${status}`);
  },

  "login.me-gives-a-token": async (world) => {
    const { account, path } = await loggedIn(world);
    await gap(account);
    await workingToken(world, path, await discodeitOf(world).meAnswer(account.rest), "GET /api/auth/me");
  },

  "login.logout-status": async (world) => {
    const { status } = await logOut(world, await world.disposable());
    claim(status === (discodeitOf(world).revision === 1 ? 200 : 204), `answered ${status}`);
  },

  "login.logout-ends-the-login": async (world) => {
    const { account, path } = await loggedIn(world);
    const cookie = heldCookie(account);
    const answer = await discodeitOf(world).logOutAnswer(account.rest);
    claim(accepted(answer), `logout was answered ${answer.status}`);
    const after = await ask(path, account.rest);
    claim(refused(after), `after logout the access token is answered ${after.status}`);
    const renewed = await discodeitOf(world).renewAnswer(holderOf(world, cookie));
    claim(
      !(await givesToken(world, path, renewed, cookie.value)),
      `after logout the refresh cookie is answered ${renewed.status} with a token that works`,
    );
  },

  "login.logout-clears-the-cookie": async (world) => {
    const account = await world.disposable();
    const held = heldCookie(account);
    const answer = await logOut(world, account);
    const cleared = answer.setCookies.find(({ name }) => name === held.name);
    claim(cleared !== undefined && !account.rest.jar.cookies.has(held.name), `logout does not clear ${held.name}`);
    // A browser keeps a cookie that is cleared on another path; /api/auth is where both answers come from.
    const paths = [held, cleared].map(({ path }) => path ?? "/api/auth");
    claim(paths[0] === paths[1], `${held.name} was set on ${paths[0]} and is cleared on ${paths[1]}`);
  },

  "login.second-login-ends-the-first": async (world) => {
    const { account, path } = await loggedIn(world);
    const first = account.rest;
    await logInAgain(world, account);
    const [old, now] = [await ask(path, first), await ask(path, account.rest)];
    rely("log in again", accepted(now), `the second token is answered ${now.status}`);
    claim(refused(old), `after a second login the first token is answered ${old.status}`);
  },

  "login.several-logins": async (world) => {
    const { account, path } = await loggedIn(world);
    const first = account.rest;
    await logInAgain(world, account);
    const [old, now] = [await ask(path, first), await ask(path, account.rest)];
    rely("log in again", accepted(now), `the second token is answered ${now.status}`);
    claim(accepted(old), `with two logins the token of the first is answered ${old.status}`);
  },

  "login.connections-end-with-logout": async (world) => {
    const account = await world.disposable();
    await connectionsEnd(world, account, "a logout", () => logOut(world, account));
  },

  "login.connections-end-with-second-login": async (world) => {
    const account = await world.disposable();
    await connectionsEnd(world, account, "a second login", () => logInAgain(world, account));
  },

  "login.connections-end-with-role-change": async (world) => {
    const account = await world.disposable();
    const changeRole = (): Promise<void> =>
      withRole(world, account, "CHANNEL_MANAGER", (answer) => {
        rely("change a role", accepted(answer), `answered ${answer.status}`);
        return Promise.resolve();
      });
    await connectionsEnd(world, account, "a role change", changeRole);
  },

  "login.connections-end-with-deletion": async (world) => {
    const account = await world.disposable();
    await connectionsEnd(world, account, "a deletion", () => deleteItself(world, account));
  },

  "login.others-stay-connected": async (world) => {
    const account = await world.disposable();
    await connectionsStay(world, account, "a logout", () => logOut(world, account));
    await logInAgain(world, account);
    await connectionsStay(world, account, "a deletion", () => deleteItself(world, account));
  },
};
