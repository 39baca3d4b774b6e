// How do WebSockets reach the STOMP sessions? Raw at <endpoint> and <endpoint>/websocket, and as SockJS's websocket
// transport at <endpoint>/<server>/<session>/websocket. The origin and the handshake are checked before anything is
// accepted. Source: RFC 6455; SockJS protocol, "WebSocket".

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import {
  closeCodes,
  type AcceptConnection,
  type Connection,
  type ConnectionListener,
  type OutgoingMessage,
} from "./connection.ts";
import type { Principal } from "./ports.ts";
import type { OriginCheck } from "../security/origins.ts";
import { closeFrame, heartBeatFrame, openFrame, parseClientMessages } from "../sockjs/frames.ts";
import { Pace } from "../turns.ts";

/** Several frames may share one WebSocket message; a single frame has its own, smaller limit. */
const messageBytesMax = 256 * 1024;
/**
 * The protocol's own keep-alive (SockJS: every 25 s); on raw sockets a ping, whose missing answer also finds half-open
 * peers.
 */
const keepAliveMs = 25_000;
/** A peer that does not answer our close is cut off after this. */
const closeWaitMs = 2_000;
/** So much of what it still sends is read meanwhile, since its answer stands behind it. */
const readAfterCloseBytesMax = 1024 * 1024;
const subprotocols = ["v12.stomp", "v11.stomp", "v10.stomp"];

/** A thousand that come at once do not keep the messages of others waiting. */
const upgradesPerRound = 4;

/** More pongs and other answers than this unsent: the peer does not read, and gets no further ones. */
const queuedBytesMax = 1024 * 1024;

export interface WebSocketOptions {
  /** Path of the endpoint, without a trailing slash. */
  endpoint: string;
  /** Whether SockJS is spoken there, too. */
  sockJs: boolean;
  /** Who opens it; refused with 401 where nobody does. Absent: that is asked later. Throws when nobody can tell. */
  identify?: ((request: IncomingMessage) => Promise<Principal | undefined>) | undefined;
  onFault: (error: unknown) => void;
  originAllowed: OriginCheck;
  addressOf: (request: IncomingMessage) => string;
  accept: AcceptConnection;
}

/** Answers the `upgrade` event of an HTTP server. */
export function webSocketUpgrade(
  options: WebSocketOptions,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: messageBytesMax,
    perMessageDeflate: false,
    handleProtocols: (offered) => subprotocols.find((name) => offered.has(name)) ?? false,
  });
  const pace = new Pace(upgradesPerRound);
  return (request, socket, head) => {
    const kind = endpointKind(options.endpoint, request.url ?? "", options.sockJs);
    if (!kind) return refuse(socket, "404 Not Found");
    if (!options.originAllowed(request)) return refuse(socket, "403 Forbidden");
    if (request.headers["sec-websocket-version"] !== "13")
      return refuse(socket, "426 Upgrade Required", "Sec-WebSocket-Version: 13\r\n");
    const address = options.addressOf(request);
    const letIn = async (): Promise<void> => {
      await pace.next();
      const principal = await options.identify?.(request);
      if (options.identify && !principal) return refuse(socket, "401 Unauthorized");
      server.handleUpgrade(request, socket, head, (webSocket) =>
        attach(webSocket, { socket, address, principal }, kind, options.accept),
      );
    };
    letIn().catch((error: unknown) => {
      options.onFault(error);
      refuse(socket, "503 Service Unavailable");
    });
  };
}

type EndpointKind = "websocket" | "sockjs-websocket";

/** Which protocol is spoken at this URL, if any. */
export function endpointKind(endpoint: string, url: string, sockJs = true): EndpointKind | undefined {
  const path = url.split("?", 1)[0] ?? "";
  if (path !== endpoint && !path.startsWith(`${endpoint}/`)) return undefined;
  const rest = path.slice(endpoint.length);
  if (!sockJs) return rest === "" || rest === "/" ? "websocket" : undefined;
  if (rest === "" || rest === "/" || rest === "/websocket") return "websocket";
  return /^\/[^/.]+\/[^/.]+\/websocket$/.test(rest) ? "sockjs-websocket" : undefined;
}

function refuse(socket: Duplex, status: string, headers = ""): void {
  socket.end(`HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}

interface Peer {
  socket: Duplex;
  address: string;
  principal: Principal | undefined;
}

function attach(webSocket: WebSocket, peer: Peer, kind: EndpointKind, accept: AcceptConnection): void {
  const connection = kind === "websocket" ? new RawWebSocket(webSocket, peer) : new SockJsWebSocket(webSocket, peer);
  const listener = accept(connection);
  webSocket.on("message", (data, isBinary) => {
    connection.noteMessage();
    // binaryType is "nodebuffer": one Buffer per message.
    if (data instanceof Buffer) connection.read(data, isBinary, listener);
  });
  webSocket.on("ping", (data) => connection.noteControlFrame(data.length));
  webSocket.on("pong", (data) => {
    connection.noteControlFrame(data.length);
    connection.noteAlive();
  });
  // Around ws, which listens too: between the two it hands over whatever came whole.
  peer.socket.prependListener("data", (chunk: Buffer) => connection.noteBytes(chunk.length));
  peer.socket.on("data", () => connection.reportPartial(listener));
  // ws closes with the right code by itself (1002, 1007, 1009); "close" follows.
  webSocket.on("error", () => undefined);
  webSocket.on("close", () => {
    connection.stop();
    listener.onClose();
  });
}

abstract class WebSocketConnection implements Connection {
  abstract readonly transport: Connection["transport"];
  readonly address: string;
  readonly principal: Principal | undefined;
  protected readonly webSocket: WebSocket;
  readonly #socket: Duplex;
  readonly #keepAlive: NodeJS.Timeout;
  #closeWait: NodeJS.Timeout | undefined;
  #bytesAfterClose = 0;
  /** Bytes of a message that has not come whole. */
  #partialBytes = 0;
  #partialAtLastTick = false;

  constructor(webSocket: WebSocket, { socket, address, principal }: Peer) {
    this.webSocket = webSocket;
    this.address = address;
    this.principal = principal;
    this.#socket = socket;
    this.#keepAlive = setInterval(() => this.#tick(), keepAliveMs);
  }

  noteBytes(byteCount: number): void {
    this.#partialBytes += byteCount;
    if (!this.#closeWait) return;
    // Not cut off at once: the peer may still read why.
    this.#bytesAfterClose += byteCount;
    if (this.#bytesAfterClose > readAfterCloseBytesMax) this.webSocket.pause();
  }

  /** What stands behind the message in the same chunk is not counted: it is little, and the next chunk is. */
  noteMessage(): void {
    this.#partialBytes = 0;
    this.#partialAtLastTick = false;
  }

  /** Its head has 6 bytes: a client's frames are masked. An answer is made for each ping, read or not. */
  noteControlFrame(payloadBytes: number): void {
    this.#partialBytes = Math.max(0, this.#partialBytes - payloadBytes - 6);
    if (this.queuedBytes() > queuedBytesMax) this.webSocket.terminate();
  }

  reportPartial(listener: ConnectionListener): void {
    if (this.#partialBytes > 0) listener.onPartial(this.#partialBytes);
  }

  #tick(): void {
    // What we do not read is not late.
    const partial = this.#partialBytes > 0 && !this.webSocket.isPaused;
    if (partial && this.#partialAtLastTick) return this.webSocket.terminate();
    this.#partialAtLastTick = partial;
    this.keepAlive();
  }

  protected abstract keepAlive(): void;
  abstract send(message: OutgoingMessage): void;
  abstract read(data: Buffer, isBinary: boolean, listener: ConnectionListener): void;

  noteAlive(): void {}

  /**
   * Writes a frame that was made once for all its receivers. It goes past `ws`, which writes at once and keeps nothing
   * back while compression is off, so the order of frames holds; and never after a close frame, since then the state is
   * not OPEN.
   */
  protected writeFrame(frame: Buffer): void {
    if (this.webSocket.readyState === WebSocket.OPEN) this.#socket.write(frame);
  }

  queuedBytes(): number {
    return this.webSocket.bufferedAmount;
  }

  pauseReading(): void {
    this.webSocket.pause();
  }

  resumeReading(): void {
    this.webSocket.resume();
  }

  end(code: number, reason: string): void {
    if (this.webSocket.readyState !== WebSocket.OPEN || this.#closeWait) return;
    // A paused socket would never read the peer's answer to the close.
    this.webSocket.resume();
    this.webSocket.close(code, reason);
    this.#closeWait = setTimeout(() => this.webSocket.terminate(), closeWaitMs);
  }

  stop(): void {
    clearInterval(this.#keepAlive);
    clearTimeout(this.#closeWait);
  }
}

/** Plain WebSocket: one STOMP frame per message; frames may come in text or binary messages. */
class RawWebSocket extends WebSocketConnection {
  readonly transport = "websocket";
  #pingUnanswered = false;

  send(message: OutgoingMessage): void {
    this.writeFrame(message.webSocketFrame);
  }

  read(data: Buffer, _isBinary: boolean, listener: ConnectionListener): void {
    listener.onData(data);
  }

  protected keepAlive(): void {
    if (this.webSocket.readyState !== WebSocket.OPEN) return;
    // An answer that we do not read is no missing one.
    if (this.webSocket.isPaused) return;
    if (this.#pingUnanswered) return this.webSocket.terminate();
    this.#pingUnanswered = true;
    this.webSocket.ping();
  }

  override noteAlive(): void {
    this.#pingUnanswered = false;
  }
}

/**
 * SockJS over WebSocket: arrays of messages in frames, text only. The session segment of the URL identifies nothing
 * here.
 */
class SockJsWebSocket extends WebSocketConnection {
  readonly transport = "sockjs-websocket";

  constructor(webSocket: WebSocket, peer: Peer) {
    super(webSocket, peer);
    webSocket.send(openFrame);
  }

  send(message: OutgoingMessage): void {
    this.writeFrame(message.sockJsFrame);
  }

  read(data: Buffer, isBinary: boolean, listener: ConnectionListener): void {
    if (isBinary) return this.webSocket.close(1003, "Text only");
    if (data.length === 0) return;
    const messages = parseClientMessages(data.toString("utf8"), true);
    if (!messages) return this.webSocket.close(closeCodes.badData, "Broken JSON encoding");
    const text = messages.join("");
    if (text !== "") listener.onData(Buffer.from(text));
  }

  protected keepAlive(): void {
    if (this.webSocket.readyState === WebSocket.OPEN) this.webSocket.send(heartBeatFrame);
  }

  override end(code: number, reason: string): void {
    if (this.webSocket.readyState === WebSocket.OPEN) this.webSocket.send(closeFrame(code, reason));
    super.end(code, reason);
  }
}
