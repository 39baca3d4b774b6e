// How does the realtime layer reach the Redis chat? CONNECT says who it is, for the whole session: what a SUBSCRIBE
// repeats is not read. A room is heard and spoken to by its participants alone. A SEND that a rule refuses has no effect,
// and the sender finds the refusal on its error queue.

import { stompEndpoint } from "../../../systems/redis-chat/wire.ts";
import type { ErrorResponse, Principal, RealtimePorts } from "../../realtime/ports.ts";
import { FrameError } from "../../stomp/codec.ts";
import { refusalOf, type Problem } from "../problem.ts";
import { parseJson } from "../request.ts";
import { parse } from "../validation.ts";
import type { Core } from "./domain/core.ts";
import { authenticate, endedLogins } from "./domain/members.ts";
import { say } from "./domain/messages.ts";
import { isParticipant } from "./domain/rooms.ts";
import { messageSchema } from "./domain/validation.ts";

/** Exactly so: no leading zeros, nothing that a pattern would match. */
const heard = /^\/topic\/([1-9]\d{0,14})$/;
const sent = /^\/(?:publish|app)\/([1-9]\d{0,14})$/;

export function realtimePorts(core: Core): RealtimePorts {
  const note = (kind: "connect" | "access", what: string, who?: string, from?: string): void =>
    core.trace.refused({ kind, what, who, from });
  return {
    profile: {
      endpoint: stompEndpoint,
      sockJs: true,
      // There are two of them; `send` looks.
      applicationPrefix: "",
      greeting: { name: "connected", data: "" },
    },
    authenticate: (token) => authenticate(core, token),
    noteRefusedConnect: (_, from) => note("connect", "CONNECT", undefined, from),
    endedLogins: (loginIds) => Promise.resolve(endedLogins(loginIds)),
    async maySubscribe(principal, destination) {
      const [, roomId] = heard.exec(destination) ?? [];
      const may = roomId !== undefined && (await isParticipant(core.store, principal, Number(roomId)));
      if (!may) note("access", `SUBSCRIBE ${destination}`, principal.username);
      return may;
    },
    // There are no event streams.
    mayReadNow: () => Promise.resolve(false),
    announceOnline: () => Promise.resolve(),
    send: (principal, destination, body) =>
      send(core, principal, destination, body, ({ status }) => {
        if (status === 403) note("access", `SEND ${destination}`, principal.username);
      }),
  };
}

/** Resolves with the refusal, if there was one. Throws what is a fault of ours, and FrameError: the session ends. */
async function send(
  core: Core,
  principal: Principal,
  destination: string,
  body: string,
  onRefused: (problem: Problem) => void,
): Promise<ErrorResponse | undefined> {
  const [, roomId] = sent.exec(destination) ?? [];
  // A topic is the server's alone to write to, and there is nothing else.
  if (roomId === undefined) throw new FrameError("Access denied");
  return refusalOf(async () => {
    await say(core, principal, Number(roomId), parse(messageSchema, parseJson(body)).message);
  }, onRefused);
}
