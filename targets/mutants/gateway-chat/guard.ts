// Mutants of contract/gateway-chat/guard.ts: secure mode that believes a body, breaks, or is open beside its door.

import { patch, type Mutant } from "../../faulty.ts";

const system = "gateway-chat-secure";
const realtime = "server/systems/gateway-chat/realtime.ts";
const routes = "server/systems/gateway-chat/routes.ts";
const webSocket = "server/realtime/websocket.ts";

export const guard: readonly Mutant[] = [
  {
    id: "guard-sender-from-the-body",
    what: "the body says who sent a message",
    system,
    patches: [
      patch(
        realtime,
        "{ ...(value as object), sender: sender.userId }",
        "{ sender: sender.userId, ...(value as object) }",
      ),
    ],
    red: ["guard.sender-is-the-token"],
  },
  {
    id: "guard-malformed-is-500",
    what: "an upgrade with a token that is none is answered 500",
    system,
    patches: [
      patch(
        webSocket,
        "await pace.next();",
        'await pace.next();\n      const { authorization } = request.headers;\n      if (authorization !== undefined && authorization.split(".").length !== 3)\n        return refuse(socket, "500 Internal Server Error");',
      ),
    ],
    red: ["guard.malformed-token-is-no-fault"],
  },
  {
    id: "guard-open-by-prefix",
    what: "what begins as the endpoint does is answered to everybody",
    system,
    patches: [
      patch(
        routes,
        'router.use((_, response) => say(response, 404, "no such endpoint"));',
        'router.use((request, response) => say(response, request.path.startsWith("/chat") ? 200 : 404, "no such endpoint"));',
      ),
    ],
    red: ["guard.no-way-round-by-path"],
  },
];
