// How does a definition speak HTTP in a page? By `fetch`, below the interface that it is given in a run. Cookies are the
// browser's own; each request is seen by the journal, without its body and its headers.

import { TargetError } from "../../drivers/errors.ts";
import { Http } from "../../drivers/http.ts";
import { upstreamHeader } from "../../systems/discodeit/wire.ts";
import type { Credential } from "../../systems/types.ts";
import type { Journal } from "../journal.ts";

const answerWithinMs = 30_000;

interface Asked {
  json?: unknown;
  form?: Record<string, string>;
  headers?: Record<string, string>;
}

/** One user's client: from a login on with its credential. */
export class PageClient {
  readonly http: Http;
  readonly #journal: Journal;
  #headers: Readonly<Record<string, string>> = {};

  constructor(journal: Journal) {
    this.#journal = journal;
    // Of the verifier's client definitions use `request`, and what it answers with: status, headers and text.
    this.http = new Http(this as unknown as ConstructorParameters<typeof Http>[0]);
  }

  accept({ bearer, headers }: Credential): void {
    this.#headers = { ...headers, ...(bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` }) };
  }

  async request(method: string, path: string, { json, form, headers }: Asked = {}): Promise<object> {
    const sent = new Headers({ ...this.#headers, ...headers });
    if (json !== undefined) sent.set("Content-Type", "application/json");
    const body = json === undefined ? form && new URLSearchParams(form) : JSON.stringify(json);
    const signal = AbortSignal.timeout(answerWithinMs);
    const init = { method, headers: sent, signal, cache: "no-store", ...(body && { body }) } as const;
    const startedMs = performance.now();
    try {
      const response = await fetch(path, init);
      const text = await response.text();
      noteRequest(this.#journal, `${method} ${path}`, response, performance.now() - startedMs);
      return { status: response.status, headers: response.headers, text };
    } catch (error) {
      noteRequest(this.#journal, `${method} ${path}`, undefined, performance.now() - startedMs);
      throw new TargetError("unreachable", `${method} ${path} was not answered`, { cause: error });
    }
  }
}

/** Absent: nobody answered. */
export function noteRequest(journal: Journal, what: string, response: Response | undefined, tookMs: number): void {
  journal.note({
    way: "out",
    kind: "rest",
    title: what.split("?", 1)[0]!,
    id: "",
    instance: response?.headers.get(upstreamHeader) ?? "",
    ageMs: undefined,
    text: `${what}\n${response?.status ?? "no answer"} · ${Math.round(tookMs)} ms`,
  });
}
