// How does the page talk REST? With the access token in memory alone, the token against forgery from its cookie, and
// one renewal when the access token is no longer taken: tabs renew one after the other, because each renewal replaces
// the refresh cookie that they share. What fails is an `ApiError`, which views put into words.

import { csrfCookie, csrfHeader, requestIdHeader, upstreamHeader, type SystemName } from "../systems/discodeit/wire.ts";
import type { Journal } from "./journal.ts";
import { claimsOf, credentials, restoring, sessionOf, systemOf, type Session } from "./wire.ts";

export class ApiError extends Error {
  override readonly name = "ApiError";
  /** 0: nobody answered. */
  readonly status: number;
  readonly details: Readonly<Record<string, string>>;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, text: string, retryAfter: string | null) {
    const body = bodyOf(text);
    super(typeof body["message"] === "string" ? body["message"] : `status ${status}`);
    this.status = status;
    this.details = (body["details"] ?? {}) as Record<string, string>;
    this.retryAfterSeconds = retryAfter === null ? undefined : Number(retryAfter);
  }
}

function bodyOf(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {}; // a proxy's page, say
  }
}

/** A token that ends this soon is renewed before it is used. */
const earlyMs = 20_000;
const answerWithinMs = 30_000;

export class Api {
  system: SystemName = "discodeit-1";
  session: Session | undefined;
  readonly #journal: Journal;
  readonly #onEnd: () => void;
  #renewing: Promise<Session> | undefined;

  /** `onEnd` hears that the server ended the login. */
  constructor(journal: Journal, onEnd: () => void) {
    this.#journal = journal;
    this.#onEnd = onEnd;
  }

  /** Finds out which revision answers, and gets the token against forgery. */
  async greet(): Promise<void> {
    this.system = systemOf(await (await this.#ask("GET", "/api/auth/csrf-token")).text());
  }

  async logIn(username: string, password: string): Promise<Session> {
    const answer = await this.#ask("POST", "/api/auth/login", credentials(this.system, username, password));
    return (this.session = sessionOf(await answer.text()));
  }

  async restore(): Promise<Session> {
    const { method, path } = restoring[this.system];
    return await inTurn(async () => (this.session = sessionOf(await (await this.#ask(method, path)).text())));
  }

  async logOut(): Promise<void> {
    await this.#ask("POST", "/api/auth/logout");
  }

  /** A new access token; the login has ended when there is none. */
  async renew(): Promise<Session> {
    this.#renewing ??= inTurn(async () => sessionOf(await (await this.#ask("POST", "/api/auth/refresh")).text()))
      .then((session) => (this.session = session))
      .catch((error: unknown) => {
        if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429)
          this.#onEnd();
        throw error;
      })
      .finally(() => (this.#renewing = undefined));
    return await this.#renewing;
  }

  /** An access token that is good for a while. */
  async token(): Promise<string> {
    const { session } = this;
    if (session === undefined) throw new ApiError(401, "", null);
    const { exp } = claimsOf(session.accessToken);
    if (exp === undefined || exp * 1_000 - Date.now() > earlyMs) return session.accessToken;
    return (await this.renew()).accessToken;
  }

  async get<T>(path: string): Promise<T> {
    return (await (await this.#authorized("GET", path)).json()) as T;
  }

  async blob(path: string): Promise<Blob> {
    return await (await this.#authorized("GET", path)).blob();
  }

  async send<T>(method: "POST" | "PATCH" | "PUT" | "DELETE", path: string, body?: object): Promise<T> {
    const isForm = body instanceof FormData;
    const headers: Record<string, string> = isForm ? {} : { "Content-Type": "application/json" };
    const init = { body: isForm ? body : JSON.stringify(body), headers };
    const answer = await this.#authorized(method, path, body === undefined ? {} : init);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  /** For the sign-up, which needs no login. */
  async post(path: string, body: FormData): Promise<void> {
    await this.#ask("POST", path, { body });
  }

  async #authorized(
    method: string,
    path: string,
    init: Pick<RequestInit, "body"> & { headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const withToken = async (token: string): Promise<Response> =>
      await this.#ask(method, path, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } });
    try {
      return await withToken(await this.token());
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401 || this.session === undefined) throw error;
      return await withToken((await this.renew()).accessToken);
    }
  }

  async #ask(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (method !== "GET") headers.set(csrfHeader, cookieOf(csrfCookie));
    const startedMs = performance.now();
    const note = (status: string, response?: Response): void =>
      this.#journal.note({
        way: "out",
        kind: "rest",
        title: `${method} ${path.split("?", 1)[0]}`,
        id: response?.headers.get(requestIdHeader) ?? "",
        instance: response?.headers.get(upstreamHeader) ?? "",
        ageMs: undefined,
        text: `${method} ${path}\n${status} · ${Math.round(performance.now() - startedMs)} ms`,
      });
    let response: Response;
    try {
      const signal = AbortSignal.timeout(answerWithinMs);
      response = await fetch(path, { ...init, method, headers, signal, cache: "no-store" });
    } catch {
      note("no answer");
      throw new ApiError(0, "", null);
    }
    note(String(response.status), response);
    if (response.ok) return response;
    throw new ApiError(response.status, await response.text(), response.headers.get("Retry-After"));
  }
}

/** One tab at a time. Browsers have locks on secure origins, localhost included; elsewhere a race ends nothing. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const { locks } = navigator as Partial<Navigator>;
  return locks === undefined ? await work() : await locks.request("rollcall-session", work);
}

const cookieOf = (name: string): string =>
  document.cookie
    .split("; ")
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? "";
