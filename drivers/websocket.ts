// A plain WebSocket as a text transport. Compression is off: it would cost more than it shows.

import { StringDecoder } from "node:string_decoder";
import { WebSocket } from "ws";
import { acceptEncoding } from "./encoding.ts";
import { TargetError, TimeoutError } from "./errors.ts";
import { hintFor } from "./hints.ts";
import { fragmentsMax, messageBytesMax, sizeText } from "./limits.ts";
import { withHeaders, type Network } from "./network.ts";
import { originHeaders } from "./page.ts";
import type { CloseInfo, TextTransport } from "./transport.ts";

export const stompSubprotocols = ["v12.stomp", "v11.stomp", "v10.stomp"];

export interface WebSocketOptions {
  network: Network;
  protocols?: readonly string[];
  headers?: Record<string, string>;
  /** What is sent as Origin, instead of what the network's page sends; null: nothing. */
  origin?: string | null | undefined;
  openTimeoutMs?: number;
}

/**
 * The `ws` socket, open. Throws TargetError "refused" with the HTTP status when the upgrade is answered otherwise,
 * "unreachable", TimeoutError.
 */
export async function openWebSocket(url: string, options: WebSocketOptions): Promise<WebSocket> {
  const openTimeoutMs = options.openTimeoutMs ?? 5_000;
  const socket = new WebSocket(url, [...(options.protocols ?? [])], {
    perMessageDeflate: false,
    maxPayload: messageBytesMax,
    maxFragments: fragmentsMax,
    headers: browserHeaders(options, { method: "GET", url, handshake: true }),
    ...(options.network.ca === undefined ? {} : { ca: options.network.ca }),
  });
  const opened = new Promise<void>((resolve, reject) => {
    // Of all that comes before the 101, however lively it is: a handshakeTimeout of `ws` counts silence only.
    const timer = setTimeout(() => {
      reject(new TimeoutError(`Cannot open ${url}: no whole answer within ${openTimeoutMs} ms`));
      socket.terminate();
    }, openTimeoutMs);
    socket.once("open", () => {
      clearTimeout(timer);
      // Texts may come in the same packet as the 101: hold them until somebody listens.
      socket.pause();
      resolve();
    });
    socket.once("unexpected-response", (request, response) => {
      clearTimeout(timer);
      request.destroy();
      const message = `Cannot open ${url}: answered ${response.statusCode} instead of 101`;
      const status = response.statusCode;
      reject(new TargetError("refused", message, status === undefined ? {} : { status }));
    });
    socket.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
  await opened.catch(async (error: Error) => {
    if (error instanceof TargetError || error instanceof TimeoutError) throw error;
    const hint = await hintFor(url, error, options.network);
    throw new TargetError("unreachable", `Cannot open ${url}: ${error.message}`, { cause: error, hint });
  });
  // A close follows every error, with its code. It need not come soon where the other side pours on.
  socket.on("error", () => socket.terminate());
  return socket;
}

/** What a browser sends with each request, and what the caller wants instead. */
export function browserHeaders(
  { network, origin, headers }: Pick<WebSocketOptions, "network" | "headers" | "origin">,
  { method, url, handshake = false }: { method: string; url: string; handshake?: boolean },
): Record<string, string> {
  const named = originHeaders({ network, origin }, method, url, handshake);
  return withHeaders({ "accept-encoding": acceptEncoding, ...named }, headers);
}

/** Why we hung up, if we did: what came is more than anybody takes. */
function malformedBy(error: NodeJS.ErrnoException | undefined): { malformed?: string } {
  if (error === undefined) return {};
  if (error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH")
    return { malformed: `the target sent a message larger than ${sizeText(messageBytesMax)}` };
  if (error.code?.startsWith("WS_ERR_TOO_MANY") === true)
    return { malformed: `the target sent a message in more than ${fragmentsMax} fragments` };
  if (error.code?.startsWith("WS_ERR_") === true)
    return { malformed: `the target sent what is no WebSocket frame (${error.message})` };
  return {};
}

/** How a socket ended. */
export function closeOf(socket: WebSocket): Promise<CloseInfo> {
  let failure: NodeJS.ErrnoException | undefined;
  socket.once("error", (error) => (failure = error));
  return new Promise((resolve) =>
    socket.once("close", (code, reason) => resolve({ code, reason: reason.toString("utf8"), ...malformedBy(failure) })),
  );
}

/** Hands each message over as text. A binary message may end inside a character: the next one goes on with it. */
export function readTexts(socket: WebSocket, listener: (text: string) => void): void {
  const decoder = new StringDecoder("utf8");
  socket.on("message", (data: Buffer, isBinary) => listener(isBinary ? decoder.write(data) : data.toString("utf8")));
  socket.resume();
}

/**
 * A plain WebSocket as a text transport. Throws as openWebSocket does. A server that selects none of the subprotocols
 * is asked again without.
 */
export async function openWebSocketTransport(url: string, options: WebSocketOptions): Promise<TextTransport> {
  const socket = await openWebSocket(url, { protocols: stompSubprotocols, ...options }).catch((error: Error) => {
    if (!error.message.endsWith("Server sent no subprotocol")) throw error;
    return openWebSocket(url, options);
  });
  return {
    kind: "websocket",
    send: (text) => socket.send(text),
    onText: (listener) => readTexts(socket, listener),
    closed: closeOf(socket),
    close: () => {
      // The other side's answer ends the handshake: it has to be read, though nobody listens.
      socket.resume();
      socket.close(1000);
    },
    terminate: () => socket.terminate(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
}
