// Proofs of contract/redis-chat/entry.ts.

import { z } from "zod";
import type { entry as area } from "../../../contract/redis-chat/entry.ts";
import type { Answer, RequestOptions } from "../../../drivers/rest.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, claimShape, jsonIn, readJson, type Proofs } from "../../../runner/proof.ts";
import { rely } from "../../../runner/steps.ts";
import { logInPath, signUpPath, tokenSeconds } from "../../../systems/redis-chat/wire.ts";
import { tokenOf } from "../../../systems/redis-chat/answers.ts";
import {
  createGroup,
  groups,
  historyOf,
  idIn,
  isAccepted,
  isForbidden,
  join,
  listIn,
  relyOn,
} from "../steps/redis-chat.ts";

const session = z.looseObject({ id: z.number(), token: z.string().min(1) });
const member = z.looseObject({ id: z.number(), name: z.string(), email: z.string() });
const claims = z.looseObject({ sub: z.string(), role: z.enum(["USER", "ADMIN"]), exp: z.number() });

const logIn = ({ rest }: Account, email: string, password: string): Promise<Answer> =>
  rest.request("POST", logInPath, { json: { email, password }, bearer: false });

/** Parts of a JWT as JSON text. */
const decoded = (part: string | undefined): string => Buffer.from(part ?? "", "base64url").toString("utf8");
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Tokens that nobody was given. */
function badTokens(token: string): string[] {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const other = signature.startsWith("A") ? "B" : "A";
  return [
    "garbage",
    `${header}.${payload}.${other}${signature.slice(1)}`,
    `${encoded({ alg: "none", typ: "JWT" })}.${payload}.`,
  ];
}

export const entry: Proofs<typeof area> = {
  "entry.sign-up-gives-the-id": async (world) => {
    const account = world.adopt(world.newcomer());
    const { username: name, email, password } = account;
    const answer = await account.rest.request("POST", signUpPath, { json: { name, email, password } });
    const { text } = answer;
    const id = jsonIn(text);
    account.id = String(idIn(answer) ?? "");
    claim(isAccepted(answer), `signing up is answered ${answer.status}`);
    claim(typeof id === "number", `the body of the answer is ${JSON.stringify(text.slice(0, 120))}`);
  },

  "entry.log-in-gives-the-token": async (world) => {
    const account = await world.disposable();
    const answer = await logIn(account, account.email, account.password);
    claim(isAccepted(answer), `a login is answered ${answer.status}`);
    const { id } = readJson(answer.text, session, "the answer to a login");
    rely("sign up", account.id !== "", "nobody knows the member's id");
    claim(String(id) === account.id, `the login says that member ${account.id} is ${id}`);
  },

  "entry.token-says-who": async (world) => {
    const account = await world.disposable();
    const atSeconds = world.now() / 1_000;
    const { text } = await logIn(account, account.email, account.password);
    const token = tokenOf(jsonIn(text));
    rely("log in", token !== undefined, "a login gives no token");
    const [header, payload] = token.split(".");
    const { alg } = (jsonIn(decoded(header)) as { alg?: unknown } | undefined) ?? {};
    claim(alg === "HS512", `the token is signed by ${JSON.stringify(alg)}`);
    const { sub, exp } = readJson(decoded(payload), claims, "the token's payload");
    claim(sub === account.email, `the sub of ${account.email} is ${sub}`);
    const seconds = Math.round(exp - atSeconds);
    claim(Math.abs(seconds - tokenSeconds) < 120, `the token lasts ${seconds} s`);
  },

  "entry.members-are-listed": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const answer = await alice.rest.request("GET", "/member/list");
    claim(isAccepted(answer), `GET /member/list is answered ${answer.status}`);
    const found = listIn<{ email?: unknown }>(answer).find(({ email }) => email === bob.email);
    claim(found !== undefined, `the list does not hold ${bob.email}`);
    claimShape(JSON.stringify(found), member, "a member in the list");
    const isTold = Object.entries(found).some(([name, value]) => /password/i.test(name) && (value ?? "") !== "");
    claim(!isTold, `the list says more of a member: ${Object.keys(found).join()}`);
  },

  "entry.taken-address-is-refused": async (world) => {
    const account = await world.disposable();
    const { email, password } = account;
    const taken = { name: world.name("taken"), email, password: `${password}-2` };
    const { status } = await account.rest.request("POST", signUpPath, { json: taken, bearer: false });
    claim(status >= 400, `signing up with an address that is taken is answered ${status}`);
    const owner = await logIn(account, email, password);
    claim(isAccepted(owner), `the login of the address's owner is answered ${owner.status} then`);
    const other = await logIn(account, email, taken.password);
    claim(other.status >= 400, `the password of the second sign-up is answered ${other.status}`);
  },

  "entry.wrong-password-is-refused": async (world) => {
    const account = await world.disposable();
    const { email, password } = account;
    relyOn("log in", await logIn(account, email, password));
    for (const [what, answer] of [
      ["a wrong password", await logIn(account, email, `${password}x`)],
      ["an unknown address", await logIn(account, `nobody-${email}`, password)],
    ] as const) {
      claim(tokenOf(jsonIn(answer.text)) === undefined, `${what} gets a token`);
    }
  },

  "entry.routes-need-a-token": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const { id } = await world.privateChannel(alice, bob);
    const routes = [
      ["GET", "/member/list"],
      ["GET", "/chat/my/rooms"],
      ["GET", "/chat/room/group/list"],
      ["GET", `/chat/history/${id}`],
      ["POST", `/chat/room/${id}/read`],
      ["POST", `/chat/room/group/${id}/join`],
      ["POST", `/chat/room/group/create?roomName=${world.name("nobody")}`],
      ["POST", `/chat/room/private/create?otherMemberId=${bob.id}`],
      ["DELETE", `/chat/room/group/${id}/leave`],
    ] as const;
    const open: string[] = [];
    for (const [method, path] of routes) {
      const answer = await world.stranger().request(method, path);
      // Where a route is elsewhere, nothing is behind this one.
      if (answer.status < 400 || answer.status >= 500) open.push(`${method} ${path} ${answer.status}`);
    }
    claim(open.length === 0, `without a token there are answers: ${open.join(", ")}`);
    relyOn("log in", await alice.rest.request("GET", "/chat/my/rooms"));
  },

  "entry.bad-token-does-nothing": async (world) => {
    const [alice] = await world.accounts(1);
    const own = world.name("own");
    relyOn("create a private channel", await createGroup(alice, own));
    const names: string[] = [];
    for (const [at, token] of badTokens(alice.rest.accessToken ?? "").entries()) {
      names.push(world.name(`bad-${at}`));
      const answer = await createGroup(alice, names[at]!, token);
      claim(isForbidden(answer), `the bad token ${at + 1} is answered ${answer.status}`);
    }
    const made = (await groups(alice)).map(({ roomName }) => roomName);
    rely("create a private channel", made.includes(own), "a room that was created is not in the list");
    claim(!names.some((name) => made.includes(name)), "a room was created with a token that was refused");
  },

  "entry.refusals-say-why": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const { id } = await world.privateChannel(alice, bob);
    const taken = { name: "taken", email: alice.email, password: alice.password };
    const post = (path: string, json: object, options: RequestOptions = {}): Promise<Answer> =>
      alice.rest.request("POST", path, { json, ...options });
    saysWhy(409, "a taken address", await post(signUpPath, taken, { bearer: false }));
    saysWhy(401, "a wrong password", await logIn(carol, carol.email, "no-such-password"));
    saysWhy(401, "no token", await alice.rest.request("GET", "/chat/my/rooms", { bearer: false }));
    saysWhy(404, "an unknown room", await join(alice, 999_999_999));
    saysWhy(403, "somebody else's history", await historyOf(carol, id));
    saysWhy(400, "a room without a name", await createGroup(alice, " "));
  },
};

function saysWhy(wanted: number, what: string, { status, text }: Answer): void {
  claim(status === wanted, `${what} is answered ${status}, not ${wanted}`);
  const { message, error } = (jsonIn(text) as { message?: unknown; error?: unknown } | undefined) ?? {};
  const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
  claim(isText(message) || isText(error), `${what} is answered without a message: ${JSON.stringify(text)}`);
}
