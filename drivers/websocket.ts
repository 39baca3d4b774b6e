// A plain WebSocket as a text transport. Compression is off: it would cost more than it shows.

import { WebSocket } from "ws";
import { TargetError } from "./errors.ts";
import type { Network } from "./network.ts";
import type { CloseInfo, TextTransport } from "./transport.ts";

export const stompSubprotocols = ["v12.stomp", "v11.stomp", "v10.stomp"];

export interface WebSocketOptions {
  network: Network;
  protocols?: readonly string[];
  headers?: Record<string, string>;
  openTimeoutMs?: number;
}

/** The `ws` socket, open. Throws TargetError "refused" with the HTTP status when the upgrade is answered otherwise. */
export async function openWebSocket(url: string, options: WebSocketOptions): Promise<WebSocket> {
  const socket = new WebSocket(url, [...(options.protocols ?? [])], {
    perMessageDeflate: false,
    handshakeTimeout: options.openTimeoutMs ?? 5_000,
    headers: options.headers ?? {},
    ...(options.network.ca === undefined ? {} : { ca: options.network.ca }),
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => {
      // Texts may come in the same packet as the 101: hold them until somebody listens.
      socket.pause();
      resolve();
    });
    socket.once("unexpected-response", (request, response) => {
      request.destroy();
      reject(new TargetError("refused", `Cannot open ${url}: answered ${response.statusCode} instead of 101`));
    });
    socket.once("error", (error) =>
      reject(new TargetError("unreachable", `Cannot open ${url}: ${error.message}`, { cause: error })),
    );
  });
  socket.on("error", () => {}); // a close follows every error, with its code
  return socket;
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
  const closed = new Promise<CloseInfo>((resolve) =>
    socket.once("close", (code, reason) => resolve({ code, reason: reason.toString("utf8") })),
  );
  return {
    kind: "websocket",
    send: (text) => socket.send(text),
    onText: (listener) => {
      socket.on("message", (data: Buffer) => listener(data.toString("utf8")));
      socket.resume();
    },
    closed,
    close: () => socket.close(1000),
    terminate: () => socket.terminate(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
}
