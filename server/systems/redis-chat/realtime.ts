// How does the realtime layer reach the Redis chat? CONNECT says who it is, for the whole session: what a SUBSCRIBE
// repeats is not read. A room is heard and spoken to by its participants alone.

import { stompEndpoint } from "../../../systems/redis-chat/wire.ts";
import type { RealtimePorts } from "../../realtime/ports.ts";
import { FrameError } from "../../stomp/codec.ts";
import type { Core } from "../core.ts";
import { parseJson } from "../request.ts";
import { roomPorts } from "../room-ports.ts";
import { parse } from "../validation.ts";
import { authenticate, endedLogins } from "./domain/members.ts";
import { say } from "./domain/messages.ts";
import { participants } from "./domain/rooms.ts";
import { messageSchema } from "./domain/validation.ts";

/** Exactly so: no leading zeros, nothing that a pattern would match. */
const heard = /^\/topic\/([1-9]\d{0,14})$/;
const sent = /^\/(?:publish|app)\/([1-9]\d{0,14})$/;

export function realtimePorts(core: Core): RealtimePorts {
  return {
    ...roomPorts(core, {
      heard,
      members: participants,
      async send(principal, destination, body) {
        const [, roomId] = sent.exec(destination) ?? [];
        // A topic is the server's alone to write to, and there is nothing else.
        if (roomId === undefined) throw new FrameError("Access denied");
        await say(core, principal, Number(roomId), parse(messageSchema, parseJson(body)).message);
      },
    }),
    profile: {
      endpoint: stompEndpoint,
      sockJs: true,
      // There are two of them; `send` looks.
      applicationPrefix: "",
      greeting: { name: "connected", data: "" },
    },
    authenticate: (token) => authenticate(core, token),
    endedLogins: (loginIds) => Promise.resolve(endedLogins(loginIds)),
  };
}
