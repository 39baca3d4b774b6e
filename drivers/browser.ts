// A real browser: Chromium, in which unmodified @stomp/stompjs over sockjs-client, EventSource and fetch run in a page
// of any origin. The page itself is ours, whatever the server at that origin has; everything else that the page asks
// for goes to the network. What the page hears comes in an inbox, in order. It talks and never judges.

import { createRequire } from "node:module";
import type { BrowserContext, Page } from "playwright-core";
import { importPeer } from "../peers.ts";
import { HarnessError } from "./errors.ts";
import { Inbox } from "./inbox.ts";
import { pageBytesMax, sizeText } from "./limits.ts";
import { openRelay, type Relay } from "./relay.ts";
import type { Transcript } from "./transcript.ts";

export interface HeardInPage {
  kind: "connected" | "error" | "receipt" | "message" | "closed" | "open" | "event";
  text: string;
}

export interface PageOptions {
  /** The file of a Chromium. */
  browser: string;
  /** Of the page, as http://localhost:5173. */
  origin: string;
  transcript: Transcript;
  label: string;
  /** The target has a certificate of a private authority. */
  hasPrivateCa: boolean;
  /** Whose connections can be cut: the base URL of the target's instance. */
  instance: string;
  /** Sent with each request of the page, as an EventSource cannot do by itself. */
  headers?: Record<string, string>;
}

export interface StompInPage {
  /** Of the SockJS endpoint. */
  url: string;
  headers: Record<string, string>;
  heartBeatMs: number;
}

const require = createRequire(import.meta.url);
/** What a page loads by a script element. */
const libraries = ["@stomp/stompjs", "sockjs-client/dist/sockjs.js"];
const pagePath = "/rollcall-page";
const startMs = 30_000;

/**
 * A page may ask a server on this machine without a human's leave, whatever Chromium takes the page for; no proxy is
 * asked, as our other clients ask none.
 */
const flags = [
  "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,HttpsUpgrades",
  "--no-proxy-server",
];

/** What a page does, as its own script: `tell(kind, text)` is the one thing that it has from us. */
const script = `
window.openStomp = ({ url, headers, heartBeatMs }) => {
  window.client = new StompJs.Client({
    webSocketFactory: () => new SockJS(url),
    connectHeaders: headers,
    reconnectDelay: 0,
    heartbeatIncoming: heartBeatMs,
    heartbeatOutgoing: heartBeatMs,
    onConnect: ({ headers }) => tell("connected", headers["heart-beat"] ?? "0,0"),
    onStompError: ({ headers, body }) => tell("error", ((headers.message ?? "") + " " + body).trim()),
    onWebSocketClose: ({ code, reason }) => tell("closed", (code + " " + (reason ?? "")).trim()),
  });
  client.activate();
};
window.subscribe = ({ destination, receipt }) => {
  if (receipt) client.watchForReceipt(receipt, () => tell("receipt", ""));
  client.subscribe(destination, ({ body }) => tell("message", body), receipt ? { receipt } : {});
};
window.openEvents = ({ url, names }) => {
  window.source = new EventSource(url, { withCredentials: true });
  source.onopen = () => tell("open", "");
  source.onerror = () => source.readyState === EventSource.CLOSED && tell("closed", "EventSource gave up");
  for (const name of names) source.addEventListener(name, ({ data, lastEventId }) => tell("event", name + " " + lastEventId + " " + data));
};
window.ask = async ({ path, method, headers, body }) => {
  const response = await fetch(path, { method, headers, body });
  return { status: response.status, text: await response.text() };
};`;

type Note = (direction: "sent" | "received", text: string) => void;

export class BrowserPage implements AsyncDisposable {
  readonly inbox = new Inbox<HeardInPage>();
  readonly #context: BrowserContext;
  readonly #page: Page;
  readonly #relay: Relay;
  readonly #note: Note;

  private constructor(context: BrowserContext, page: Page, relay: Relay, note: Note) {
    this.#context = context;
    this.#page = page;
    this.#relay = relay;
    this.#note = note;
  }

  /** Throws HarnessError when the browser does not start. */
  static async open(options: PageOptions): Promise<BrowserPage> {
    await using stack = new AsyncDisposableStack();
    let end: (() => void) | undefined;
    const relay = stack.use(await openRelay(options.instance, { bytesMax: pageBytesMax, onTooMuch: () => end?.() }));
    const context = await startContext(options, relay);
    stack.defer(async () => await context.browser()?.close());
    const opened = await BrowserPage.#load(context, relay, options);
    end = () =>
      opened.inbox.end(`the target sent more than ${sizeText(pageBytesMax)} to the page`, { code: "malformed" });
    stack.move();
    return opened;
  }

  static async #load(
    context: BrowserContext,
    relay: Relay,
    { origin, transcript, label }: PageOptions,
  ): Promise<BrowserPage> {
    const page = await context.newPage();
    const name = `browser ${label}`;
    const note: Note = (direction, text) => transcript.note(name, direction, text);
    const opened = new BrowserPage(context, page, relay, note);
    opened.inbox.connection = name;
    await page.exposeFunction("tell", (kind: HeardInPage["kind"], text: string) => {
      transcript.note(name, kind === "closed" ? "closed" : "received", `${kind} ${text}`);
      opened.inbox.push({ kind, text });
    });
    await page.route(origin + pagePath, (route) =>
      route.fulfill({ contentType: "text/html", body: "<!doctype html><meta charset=utf-8><title>Rollcall</title>" }),
    );
    transcript.note(name, "opened", `a page of ${origin}`);
    await page.goto(origin + pagePath);
    for (const library of libraries) await page.addScriptTag({ path: require.resolve(library) });
    await page.addScriptTag({ content: script });
    return opened;
  }

  /** What comes of it is in the inbox: connected, error or closed. */
  async openStomp(stomp: StompInPage): Promise<void> {
    await this.#run("openStomp", stomp);
  }

  async subscribe(destination: string, receipt?: string): Promise<void> {
    await this.#run("subscribe", { destination, receipt });
  }

  async publish(frame: { destination: string; headers?: Record<string, string>; body: string }): Promise<void> {
    await this.#page.evaluate((sent) => (globalThis as unknown as InPage).client.publish(sent), frame);
  }

  /** An EventSource that listens to these names. */
  async openEvents(url: string, names: readonly string[]): Promise<void> {
    await this.#run("openEvents", { url, names });
  }

  /** `fetch`, as the page's own script calls it. */
  async fetch(
    path: string,
    init: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<{ status: number; text: string }> {
    this.#note("sent", `${init.method ?? "GET"} ${path}`);
    const ask = { path, ...init };
    const answer = await this.#page.evaluate((what) => (globalThis as unknown as InPage).ask(what), ask);
    // The text may be a token that nobody has read as yet.
    this.#note("received", `${answer.status} (${answer.text.length} characters)`);
    return answer;
  }

  /** Of those that scripts may read. */
  async cookie(name: string): Promise<string | undefined> {
    const text = await this.#page.evaluate(() => (globalThis as unknown as InPage).document.cookie);
    return text
      .split("; ")
      .find((pair) => pair.startsWith(`${name}=`))
      ?.slice(name.length + 1);
  }

  /** Cuts the page's connections to the target; what it opens then waits for `release`. */
  cut(): void {
    this.#relay.cut();
  }

  release(): void {
    this.#relay.release();
  }

  async #run(name: "openStomp" | "subscribe" | "openEvents", argument: object): Promise<void> {
    await this.#page.evaluate(([method, what]) => (globalThis as unknown as InPage)[method](what), [
      name,
      argument,
    ] as const);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.browser()?.close();
    await this.#relay[Symbol.asyncDispose]();
  }
}

/** What the script above makes of a page. */
interface InPage {
  client: { publish(frame: object): void };
  document: { cookie: string };
  openStomp(what: object): void;
  subscribe(what: object): void;
  openEvents(what: object): void;
  ask(what: object): Promise<{ status: number; text: string }>;
}

async function startContext(options: PageOptions, relay: Relay): Promise<BrowserContext> {
  const { browser: executablePath, instance, hasPrivateCa, headers } = options;
  const { host, port, protocol } = new URL(instance);
  const address = port === "" ? `${host}:${protocol === "https:" ? 443 : 80}` : host;
  // Loaded only here: a run without a browser does not pay for it.
  const { chromium } = await importPeer("playwright-core", "--browser needs", () => import("playwright-core"));
  try {
    const browser = await chromium.launch({
      executablePath,
      args: [...flags, `--host-resolver-rules=MAP ${address} 127.0.0.1:${relay.port}`],
      timeout: startMs,
      // Ctrl-C is the command's own business: it wants to tidy up.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
    return await browser.newContext({
      ignoreHTTPSErrors: hasPrivateCa,
      ...(headers === undefined ? {} : { extraHTTPHeaders: headers }),
    });
  } catch (error) {
    const [first] = (error as Error).message.split("\n");
    throw new HarnessError(`Cannot start ${executablePath}: ${first}`, { cause: error });
  }
}
