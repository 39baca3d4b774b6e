// A second instance without a stack: the process listens on one port more for its first system, and what is said is not
// heard there for a while, or ever – as on an instance whose consumers join late, or share a group with the first.

import { patch, prepend } from "./faulty.ts";
import type { Patch } from "./patch.ts";

/** Name of the variable that holds the second port. */
export const secondPortVariable = "SECOND_PORT";

const module = "targets/mutants/discodeit/modules/second-port.ts";

/** `deafMs`: for how long after the first listener came; Infinity: for ever. */
export function secondPort(deafMs: number): Patch[] {
  return [
    prepend("server/http.ts", `import { listenOnSecondPort } from "../${module}";`),
    patch(
      "server/http.ts",
      "  const address = server.address() as AddressInfo;\n",
      `  await listenOnSecondPort(server, process.env["${secondPortVariable}"]);\n  const address = server.address() as AddressInfo;\n`,
    ),
    prepend("server/realtime/websocket.ts", `import { isDeaf } from "../../${module}";`),
    patch(
      "server/realtime/websocket.ts",
      "    if (this.webSocket.readyState === WebSocket.OPEN) this.#socket.write(frame);\n",
      `    if (frame.includes("MESSAGE\\n") && isDeaf(this.#socket, ${deafMs})) return;\n    if (this.webSocket.readyState === WebSocket.OPEN) this.#socket.write(frame);\n`,
    ),
    prepend("server/sse/stream.ts", `import { isDeaf } from "../../${module}";`),
    patch(
      "server/sse/stream.ts",
      "    if (!this.#live || !isReceiver(entry, this.principal.userId)) return false;\n",
      `    if (!this.#live || !isReceiver(entry, this.principal.userId) || isDeaf(this.#response.socket, ${deafMs})) return false;\n`,
    ),
  ];
}
