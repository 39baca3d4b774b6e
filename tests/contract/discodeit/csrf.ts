// Proofs of contract/discodeit/csrf.ts.

import { fetchCsrf, idIn } from "../../../systems/discodeit/client.ts";
import type { csrf as area } from "../../../contract/discodeit/csrf.ts";
import { csrfCookie } from "../../../systems/discodeit/wire.ts";
import { TargetError } from "../../../drivers/errors.ts";
import { jsonOf, type Answer, type RequestOptions, type RestClient } from "../../../drivers/rest.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { claim, Violation, type Proofs } from "../../../runner/proof.ts";
import { rely } from "../../../runner/steps.ts";
import type { Account } from "../../../runner/account-pool.ts";
import type { Channel } from "../../../runner/rooms.ts";
import type { World } from "../../../runner/world.ts";
import { lookUntil } from "../steps/look.ts";
import { accepted, ask, guardedPath, refused } from "../steps/tokens.ts";
import { discodeitOf } from "../steps/discodeit.ts";

const forbidden = (what: string, { status }: Answer): void => claim(status === 403, `${what} was answered ${status}`);

/** One request of each changing method, as a user sends them. The change of the user changes nothing. */
function changes(
  { id, username, email, password }: Account,
  peer: Account,
  channel: Channel,
): [method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body: RequestOptions][] {
  const same = { newUsername: username, newEmail: email, newPassword: password };
  return [
    ["POST", "/api/channels/private", { json: { participantIds: [id, peer.id] } }],
    ["PUT", "/api/auth/role", { json: { userId: id, newRole: "CHANNEL_MANAGER" } }],
    ["PATCH", `/api/users/${id}`, { multipart: [{ name: "userUpdateRequest", json: same }] }],
    ["DELETE", `/api/channels/${channel.id}`, {}],
  ];
}

/**
 * How this target refuses a missing header, as it does with a good token. With which status it should is for one clause
 * to say.
 */
async function refusalOf(world: World, account: Account, peer: Account): Promise<number> {
  const json = { participantIds: [account.id, peer.id] };
  const answer = await account.rest.request("POST", "/api/channels/private", { json, csrf: false });
  const id = idIn(answer);
  if (accepted(answer) && id !== undefined) world.keep(id, account);
  rely("refuse who sends no CSRF header", refused(answer), `answered ${answer.status}`);
  return answer.status;
}

const privateIds = async (world: World, account: Account): Promise<string> =>
  (await discodeitOf(world).channels(account.rest, account.id))
    .filter(({ type }) => type === "PRIVATE")
    .map(({ id }) => id)
    .toSorted()
    .join();

/** A user agent that holds a CSRF cookie. */
async function visitor(world: World): Promise<RestClient> {
  const rest = world.stranger();
  await fetchCsrf(rest);
  rely("get a CSRF token", rest.jar.cookies.has(csrfCookie), `csrf-token sets no cookie ${csrfCookie}`);
  return rest;
}

export const csrf: Proofs<typeof area> = {
  "csrf.token-is-given": async (world) => {
    const { status, setCookies } = await fetchCsrf(world.stranger());
    claim(status >= 200 && status < 300, `answered ${status}`);
    const cookie = setCookies.find(({ name }) => name === csrfCookie);
    claim(cookie !== undefined && cookie.value !== "", `no cookie ${csrfCookie} is set`);
    claim(cookie.httpOnly !== true, `${csrfCookie} is HttpOnly, so that no script can repeat it`);
  },

  "csrf.token-status": async (world) => {
    const answer = await fetchCsrf(world.stranger());
    rely("get a CSRF token", accepted(answer), `answered ${answer.status}`);
    if (discodeitOf(world).revision === 2)
      return claim(
        answer.status === 203 && answer.text === "",
        `answered ${answer.status} with ${answer.text.length} characters`,
      );
    claim(answer.status === 200, `answered ${answer.status}`);
    const body = jsonOf(answer, "the CSRF token") as { token?: unknown } | null;
    claim(typeof body?.token === "string", `the body is ${answer.text.slice(0, 200)}`);
  },

  "csrf.missing-header-is-403": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob); // the control of POST: the same request with the header
    const seen = await lookUntil(
      world,
      () => privateIds(world, alice),
      (ids) => ids.includes(channel.id),
    );
    rely("list channels", seen.includes(channel.id), "a new channel is not in the list");
    for (const [method, path, body] of changes(alice, bob, channel)) {
      const answer = await alice.rest.request(method, path, { ...body, csrf: false });
      forbidden(`${method} ${path} without the header`, answer);
    }
    claim((await privateIds(world, alice)) === seen, "a request without the header made or deleted a channel");
  },

  "csrf.wrong-header-is-403": async (world) => {
    const [alice, bob] = await world.accounts(2);
    await world.privateChannel(alice, bob); // the control: the same request with the header
    const refusal = await refusalOf(world, alice, bob);
    const cookie = alice.rest.jar.cookies.get(csrfCookie);
    rely("get a CSRF token", cookie !== undefined, `csrf-token sets no cookie ${csrfCookie}`);
    const token = cookie.value;
    const before = await privateIds(world, alice);
    for (const wrong of [
      "wrong",
      `${token}x`,
      token.slice(0, -1),
      (token.startsWith("a") ? "b" : "a") + token.slice(1),
    ]) {
      const json = { participantIds: [alice.id, bob.id] };
      const { status } = await alice.rest.request("POST", "/api/channels/private", { json, csrf: wrong });
      claim(status === refusal, `a wrong header was answered ${status}, a missing one ${refusal}`);
    }
    claim((await privateIds(world, alice)) === before, "a request with a wrong header took effect");
  },

  "csrf.comes-before-the-token": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const refusal = await refusalOf(world, alice, bob);
    const rest = await visitor(world);
    for (const [method, path, body] of changes(alice, bob, channel)) {
      const control = await rest.request(method, path, { ...body, bearer: "garbage" });
      rely("refuse who has no token", refused(control), `with a bad one ${method} ${path} is ${control.status}`);
      // Refusals that look the same say nothing about which came first.
      const name = refusal === 403 ? "refuse a bad token with 401" : "refuse who sends no CSRF header";
      rely(name, control.status !== refusal, `a missing header and a bad token are both answered ${refusal}`);
      for (const [what, bearer] of [
        ["without header and bearer token", false],
        ["without header and with a bad bearer token", "garbage"],
      ] as const) {
        const { status } = await rest.request(method, path, { ...body, csrf: false, bearer });
        claim(
          status === refusal,
          `${method} ${path} ${what} was answered ${status}, without header and with a good token ${refusal}`,
        );
      }
    }
  },

  "csrf.guards-login": async (world) => {
    const [alice, bob] = await world.accounts(2);
    await refusalOf(world, alice, bob);
    const { username, password } = await world.disposable(); // its login is the control
    const body =
      discodeitOf(world).revision === 1 ? { json: { username, password } } : { form: { username, password } };
    for (const rest of [world.stranger(), await visitor(world)]) {
      const answer = await rest.request("POST", "/api/auth/login", { ...body, csrf: false, bearer: false });
      claim(refused(answer), `a login without the header was answered ${answer.status}`);
    }
  },

  "csrf.not-for-reading": async (world) => {
    const [alice] = await world.accounts(1);
    const guarded = await guardedPath(world, alice);
    for (const path of [guarded, "/api/users", `/api/channels?userId=${alice.id}`, "/api/notifications"]) {
      const control = await ask(path, alice.rest);
      if (!accepted(control)) continue; // that is for the clauses about this list to say
      const { status } = await world.stranger().request("GET", path, { bearer: alice.rest.accessToken! });
      if (status === control.status) continue;
      // Nor is it this clause's to say that a list fails when it is read again.
      const again = await ask(path, alice.rest);
      claim(!accepted(again), `GET ${path} without a CSRF cookie was answered ${status}`);
    }
  },

  "csrf.spares-sockjs": async (world) => {
    const [alice] = await world.accounts(1);
    for (const transport of ["xhr-streaming", "xhr-polling"] as const) {
      try {
        await world.stomp(alice, { transport });
      } catch (error) {
        if (error instanceof TargetError && /\b403\b/.test(error.message))
          throw new Violation(`${transport}: ${error.message}`, diagnoses.sockjsCsrf);
        throw error;
      }
    }
  },
};
