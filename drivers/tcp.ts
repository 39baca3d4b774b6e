// Plain TCP as a text transport: STOMP without anything around it.

import { connect, type Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";
import { within } from "./deadline.ts";
import { TargetError, TimeoutError } from "./errors.ts";
import type { CloseInfo, TextTransport } from "./transport.ts";

/** `url`: tcp://host:port. Throws TargetError "unreachable", TimeoutError. */
export async function openTcpTransport(url: string, openTimeoutMs: number): Promise<TextTransport> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port), noDelay: true });
  const closed = closeOf(socket);
  const opened = new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", (error) =>
      reject(new TargetError("unreachable", `Cannot open ${url}: ${error.message}`, { cause: error })),
    );
  });
  await within(openTimeoutMs, opened, () => {
    socket.destroy();
    throw new TimeoutError(`Cannot open ${url}: no answer within ${openTimeoutMs} ms`);
  });
  return {
    kind: "tcp",
    send: (text) => void socket.write(text),
    onText: (listener) => {
      const decoder = new StringDecoder("utf8");
      socket.on("data", (chunk) => listener(decoder.write(chunk)));
    },
    closed,
    close: () => {
      socket.resume();
      socket.end();
    },
    terminate: () => socket.resetAndDestroy(),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
  };
}

/** TCP has no codes: the end that was announced is a normal one. */
function closeOf(socket: Socket): Promise<CloseInfo> {
  let hasEnded = false;
  socket.once("end", () => (hasEnded = true));
  socket.on("error", () => {}); // "close" follows
  return new Promise((resolve) => socket.once("close", () => resolve({ code: hasEnded ? 1000 : 1006, reason: "" })));
}
