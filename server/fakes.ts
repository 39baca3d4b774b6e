// What do the tests of the whole server talk to? An embedded instance in the test's own process, and a client that
// sends exactly what it is told, on a connection of its own: bytes in paths, headers and bodies that other clients
// would mend.

import { request as httpRequest } from "node:http";
import { PGlite } from "@electric-sql/pglite";
import { pino, type Logger } from "pino";
import { vi } from "vitest";
import { csrfCookie, csrfHeader, type SystemName } from "../systems/discodeit/wire.ts";
import { freePortVariables, type ServedSystem } from "../systems/served/wire.ts";
import { readConfig } from "./config.ts";
import { openInstance } from "./instance.ts";
import { lendStores } from "./store/lent-pglite.ts";
import { openStores } from "./store/open-store.ts";

export interface TestInstance extends AsyncDisposable {
  urls: Record<ServedSystem, string>;
  /** Every line of the log so far, as objects. */
  log: Record<string, unknown>[];
  /** From now on its embedded database fails, and nobody else's: others in this process are used meanwhile. */
  breakDatabase(because: string): { mockRestore(): void };
}

/** `breaks`: the test breaks the embedded database (`breakDatabase`), so it gets one of its own. */
export async function openTestInstance(
  variables: Readonly<Record<string, string>> = {},
  { breaks = false } = {},
): Promise<TestInstance> {
  const log: Record<string, unknown>[] = [];
  const logger: Logger = pino(
    { level: "info" },
    { write: (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const created = breaks ? vi.spyOn(PGlite, "create") : undefined;
  const instance = await openInstance(
    readConfig({ ...freePortVariables, PASSWORD_COST_LOG2: "10", INSTANCE: "test", ...variables }),
    logger,
    (url, systems) => (url === undefined && !breaks ? lendStores(systems) : openStores(url, systems)),
  );
  const database = (await created?.mock.results.at(-1)?.value) as PGlite | undefined;
  created?.mockRestore();
  return {
    urls: instance.urls,
    log,
    breakDatabase: (because) => {
      if (database === undefined) throw new Error("its database is lent: open it with { breaks: true }");
      return vi.spyOn(database, "execProtocolRawStream").mockRejectedValue(new Error(because));
    },
    [Symbol.asyncDispose]: () => instance.drain(),
  };
}

export interface Asked {
  headers?: Record<string, string>;
  body?: string | Buffer;
  token?: string;
  cookie?: string;
  /** The loopback address to come from: each is another client to the server. */
  from?: string;
}

export interface Answered {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** Sends one request with a CSRF token; the path goes out as it is. */
export function ask(
  base: string,
  method: string,
  path: string,
  { headers = {}, body, token, cookie, from }: Asked = {},
): Promise<Answered> {
  const { hostname, port } = new URL(base);
  const csrf = "t".repeat(32);
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const request = httpRequest({
    host: hostname,
    port,
    method,
    path,
    agent: false,
    ...(from === undefined ? {} : { localAddress: from }),
    headers: {
      [csrfHeader]: csrf,
      cookie: [`${csrfCookie}=${csrf}`, ...(cookie === undefined ? [] : [cookie])].join("; "),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
  });
  request.on("error", reject);
  request.on("response", (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", reject);
    response.on("end", () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        text: Buffer.concat(chunks).toString("utf8"),
      }),
    );
  });
  request.end(body);
  return promise;
}

export const askJson = (
  base: string,
  method: string,
  path: string,
  value: unknown,
  asked: Asked = {},
): Promise<Answered> =>
  ask(base, method, path, {
    ...asked,
    body: JSON.stringify(value),
    headers: { "content-type": "application/json", ...asked.headers },
  });

/** A body of multipart/form-data, from its parts' heads and bodies, as they are. */
export function multipart(parts: readonly [head: string, body: string | Buffer][]): Pick<Asked, "body" | "headers"> {
  const boundary = "b".repeat(24);
  const chunks = parts.flatMap(([head, body]) => [
    Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`, "latin1"),
    Buffer.from(body),
    Buffer.from("\r\n"),
  ]);
  return {
    body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
  };
}

const signUpForm = (user: object): Pick<Asked, "body" | "headers"> =>
  multipart([
    [
      'Content-Disposition: form-data; name="userCreateRequest"\r\nContent-Type: application/json',
      JSON.stringify(user),
    ],
  ]);

export const logInAt = (
  system: SystemName,
  base: string,
  username: string,
  password: string,
  asked: Asked = {},
): Promise<Answered> =>
  system === "discodeit-1"
    ? askJson(base, "POST", "/api/auth/login", { username, password }, asked)
    : ask(base, "POST", "/api/auth/login", {
        ...asked,
        body: new URLSearchParams({ username, password }).toString(),
        headers: { "content-type": "application/x-www-form-urlencoded", ...asked.headers },
      });

export interface TestUser {
  id: string;
  username: string;
  password: string;
  token: string;
  /** The refresh cookie, as `name=value`. */
  cookie: string;
}

let count = 0;

/** The token and the refresh cookie of a login's answer. */
export function sessionOf(answer: Answered): { token: string; cookie: string } {
  if (answer.status !== 200) throw new Error(`login: ${answer.status} ${answer.text}`);
  const body = JSON.parse(answer.text) as string | { accessToken: string };
  const cookies = [answer.headers["set-cookie"] ?? []].flat();
  return {
    token: typeof body === "string" ? body : body.accessToken,
    cookie: cookies.find((cookie) => /^refresh_token=/i.test(cookie))?.split(";")[0] ?? "",
  };
}

/** Signs a new user up and logs in. */
export async function newUser(
  system: SystemName,
  base: string,
  asked: Asked = {},
  username = `user${(count += 1)}`,
): Promise<TestUser> {
  const password = "passw0rd!";
  const signedUp = await ask(base, "POST", "/api/users", {
    ...asked,
    ...signUpForm({ username, email: `u${(count += 1)}@x.org`, password }),
  });
  if (signedUp.status !== 201) throw new Error(`sign-up of ${username}: ${signedUp.status} ${signedUp.text}`);
  const { id } = JSON.parse(signedUp.text) as { id: string };
  return { id, username, password, ...sessionOf(await logInAt(system, base, username, password, asked)) };
}
