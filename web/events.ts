// How does the page hear events? By the eventsource package, because a browser's own EventSource cannot send the token.
// It comes back by itself after a cut; after a refusal, which ends it, this opens a new one. Either way the server is
// told the last id, so that nothing is missed; the id outlives a reload of the tab.

import { EventSource } from "eventsource";
import { eventsPath, upstreamHeader } from "../systems/discodeit/wire.ts";
import type { Api } from "./api.ts";
import type { Journal } from "./journal.ts";
import type { LinkState } from "./live.ts";
import { happeningOf, namesOf, type Happening } from "./wire.ts";

const firstPauseMs = 1_000;
const lastPauseMs = 15_000;
const kept = "rollcall.last-event";

export class Events {
  readonly #api: Api;
  readonly #journal: Journal;
  readonly #onState: (state: LinkState) => void;
  readonly #onEvent: (happening: Happening) => void;
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pauseMs = firstPauseMs;
  #lastId = "";
  #instance = "";

  constructor(
    api: Api,
    journal: Journal,
    { onState, onEvent }: { onState: (state: LinkState) => void; onEvent: (happening: Happening) => void },
  ) {
    this.#api = api;
    this.#journal = journal;
    this.#onState = onState;
    this.#onEvent = onEvent;
    const [userId, id = ""] = (sessionStorage.getItem(kept) ?? "").split(" ");
    if (userId === api.session?.user.id) this.#lastId = id;
  }

  open(): void {
    this.#onState("connecting");
    const source = new EventSource(eventsPath, { fetch: (url, init) => this.#fetch(url, init) });
    this.#source = source;
    source.addEventListener("open", () => {
      this.#pauseMs = firstPauseMs;
      this.#onState("up");
    });
    source.addEventListener("error", () => {
      if (source !== this.#source) return;
      this.#onState("down");
      if (source.readyState !== EventSource.CLOSED) return;
      this.#timer = setTimeout(() => this.open(), this.#pauseMs);
      this.#pauseMs = Math.min(this.#pauseMs * 2, lastPauseMs);
    });
    for (const name of namesOf(this.#api.system))
      source.addEventListener(name, ({ lastEventId, data }) => this.#hear(name, lastEventId, String(data)));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }

  #hear(name: string, id: string, data: string): void {
    // An event without an id has that of the one before.
    const isNew = id !== "" && id !== this.#lastId;
    if (isNew) {
      this.#lastId = id;
      sessionStorage.setItem(kept, `${this.#api.session?.user.id ?? ""} ${id}`);
    }
    this.#journal.noteEvent(name, isNew ? id : "", data, this.#instance);
    this.#onEvent(happeningOf(this.#api.system, name, data));
  }

  async #fetch(url: string | URL, init: object): Promise<Response> {
    const ask = async (token: string): Promise<Response> =>
      await fetch(url, {
        ...init,
        cache: "no-store",
        headers: {
          Accept: "text/event-stream",
          Authorization: `Bearer ${token}`,
          ...(this.#lastId === "" ? {} : { "Last-Event-ID": this.#lastId }),
        },
      });
    let response = await ask(await this.#api.token());
    if (response.status === 401) response = await ask((await this.#api.renew()).accessToken);
    this.#instance = response.headers.get(upstreamHeader) ?? "";
    const text = `GET ${eventsPath}${this.#lastId === "" ? "" : `\nLast-Event-ID: ${this.#lastId}`}\n${response.status}`;
    this.#journal.note({
      way: "out",
      kind: "event",
      title: `open ${eventsPath}`,
      id: this.#lastId,
      instance: this.#instance,
      ageMs: undefined,
      text,
    });
    return response;
  }
}
