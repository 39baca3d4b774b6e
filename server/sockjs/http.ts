// How does SockJS work without WebSocket? The plain HTTP side of the endpoint: greeting, info, the iframe page, and the
// transports xhr, xhr_streaming, eventsource, htmlfile (receiving) and xhr_send (sending). No jsonp, as in Spring.
// Terms: URL = <endpoint>/<server>/<session>/<transport>; only the session segment means something. Source:
// sockjs-protocol 0.3.3; error bodies are empty or begin with no frame letter, because a client may parse them.

import { createHash, randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { ByteBudget } from "../security/budget.ts";
import { BusyError } from "../security/gate.ts";
import { BodyError, readBody } from "../security/read-body.ts";
import type { AcceptConnection } from "../realtime/connection.ts";
import type { OriginCheck } from "../security/origins.ts";
import { parseClientMessages } from "./frames.ts";
import { ResponseReceiver, receiverFormats, type ReceiverFormat } from "./receivers.ts";
import { SockJsSession } from "./session.ts";
import { Pace } from "../turns.ts";

const sendBytesMax = 1024 * 1024;
const sendWithinMs = 15_000;
/**
 * What all requests of one address may keep together; what a session keeps of them afterwards counts for the session.
 */
const bytesOfAddressMax = 16 * 1024 * 1024;
/**
 * Closed sessions whose last words somebody may still come for; those that wait for CONNECT are bounded by the lobby.
 */
const closedSessionsMax = 2_000;
/** A new session takes some 0.3 ms: a flood of them adds 2.5 ms to a round of the event loop. */
const sessionsPerRound = 8;
const yearSeconds = 31_536_000;
const plainText = "text/plain;charset=UTF-8";

/**
 * The client that the iframe page loads. It comes from the package, not from a site that could be another's tomorrow.
 */
const clientScript = readFileSync(createRequire(import.meta.url).resolve("sockjs-client/dist/sockjs.min.js"));
const clientScriptTag = tagOf(clientScript);

const notCached = "no-store, no-cache, no-transform, must-revalidate, max-age=0";

/** The page that very old browsers load in a hidden frame to reach us across origins. */
const iframePage = `<!DOCTYPE html>
<html>
<head>
  <meta http-equiv="X-UA-Compatible" content="IE=edge" />
  <meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
  <script src="sockjs.min.js"></script>
  <script>
    document.domain = document.domain;
    SockJS.bootstrap_iframe();
  </script>
</head>
<body>
  <h2>Don't panic!</h2>
  <p>This is a SockJS hidden iframe. It's used for cross domain magic.</p>
</body>
</html>
`;
const iframeTag = tagOf(iframePage);

function tagOf(content: string | Buffer): string {
  return `"${createHash("sha256").update(content).digest("hex").slice(0, 32)}"`;
}

export interface SockJsOptions {
  originAllowed: OriginCheck;
  addressOf: (request: IncomingMessage) => string;
  /** What requests keep while their bodies come in. */
  inbound: ByteBudget;
  accept: AcceptConnection;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export class SockJsHttp {
  readonly #options: SockJsOptions;
  readonly #sessions = new Map<string, SockJsSession>();
  /** In the order in which they closed. */
  readonly #closed = new Set<SockJsSession>();
  readonly #pace = new Pace(sessionsPerRound);

  constructor(options: SockJsOptions) {
    this.#options = options;
  }

  /** Answers one request; `path` is what follows the endpoint in its URL, without the query. */
  async answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = this.#route(path, request);
    if (!route) return respond(response, 404);
    if (!this.#options.originAllowed(request)) return respond(response, 403);
    allowOrigin(request, response);
    if (request.method === "OPTIONS") return preflight(request, response, route.method);
    const matches =
      request.method === route.method || (request.method === "HEAD" && route.method === "GET" && !route.session);
    if (!matches) {
      response.setHeader("Allow", `OPTIONS, ${route.method}`);
      return respond(response, 405);
    }
    if (route.session) response.setHeader("Cache-Control", notCached);
    await route.answer(request, response);
  }

  #route(path: string, request: IncomingMessage): { method: string; session?: boolean; answer: Answer } | undefined {
    if (path === "" || path === "/") return { method: "GET", answer: greet };
    if (path === "/info") return { method: "GET", answer: tellInfo };
    if (/^\/iframe[0-9a-zA-Z._-]*\.html$/.test(path)) return { method: "GET", answer: sendIframePage };
    if (path === "/sockjs.min.js") return { method: "GET", answer: sendClientScript };
    if (path === "/websocket") return { method: "GET", answer: refuseWebSocket };
    const match = /^\/[^/.]+\/([^/.]+)\/([a-z_]+)$/.exec(path);
    const [, id, transport] = match ?? [];
    if (id === undefined || transport === undefined) return undefined;
    if (transport === "websocket") return { method: "GET", answer: refuseWebSocket };
    if (transport === "xhr_send")
      return { method: "POST", session: true, answer: (_, response) => this.#send(id, request, response) };
    const format = receiverFormats[transport];
    if (!format) return undefined;
    return {
      method: format.method,
      session: true,
      answer: (_, response) => this.#receive(id, format, request, response),
    };
  }

  async #receive(
    id: string,
    format: ReceiverFormat,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    let callback = "";
    if (format.needsCallback) {
      const query = new URL(request.url ?? "", "http://localhost").searchParams;
      callback = query.get("c") ?? query.get("callback") ?? "";
      if (callback === "") return respond(response, 500, '"callback" parameter required');
      if (!/^[a-zA-Z0-9_.]{1,64}$/.test(callback)) return respond(response, 500, 'invalid "callback" parameter');
    }
    if (!this.#sessions.has(id)) await this.#pace.next();
    if (response.destroyed) return;
    const session = this.#sessions.get(id) ?? this.#open(id, request);
    session.attach(new ResponseReceiver(response, format, callback, session));
  }

  #open(id: string, request: IncomingMessage): SockJsSession {
    const session: SockJsSession = new SockJsSession(this.#options.addressOf(request), this.#options.accept, {
      onClosed: () => this.#keepClosed(session),
      onGone: () => {
        this.#closed.delete(session);
        if (this.#sessions.get(id) === session) this.#sessions.delete(id);
      },
    });
    this.#sessions.set(id, session);
    return session;
  }

  #keepClosed(session: SockJsSession): void {
    this.#closed.add(session);
    const [oldest] = this.#closed;
    if (this.#closed.size > closedSessionsMax) oldest?.forget();
  }

  async #send(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const holding = this.#options.inbound.open({ key: this.#options.addressOf(request), bytesMax: bytesOfAddressMax });
    try {
      const body = await readBody(request, { bytesMax: sendBytesMax, withinMs: sendWithinMs, holding });
      await this.#sendTo(this.#sessions.get(id), body.toString("utf8"), response);
    } catch (error) {
      if (error instanceof BodyError) return respond(response, error.status, error.message);
      if (error instanceof BusyError) return respond(response, 503, error.message);
      throw error;
    } finally {
      holding.close();
    }
  }

  async #sendTo(session: SockJsSession | undefined, body: string, response: ServerResponse): Promise<void> {
    if (!session) return respond(response, 404);
    if (body === "") return respond(response, 500, "Payload expected.");
    const messages = parseClientMessages(body, false);
    if (!messages) return respond(response, 500, "Broken JSON encoding.");
    if (!(await session.receive(messages))) return respond(response, 503, "Too much is waiting.");
    response.setHeader("Content-Type", plainText);
    respond(response, 204);
  }
}

const greet: Answer = (_, response) => respond(response, 200, "Welcome to SockJS!\n");

const refuseWebSocket: Answer = (_, response) => respond(response, 400, 'Can "Upgrade" only to "WebSocket".');

const tellInfo: Answer = (_, response) => {
  response.setHeader("Content-Type", "application/json;charset=UTF-8");
  response.setHeader("Cache-Control", notCached);
  const info = { entropy: randomInt(2 ** 32), origins: ["*:*"], cookie_needed: false, websocket: true };
  respond(response, 200, JSON.stringify(info));
};

const sendIframePage: Answer = (request, response) => {
  response.setHeader("ETag", iframeTag);
  response.setHeader("Cache-Control", `public, max-age=${yearSeconds}`);
  response.setHeader("Expires", new Date(Date.now() + yearSeconds * 1_000).toUTCString());
  if (request.headers["if-none-match"] === iframeTag) return respond(response, 304);
  response.setHeader("Content-Type", "text/html;charset=UTF-8");
  respond(response, 200, iframePage);
};

const sendClientScript: Answer = (request, response) => {
  response.setHeader("ETag", clientScriptTag);
  response.setHeader("Cache-Control", `public, max-age=${yearSeconds}`);
  if (request.headers["if-none-match"] === clientScriptTag) return respond(response, 304);
  response.setHeader("Content-Type", "text/javascript;charset=UTF-8");
  respond(response, 200, clientScript);
};

function respond(response: ServerResponse, status: number, body: string | Buffer = ""): void {
  if (body.length > 0 && !response.hasHeader("Content-Type")) response.setHeader("Content-Type", plainText);
  response.statusCode = status;
  if (status !== 204 && status !== 304) response.setHeader("Content-Length", Buffer.byteLength(body));
  response.end(body);
}

function allowOrigin(request: IncomingMessage, response: ServerResponse): void {
  const { origin } = request.headers;
  response.setHeader("Access-Control-Allow-Origin", origin ?? "*");
  response.setHeader("Vary", "Origin");
  if (origin !== undefined) response.setHeader("Access-Control-Allow-Credentials", "true");
}

function preflight(request: IncomingMessage, response: ServerResponse, method: string): void {
  const asked = request.headers["access-control-request-headers"];
  if (asked !== undefined) response.setHeader("Access-Control-Allow-Headers", asked);
  response.setHeader("Access-Control-Allow-Methods", `OPTIONS, ${method}`);
  response.setHeader("Access-Control-Max-Age", yearSeconds);
  response.setHeader("Cache-Control", `public, max-age=${yearSeconds}`);
  respond(response, 204);
}
