// What makes `--watch` run a round, or end: keys, a target that came back, a file that changed. What comes while a round
// runs is remembered, as one.

import { watch as watchFiles } from "node:fs";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { Wish } from "./rounds.ts";

export interface Trigger {
  wish: Wish | "quit";
  /** As "the target restarted". */
  because: string;
}

const weight: Readonly<Record<Trigger["wish"], number>> = { one: 0, failed: 1, all: 2, quit: 3 };

export class Triggers {
  readonly #quit = new AbortController();
  #pending: Trigger | undefined;
  #wake: (() => void) | undefined;

  /** Aborted as soon as somebody wants to quit: a round that is under way is ended. */
  get quits(): AbortSignal {
    return this.#quit.signal;
  }

  push(trigger: Trigger): void {
    if (trigger.wish === "quit") this.#quit.abort();
    if (this.#pending === undefined || weight[trigger.wish] >= weight[this.#pending.wish]) this.#pending = trigger;
    this.#wake?.();
  }

  async next(): Promise<Trigger> {
    if (this.#pending === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
    const trigger = this.#pending!;
    this.#wake = undefined;
    this.#pending = undefined;
    return trigger;
  }
}

const keys: Readonly<Record<string, Trigger["wish"]>> = {
  a: "all",
  f: "failed",
  o: "one",
  q: "quit",
  "\u0003": "quit", // Ctrl-C, which a raw terminal sends as a letter
};

/** Ends with the object. */
export function readKeys(input: NodeJS.ReadStream, triggers: Triggers): Disposable {
  const onData = (chunk: Buffer): void => {
    for (const key of chunk.toString())
      if (Object.hasOwn(keys, key)) triggers.push({ wish: keys[key]!, because: "a key was pressed" });
  };
  if (input.isTTY) input.setRawMode(true);
  input.on("data", onData);
  return {
    [Symbol.dispose]: () => {
      input.off("data", onData);
      if (input.isTTY) input.setRawMode(false);
      input.pause();
    },
  };
}

const askEveryMs = 100;
const askAgainEveryMs = 30;
/** Who only stands in front of a server that is gone, as Docker's proxy, takes a connection and drops it. */
const staysOpenMs = 25;

/** Nothing is said: no request is harmless everywhere. */
function isThere(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  const usual = protocol === "https:" || protocol === "wss:" ? 443 : 80;
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? usual : Number(port) });
  return new Promise((resolve) => {
    // What happened meanwhile, on a busy machine, is looked at first.
    const judge = (): void => void setImmediate(() => end(socket.readable));
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => end(false));
    socket.on("error", () => end(false));
    socket.once("close", () => end(false));
    socket.once("connect", () => setTimeout(judge, staysOpenMs));
    socket.resume();
  });
}

/** Whether the target is away; and a round each time it is back. */
export class Restarts implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #isAway = false;

  constructor(url: string, triggers: Triggers) {
    this.#running = this.#watch(url, triggers);
  }

  get isAway(): boolean {
    return this.#isAway;
  }

  async #watch(url: string, triggers: Triggers): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const wasAway = this.#isAway;
      this.#isAway = !(await isThere(url));
      if (wasAway && !this.#isAway && !signal.aborted)
        triggers.push({ wish: "failed", because: "the target restarted" });
      await wait(this.#isAway ? askAgainEveryMs : askEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

/** An editor writes a file in several steps, and a compiler many of them. */
const settledMs = 200;
const unwatched = /(^|[/\\])(\.git|node_modules)([/\\]|$)/;

/**
 * A round when files in `dir` have changed; none while the target is away, for it runs when that is back. Throws the
 * system's error.
 */
export function watchFolder(dir: string, triggers: Triggers, restarts: Pick<Restarts, "isAway">): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const watcher = watchFiles(dir, { recursive: true }, (_, name) => {
    if (name !== null && unwatched.test(name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!restarts.isAway) triggers.push({ wish: "failed", because: `${name ?? dir} changed` });
    }, settledMs);
  });
  // A folder that was deleted below it is no reason to end.
  watcher.on("error", () => undefined);
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      watcher.close();
    },
  };
}
