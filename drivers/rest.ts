// One user agent over HTTP, as a browser is one: cookies by the rules, compressed answers, an Origin where it was given
// one; with the CSRF double submit and a bearer token. A careful client: it reads header value and cookie together,
// because some servers move the CSRF cookie with each answer.

import { FormData, getSetCookies, type Headers } from "undici";
import { CookieJar, type SetCookie } from "./cookies.ts";
import { acceptEncoding } from "./encoding.ts";
import { exchange } from "./exchange.ts";
import { parseJson } from "./json.ts";
import { urlBelow, withHeaders, type Network } from "./network.ts";
import { originHeaders } from "./page.ts";
import type { Transcript } from "./transcript.ts";
import { cutAt } from "./quoted.ts";

export type { SetCookie };

export interface Answer {
  status: number;
  headers: Headers;
  setCookies: SetCookie[];
  /** The body, decoded. */
  bytes: Buffer;
  text: string;
  /** Octets of the body on the wire: fewer than `bytes` when it came compressed. */
  receivedBytes: number;
}

export interface RequestOptions {
  json?: unknown;
  /** Sent as it is, with `contentType`. */
  text?: string;
  contentType?: string;
  form?: Record<string, string>;
  multipart?: readonly Part[];
  headers?: Record<string, string>;
  /** false: without the bearer token, or with this one instead. */
  bearer?: false | string;
  /** false: without the CSRF header; a string: with this one. */
  csrf?: false | string;
}

export interface Part {
  name: string;
  /** JSON parts carry their own Content-Type: without it some servers answer 500. */
  json?: unknown;
  file?: { name: string; contentType: string; bytes: Uint8Array };
}

/** Reads a JSON body. Throws TargetError "malformed" with the beginning of what came instead. */
export const jsonOf = (answer: Answer, what: string): unknown =>
  parseJson(answer.text, `${what}: status ${answer.status}`);

/** Against forged requests: a GET of `path` sets the cookie, and unsafe requests repeat its value in the header. */
export interface CsrfRule {
  path: string;
  cookie: string;
  header: string;
}

/** What a system asks of every request. */
export interface HttpRules {
  csrf?: CsrfRule | undefined;
  /** Once, before the first unsafe request of a jar. */
  prepare?: ((rest: RestClient) => Promise<unknown>) | undefined;
  /** Headers of one request; sees the client at the moment of sending, so that header and cookie agree. */
  headers?: ((request: { method: string; rest: RestClient }) => Record<string, string>) | undefined;
}

/** Jars for which `prepare` was begun. */
const prepared = new WeakMap<CookieJar, Promise<unknown>>();

interface RestOptions {
  baseUrl: string;
  network: Network;
  transcript: Transcript;
  label: string;
  rules?: HttpRules | undefined;
  jar?: CookieJar;
  /** What is sent as Origin with each request, instead of what the network's page sends; null: nothing. */
  origin?: string | null | undefined;
  accessToken?: string | undefined;
  account?: object | undefined;
}

export class RestClient {
  readonly baseUrl: string;
  readonly jar: CookieJar;
  readonly label: string;
  readonly origin: string | null | undefined;
  accessToken: string | undefined;
  /** Whose client it is, for rules that ask. */
  account: object | undefined;
  readonly #rules: HttpRules;
  readonly #network: Network;
  readonly #transcript: Transcript;

  constructor(options: RestOptions) {
    this.baseUrl = options.baseUrl;
    this.#rules = options.rules ?? {};
    this.account = options.account;
    this.#network = options.network;
    this.#transcript = options.transcript;
    this.label = options.label;
    this.jar = options.jar ?? new CookieJar();
    this.origin = options.origin;
    this.accessToken = options.accessToken;
  }

  /** The same user agent (jar and token as they are now) at another instance, or noting to another transcript. */
  at(options: { baseUrl?: string; transcript?: Transcript; label?: string }): RestClient {
    return new RestClient({
      baseUrl: options.baseUrl ?? this.baseUrl,
      network: this.#network,
      transcript: options.transcript ?? this.#transcript,
      label: options.label ?? this.label,
      rules: this.#rules,
      account: this.account,
      jar: this.jar,
      origin: this.origin,
      accessToken: this.accessToken,
    });
  }

  /** This value is shown nowhere from now on. */
  hide(secret: string): void {
    this.#transcript.secrets.add(secret);
  }

  /**
   * Sends one request and reads the whole answer, whatever its status. Throws as `exchange` does when there is none, or
   * none that can be read.
   */
  async request(
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS",
    path: string,
    options: RequestOptions = {},
  ): Promise<Answer> {
    const changes = method === "POST" || method === "PUT" || method === "PATCH" || method === "DELETE";
    if (changes) await this.#prepare();
    const rule = changes && options.csrf !== false ? this.#rules.csrf : undefined;
    if (rule !== undefined && options.csrf === undefined && !this.jar.cookies.has(rule.cookie))
      await this.request("GET", rule.path);
    const url = urlBelow(this.baseUrl, path);
    const headers: Record<string, string> = {
      "accept-encoding": acceptEncoding,
      ...originHeaders({ network: this.#network, origin: this.origin }, method, url),
    };
    if (options.bearer !== false && (options.bearer ?? this.accessToken) !== undefined)
      headers["authorization"] = `Bearer ${options.bearer ?? this.accessToken}`;
    if (rule !== undefined) headers[rule.header] = options.csrf || this.jar.cookies.get(rule.cookie)?.value || "";
    const cookie = this.jar.header(url);
    if (cookie !== "") headers["cookie"] = cookie;
    const { body, contentType } = bodyOf(options);
    if (contentType !== undefined) headers["content-type"] = contentType;
    const ruled = withHeaders(headers, this.#rules.headers?.({ method, rest: this }));
    const all = withHeaders(ruled, options.headers);
    this.#transcript.note(`rest ${this.label}`, "sent", `${method} ${url}${describeBody(options)}`);
    for (let waitedMs = 0; ;) {
      const answer = this.#answerOf(url, await exchange(this.#network, { method, url, headers: all, body }));
      this.#transcript.note(`rest ${this.label}`, "received", `${answer.status} ${cutAt(answer.text, 1_000)}`);
      const told = { status: answer.status, retryAfter: answer.headers.get("retry-after") };
      const waitMs = await this.#network.rateLimit?.waits(`${method} ${path.split("?", 1)[0]}`, told, waitedMs);
      if (waitMs === undefined) return answer;
      waitedMs += Math.max(waitMs, 1);
    }
  }

  async #prepare(): Promise<void> {
    const { prepare } = this.#rules;
    if (prepare === undefined) return;
    let begun = prepared.get(this.jar);
    if (begun === undefined) prepared.set(this.jar, (begun = prepare(this)));
    // What did not work is tried again by the next one.
    await begun.catch((error: unknown) => {
      prepared.delete(this.jar);
      throw error;
    });
  }

  #answerOf(url: string, received: Pick<Answer, "status" | "headers" | "bytes" | "receivedBytes">): Answer {
    const setCookies = getSetCookies(received.headers) as SetCookie[];
    for (const { value } of setCookies) this.#transcript.secrets.add(value);
    for (const line of received.headers.getSetCookie()) this.jar.storeLine(line, url);
    return { ...received, setCookies, text: received.bytes.toString("utf8") };
  }
}

function bodyOf(options: RequestOptions): { body: string | FormData | null; contentType?: string } {
  if (options.json !== undefined) return { body: JSON.stringify(options.json), contentType: "application/json" };
  if (options.text !== undefined)
    return { body: options.text, ...(options.contentType === undefined ? {} : { contentType: options.contentType }) };
  if (options.form !== undefined)
    return { body: new URLSearchParams(options.form).toString(), contentType: "application/x-www-form-urlencoded" };
  if (options.multipart === undefined) return { body: null };
  const form = new FormData();
  for (const part of options.multipart) {
    if (part.file !== undefined)
      form.append(
        part.name,
        new Blob([part.file.bytes as Uint8Array<ArrayBuffer>], { type: part.file.contentType }),
        part.file.name,
      );
    else form.append(part.name, new Blob([JSON.stringify(part.json)], { type: "application/json" }));
  }
  return { body: form };
}

function describeBody(options: RequestOptions): string {
  if (options.json !== undefined) return ` ${JSON.stringify(options.json)}`;
  if (options.text !== undefined) return ` ${cutAt(options.text, 500)}`;
  if (options.form !== undefined) return ` ${JSON.stringify(options.form)}`;
  if (options.multipart === undefined) return "";
  return ` ${options.multipart.map((part) => (part.file === undefined ? `${part.name}=${JSON.stringify(part.json)}` : `${part.name}=file ${part.file.name} (${part.file.bytes.length} bytes)`)).join(" · ")}`;
}
