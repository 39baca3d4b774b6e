// A second instance without a stack: the process listens on one port more for its first system, and what is said is not heard there for a while, or ever –
// as on an instance whose consumers join late, or share a group with the first.

import { patch } from "./faulty.ts";
import type { Patch } from "./patch.ts";

/** Name of the variable that holds the second port. */
export const secondPortVariable = "SECOND_PORT";

/** `deafMs`: for how long after the first listener came; Infinity: for ever. */
export function secondPort(deafMs: number): Patch[] {
  const isDeaf = (socket: string): string => `(${socket}.isSecond && performance.now() < (globalThis.joinedAtMs ??= performance.now() + ${deafMs}))`;
  return [
    patch(
      "server/http.ts",
      "  const address = server.address() as AddressInfo;\n",
      `  if (!globalThis.second) {
    const { createServer: createSecond } = await import("node:net");
    globalThis.second = createSecond((socket) => {
      socket.isSecond = true;
      server.emit("connection", socket);
    });
    await new Promise((resolve) => globalThis.second.listen(Number(process.env["${secondPortVariable}"]), "127.0.0.1", resolve));
  }
  const address = server.address() as AddressInfo;\n`,
    ),
    patch(
      "server/realtime/websocket.ts",
      "    if (this.webSocket.readyState === WebSocket.OPEN) this.#socket.write(frame);\n",
      `    if (frame.includes("MESSAGE\\n") && ${isDeaf("this.#socket")}) return;\n    if (this.webSocket.readyState === WebSocket.OPEN) this.#socket.write(frame);\n`,
    ),
    patch(
      "server/realtime/sse-stream.ts",
      "    if (!this.#live || !isReceiver(entry, this.principal.userId)) return false;\n",
      `    if (!this.#live || !isReceiver(entry, this.principal.userId) || ${isDeaf("this.#response.socket")}) return false;\n`,
    ),
  ];
}
