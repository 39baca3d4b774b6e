// What does the page know, and what can a user do? One value for the whole tab; views read it and are drawn again when it
// changes. The session: who is logged in, over reloads (by the refresh cookie) and over tabs (by the browser's storage:
// a logout in one is heard in all).

import { ApiError, Api } from "./api.ts";
import { Chat } from "./chat.ts";
import { Journal } from "./journal.ts";
import { Source } from "./source.ts";
import { errorText } from "./words.ts";
import type { Session } from "./wire.ts";

/** Who is logged in, for other tabs and the next load: no secret. */
const sessionKey = "rollcall.user";

type Phase = "starting" | "unreachable" | "out" | "in";

class App {
  readonly changes = new Source();
  readonly journalChanges = new Source();
  readonly journal = new Journal(this.journalChanges.changed);
  readonly api = new Api(this.journal, () => this.#end("ended"));
  phase: Phase = "starting";
  chat: Chat | undefined;
  /** Why the login form is here again. */
  ended = false;
  toasts: readonly { key: number; text: string }[] = [];
  #toastCount = 0;

  async start(): Promise<void> {
    addEventListener("storage", ({ key, newValue }) => {
      if (key !== sessionKey && key !== null) return;
      // Another tab logged out, or somebody else in.
      if (this.chat !== undefined && newValue !== this.chat.me.id) this.#end("ended");
      else if (this.chat === undefined && typeof newValue === "string") void this.#restore();
    });
    await this.#begin();
  }

  async #begin(): Promise<void> {
    try {
      await this.api.greet();
    } catch {
      this.phase = "unreachable";
      this.changes.changed();
      setTimeout(() => void this.#begin(), 3_000);
      return;
    }
    await this.#restore();
  }

  async #restore(): Promise<void> {
    // Without this the browser would report an error for everybody who is not logged in.
    if (localStorage.getItem(sessionKey) === null) return this.#show("out");
    try {
      this.#enter(await this.api.restore());
    } catch (error) {
      if (error instanceof ApiError && (error.status === 0 || error.status >= 500)) {
        this.#show("unreachable");
        setTimeout(() => void this.#restore(), 3_000);
        return;
      }
      this.#end("ended");
    }
  }

  async logIn(username: string, password: string): Promise<void> {
    this.#enter(await this.api.logIn(username, password));
  }

  async signUp(username: string, email: string, password: string): Promise<void> {
    const form = new FormData();
    const request = JSON.stringify({ username, email, password });
    form.append("userCreateRequest", new Blob([request], { type: "application/json" }));
    await this.api.post("/api/users", form);
    await this.logIn(username, password);
  }

  async logOut(): Promise<void> {
    const done = this.api.logOut();
    this.#end("logged out");
    await done.catch(this.complain);
  }

  /** Says in words what went wrong, for a while. */
  readonly complain = (error: unknown): void => {
    if (error instanceof ApiError && error.status === 401 && this.phase === "out") return;
    this.#toastCount += 1;
    const toast = { key: this.#toastCount, text: errorText(error) };
    this.toasts = [...this.toasts.slice(-2), toast];
    this.changes.changed();
    setTimeout(() => this.dismiss(toast.key), 8_000);
  };

  dismiss(key: number): void {
    this.toasts = this.toasts.filter((toast) => toast.key !== key);
    this.changes.changed();
  }

  #enter(session: Session): void {
    this.chat?.close();
    localStorage.setItem(sessionKey, session.user.id);
    this.ended = false;
    this.chat = new Chat(this.api, this.journal, session.user, {
      onChange: this.changes.changed,
      onTrouble: this.complain,
    });
    this.#show("in");
    this.chat.open();
  }

  #end(how: "ended" | "logged out"): void {
    // What another tab has written since is not ours.
    const heldBy = localStorage.getItem(sessionKey);
    if (this.chat === undefined || heldBy === this.chat.me.id) localStorage.removeItem(sessionKey);
    this.chat?.close();
    this.chat = undefined;
    this.api.session = undefined;
    this.ended = how === "ended";
    this.#show("out");
  }

  #show(phase: Phase): void {
    this.phase = phase;
    this.changes.changed();
  }
}

export const app = new App();
