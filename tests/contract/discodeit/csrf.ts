// Proofs of contract/discodeit/csrf.ts.

import { fetchCsrf } from "../../../systems/discodeit/client.ts";
import type { csrf as area } from "../../../contract/discodeit/csrf.ts";
import { csrfCookie } from "../../../systems/discodeit/wire.ts";
import { TargetError } from "../../../drivers/errors.ts";
import { jsonOf, type Answer, type RequestOptions, type RestClient } from "../../../drivers/rest.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { claim, Violation, type Proofs } from "../../../runner/proof.ts";
import type { Account } from "../../../runner/account-pool.ts";
import type { Channel } from "../../../runner/rooms.ts";
import type { World } from "../../../runner/world.ts";

const forbidden = (what: string, { status }: Answer): void => claim(status === 403, `${what} was answered ${status}`);

/** One request of each changing method, as a user sends them. */
function changes(
  { id }: Account,
  peer: Account,
  channel: Channel,
  email: string,
): [method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body: RequestOptions][] {
  return [
    ["POST", "/api/channels/private", { json: { participantIds: [id, peer.id] } }],
    ["PUT", "/api/auth/role", { json: { userId: id, newRole: "CHANNEL_MANAGER" } }],
    ["PATCH", `/api/users/${id}`, { multipart: [{ name: "userUpdateRequest", json: { newEmail: email } }] }],
    ["DELETE", `/api/channels/${channel.id}`, {}],
  ];
}

const privateIds = async (world: World, account: Account): Promise<string> =>
  (await world.system.channels(account.rest, account.id))
    .filter(({ type }) => type === "PRIVATE")
    .map(({ id }) => id)
    .toSorted()
    .join();

/** A user agent that holds a CSRF cookie. */
async function visitor(world: World): Promise<RestClient> {
  const rest = world.stranger();
  await fetchCsrf(rest);
  claim(rest.jar.cookies.has(csrfCookie), `csrf-token sets no cookie ${csrfCookie}`);
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
    if (world.revision === 2)
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
    const before = await privateIds(world, alice);
    for (const [method, path, body] of changes(alice, bob, channel, `${world.name("csrf")}@rollcall.example`))
      forbidden(
        `${method} ${path} without the header`,
        await alice.rest.request(method, path, { ...body, csrf: false }),
      );
    claim((await privateIds(world, alice)) === before, "a request without the header made or deleted a channel");
    const email = (await world.system.users(bob.rest)).find(({ id }) => id === alice.id)?.email;
    claim(email === alice.email, "a request without the header changed an e-mail address");
    await world.deleteChannel(channel);
  },

  "csrf.wrong-header-is-403": async (world) => {
    const [alice, bob] = await world.accounts(2);
    await world.privateChannel(alice, bob);
    const token = alice.rest.jar.cookies.get(csrfCookie)!.value;
    const before = await privateIds(world, alice);
    for (const wrong of [
      "wrong",
      `${token}x`,
      token.slice(0, -1),
      (token.startsWith("a") ? "b" : "a") + token.slice(1),
    ]) {
      forbidden(
        "a wrong header",
        await alice.rest.request("POST", "/api/channels/private", {
          json: { participantIds: [alice.id, bob.id] },
          csrf: wrong,
        }),
      );
    }
    claim((await privateIds(world, alice)) === before, "a request with a wrong header took effect");
  },

  "csrf.comes-before-the-token": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const rest = await visitor(world);
    for (const [method, path, body] of changes(alice, bob, channel, alice.email)) {
      forbidden(
        `${method} ${path} without header and bearer token`,
        await rest.request(method, path, { ...body, csrf: false, bearer: false }),
      );
      forbidden(
        `${method} ${path} without header and with a bad bearer token`,
        await rest.request(method, path, { ...body, csrf: false, bearer: "garbage" }),
      );
      const control = await rest.request(method, path, { ...body, bearer: "garbage" });
      claim(
        control.status === 401,
        `${method} ${path} with the header and a bad bearer token was answered ${control.status}`,
      );
    }
  },

  "csrf.guards-login": async (world) => {
    const { username, password } = await world.disposable(); // its login is the control
    const body = world.revision === 1 ? { json: { username, password } } : { form: { username, password } };
    for (const rest of [world.stranger(), await visitor(world)])
      forbidden(
        "a login without the header",
        await rest.request("POST", "/api/auth/login", { ...body, csrf: false, bearer: false }),
      );
  },

  "csrf.not-for-reading": async (world) => {
    const [alice] = await world.accounts(1);
    for (const path of ["/api/users", `/api/channels?userId=${alice.id}`, "/api/notifications"]) {
      const { status } = await world.stranger().request("GET", path, { bearer: alice.rest.accessToken! });
      claim(status === 200, `GET ${path} without a CSRF cookie was answered ${status}`);
    }
  },

  "csrf.spares-sockjs": async (world) => {
    const [alice] = await world.accounts(1);
    for (const transport of ["xhr-streaming", "xhr-polling"] as const) {
      try {
        await world.stomp(alice, { transport });
      } catch (error) {
        if (error instanceof TargetError && error.message.includes("403"))
          throw new Violation(`${transport}: ${error.message}`, diagnoses.sockjsCsrf);
        throw error;
      }
    }
  },
};
