// How does the realtime layer reach the gateway chat? Whoever connects is let in, and may speak and listen in every room
// that they can name; no name is a pattern. A SEND that a rule refuses has no effect, and the sender finds the refusal on
// its error queue.

import { stompEndpoint } from "../../../systems/gateway-chat/wire.ts";
import type { Principal, RealtimePorts } from "../../realtime/ports.ts";
import { FrameError } from "../../stomp/codec.ts";
import { refusalOf } from "../problem.ts";
import { parseJson } from "../request.ts";
import type { SystemContext } from "../system.ts";
import { say } from "./domain/messages.ts";
import { parseRequest, roomIdPattern } from "./domain/validation.ts";

const heard = /^\/(?:sub|topic)\/chat\/room\/([^/]+)$/;
const sent = /^\/(?:pub|app)\/(?:chat\/sendMessage|sendMessage|send\/message)$/;

/** Guests of one address are one user, as far as limits go. */
export const guestOf = (address: string): Principal => ({
  userId: `guest ${address}`,
  username: "guest",
  role: "USER",
  loginId: "guests",
});

export function realtimePorts(core: SystemContext): RealtimePorts {
  return {
    profile: {
      endpoint: stompEndpoint,
      sockJs: true,
      // There are two of them; `send` looks.
      applicationPrefix: "",
      greeting: { name: "connected", data: "" },
      guest: guestOf,
      anyOrigin: true,
    },
    // Nobody asks: all are guests.
    authenticate: () => Promise.resolve(undefined),
    noteRefusedConnect: () => undefined,
    endedLogins: () => Promise.resolve([]),
    maySubscribe: (_, destination) => Promise.resolve(roomIdPattern.test(heard.exec(destination)?.[1] ?? "")),
    // There are no event streams.
    mayReadNow: () => Promise.resolve(false),
    announceOnline: () => Promise.resolve(),
    send(_, destination, body) {
      // A room is the server's alone to write to, and there is nothing else.
      if (!sent.test(destination)) throw new FrameError("Access denied");
      return refusalOf(
        () => say(core, parseRequest(parseJson(body))),
        () => undefined,
      );
    },
  };
}
