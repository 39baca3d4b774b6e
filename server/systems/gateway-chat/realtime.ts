// How does the realtime layer reach the gateway chat? Whoever connects is let in, in secure mode with a token alone,
// and may speak and listen in every room that they can name; no name is a pattern. A SEND that a rule refuses has no
// effect, and the sender finds the refusal on its error queue.

import { stompEndpoint } from "../../../systems/gateway-chat/wire.ts";
import type { Principal, RealtimePorts } from "../../realtime/ports.ts";
import { FrameError } from "../../stomp/codec.ts";
import { refusalOf } from "../problem.ts";
import { parseJson } from "../request.ts";
import type { SystemContext } from "../system.ts";
import { say } from "./domain/messages.ts";
import { parseRequest, roomIdPattern, type ChatRequest } from "./domain/validation.ts";
import type { Bearers } from "./tokens.ts";

const heard = /^\/(?:sub|topic)\/chat\/room\/([^/]+)$/;
const sent = /^\/(?:pub|app)\/(?:chat\/sendMessage|sendMessage|send\/message)$/;

/** Guests of one address are one user, as far as limits go. */
export const guestOf = (address: string): Principal => ({
  userId: `guest ${address}`,
  username: "guest",
  role: "USER",
  loginId: "guests",
});

/** Whoever is known is the sender, whatever the body says. Throws Problem 400. */
function requestOf(body: string, sender: Principal | undefined): ChatRequest {
  const value = parseJson(body);
  return parseRequest(sender === undefined ? value : { ...(value as object), sender: sender.userId });
}

/** `bearers`: in secure mode. */
export function realtimePorts(core: SystemContext, bearers?: Bearers): RealtimePorts {
  return {
    profile: {
      endpoint: stompEndpoint,
      sockJs: true,
      // There are two of them; `send` looks.
      applicationPrefix: "",
      greeting: { name: "connected", data: "" },
      ...(bearers === undefined && { guest: guestOf }),
      anyOrigin: true,
    },
    authenticate: (token) => Promise.resolve(bearers?.read(token)),
    noteRefusedConnect: (_, from) => core.trace.refused({ kind: "connect", what: "CONNECT", from }),
    endedLogins: (loginIds) => Promise.resolve(bearers?.ended(loginIds) ?? []),
    maySubscribe: (_, destination) => Promise.resolve(roomIdPattern.test(heard.exec(destination)?.[1] ?? "")),
    // There are no event streams.
    mayReadNow: () => Promise.resolve(false),
    announceOnline: () => Promise.resolve(),
    send(principal, destination, body) {
      // A room is the server's alone to write to, and there is nothing else.
      if (!sent.test(destination)) throw new FrameError("Access denied");
      return refusalOf(
        () => say(core, requestOf(body, bearers && principal)),
        () => undefined,
      );
    },
  };
}
