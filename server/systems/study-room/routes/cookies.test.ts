// What do cookies do over time and behind a proxy? A whole instance of the study rooms, asked as a browser would.

import { once } from "node:events";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { openTestInstance } from "../../../fakes.ts";

const person = { email: "ann@x.org", password: "passw0rd!", nickname: "ann" };

const post = (base: string, path: string, headers: Record<string, string> = {}, body?: object): Promise<Response> =>
  fetch(`${base}${path}`, {
    method: "POST",
    headers: { ...headers, ...(body && { "Content-Type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });

const cookiesOf = (answer: Response): string =>
  answer.headers
    .getSetCookie()
    .map((line) => line.split(";", 1)[0])
    .join("; ");

/** The status of a handshake. */
async function handshake(base: string, cookie: string): Promise<number> {
  const socket = new WebSocket(`${base.replace("http", "ws")}/ws`, { headers: { cookie } });
  socket.on("error", () => undefined);
  const opened = once(socket, "open").then(() => 101);
  const refused = once(socket, "unexpected-response").then(
    ([, response]) => (response as { statusCode: number }).statusCode,
  );
  const status = await Promise.race([opened, refused]);
  socket.terminate();
  return status;
}

test("an access cookie that expired opens nothing; the refresh cookie gives one that does", async () => {
  await using instance = await openTestInstance({ SYSTEMS: "study-room", ACCESS_TOKEN_SECONDS: "3" });
  const base = instance.urls["study-room"];
  const signedUp = await post(base, "/api/auth/signup", {}, person);
  expect(signedUp.status).toBe(201);
  const cookies = cookiesOf(signedUp);
  await expect.poll(() => handshake(base, cookies), { timeout: 10_000 }).toBe(401);
  const renewed = await post(base, "/api/auth/refresh", { cookie: cookies });
  expect(renewed.status).toBe(204);
  expect(await handshake(base, cookiesOf(renewed))).toBe(101);
  const bare = await post(base, "/api/auth/refresh");
  expect([bare.status, await bare.text()]).toEqual([401, ""]);
});

test("behind TLS cookies are Secure and sent from other sites; refusals come in the wrapper", async () => {
  await using instance = await openTestInstance({ SYSTEMS: "study-room", TRUSTED_PROXIES: "loopback" });
  const base = instance.urls["study-room"];
  const plain = await post(base, "/api/auth/signup", {}, person);
  for (const line of plain.headers.getSetCookie()) expect(line).toMatch(/^(?!.*Secure).*HttpOnly; SameSite=Lax/);
  const { email, password } = person;
  const login = await post(base, "/api/auth/login", { "X-Forwarded-Proto": "https" }, { email, password });
  for (const line of login.headers.getSetCookie()) expect(line).toMatch(/HttpOnly; Secure; SameSite=None/);
  const taken = await post(base, "/api/auth/signup", {}, person);
  expect([taken.status, await taken.json()]).toEqual([409, { success: false, data: null, message: "email is taken" }]);
  const wrong = await post(base, "/api/auth/signup", {}, { ...person, password: "1" });
  expect(wrong.status).toBe(400);
  expect(((await wrong.json()) as { message: string }).message).toMatch(/^password: /);
});

test("whoever guesses passwords is asked to wait, as in other systems", async () => {
  await using instance = await openTestInstance({ SYSTEMS: "study-room" });
  const base = instance.urls["study-room"];
  const guess = { email: "bob@x.org", password: "wrong" };
  for (let count = 0; count < 10; count++) expect((await post(base, "/api/auth/login", {}, guess)).status).toBe(401);
  const refused = await post(base, "/api/auth/login", {}, guess);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
});
