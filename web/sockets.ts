// How does the page open a socket whose frames the journal sees? SockJS with what each browser can do without an inline
// script, or a plain WebSocket of the page's own origin.

import SockJS from "sockjs-client";
import type { Way } from "./journal.ts";

/** Hears of each frame, with the transport by which it went. */
type Note = (way: Way, text: string, transport: string) => void;

const transports = ["websocket", "xhr-streaming", "xhr-polling"];

/** `onOpen` hears which transport it became. */
export function openSockJs(path: string, note: Note, onOpen?: (transport: string) => void): WebSocket {
  const socket = new SockJS(path, undefined, { transports });
  const transport = (): string => (socket as unknown as { transport?: string | null }).transport ?? "";
  if (onOpen !== undefined) socket.addEventListener("open", () => onOpen(transport()));
  return noted(socket, note, transport);
}

export function openWebSocket(path: string, note: Note, protocols: string[] = []): WebSocket {
  const url = new URL(path, location.href.replace(/^http/, "ws"));
  return noted(new WebSocket(url, protocols), note, () => "websocket");
}

function noted(socket: WebSocket, note: Note, transport: () => string): WebSocket {
  socket.addEventListener("message", ({ data }) => note("in", String(data), transport()));
  const send = socket.send.bind(socket);
  socket.send = (data: string): void => {
    note("out", data, transport());
    send(data);
  };
  return socket;
}
