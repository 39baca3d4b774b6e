// HTTP as definitions of systems speak it: short, and strict. An answer other than 2xx throws, and says what was asked
// and what came; so does a value that is not there. Whoever wants to look at a refusal asks `rest`.

import type { CookieJar } from "./cookies.ts";
import { TargetError } from "./errors.ts";
import { parseJson } from "./json.ts";
import type { Answer, Part, RequestOptions, RestClient } from "./rest.ts";
import { cutAt, quoted } from "./quoted.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- what a server said: the definition alone knows its shape
export type Json = any;

export interface HttpOptions extends Omit<RequestOptions, "multipart"> {
  /** Parts by their names, in order. */
  multipart?: Readonly<Record<string, Omit<Part, "name">>>;
}

export interface HttpAnswer extends Answer {
  /** The body as JSON. Throws TargetError "malformed". */
  json(): Json;
  /** These fields of the JSON body, each a text or a number. Throws TargetError "malformed" where one is missing. */
  pick<Name extends string>(...names: readonly Name[]): Record<Name, string>;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export class Http {
  readonly rest: RestClient;

  constructor(rest: RestClient) {
    this.rest = rest;
  }

  /** Cookies as a browser keeps them. */
  get jar(): CookieJar {
    return this.rest.jar;
  }

  get(path: string, options?: HttpOptions): Promise<HttpAnswer> {
    return this.#ask("GET", path, options);
  }

  post(path: string, options?: HttpOptions): Promise<HttpAnswer> {
    return this.#ask("POST", path, options);
  }

  put(path: string, options?: HttpOptions): Promise<HttpAnswer> {
    return this.#ask("PUT", path, options);
  }

  patch(path: string, options?: HttpOptions): Promise<HttpAnswer> {
    return this.#ask("PATCH", path, options);
  }

  delete(path: string, options?: HttpOptions): Promise<HttpAnswer> {
    return this.#ask("DELETE", path, options);
  }

  async #ask(method: Method, path: string, { multipart, ...options }: HttpOptions = {}): Promise<HttpAnswer> {
    const parts = multipart && Object.entries(multipart).map(([name, part]): Part => ({ name, ...part }));
    const what = `${method} ${path.split("?", 1)[0]}`;
    return strict(await this.rest.request(method, path, { ...options, ...(parts && { multipart: parts }) }), what);
  }
}

/** Throws TargetError "refused" unless it is 2xx. */
function strict(answer: Answer, what: string): HttpAnswer {
  if (answer.status < 200 || answer.status > 299)
    throw new TargetError("refused", `${what} was answered ${answer.status} ${quoted(answer.text)}`, {
      status: answer.status,
    });
  const json = (): Json => parseJson(answer.text, `the answer to ${what}`);
  const pick = <Name extends string>(...names: readonly Name[]): Record<Name, string> => {
    const body = (json() ?? {}) as Record<string, unknown>;
    return Object.fromEntries(names.map((name) => [name, fieldOf(body, name, what)])) as Record<Name, string>;
  };
  return { ...answer, json, pick };
}

function fieldOf(body: Record<string, unknown>, name: string, what: string): string {
  const value = body[name];
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw new TargetError(
    "malformed",
    `the answer to ${what} has no ${JSON.stringify(name)}: ${cutAt(JSON.stringify(body), 200)}`,
  );
}
