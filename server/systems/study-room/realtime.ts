// How does the realtime layer reach the study rooms? The handshake's cookie says who it is; a room and its presence are
// heard by members alone; who listens is told to the room.

import type { IncomingMessage } from "node:http";
import {
  accessCookie,
  applicationPrefix,
  connectedEvent,
  statuses,
  stompEndpoint,
  type Status,
} from "../../../systems/study-room/wire.ts";
import { readCookie } from "../../security/cookies.ts";
import type { Principal, RealtimePorts } from "../../realtime/ports.ts";
import { endedLogins } from "../../security/logins.ts";
import type { Core } from "../core.ts";
import { Problem } from "../problem.ts";
import { bearerOf, parseJson } from "../request.ts";
import { roomPorts } from "../room-ports.ts";
import { parse } from "../validation.ts";
import { authenticate } from "./domain/logins.ts";
import { chat } from "./domain/messages.ts";
import type { Registry, Seat, Topic } from "./domain/registry.ts";
import { members } from "./domain/rooms.ts";
import { chatSchema, presenceSchema } from "./domain/validation.ts";

/** Exactly so: no leading zeros, nothing that a pattern would match. */
const heard = /^\/topic\/rooms\/([1-9]\d{0,14})(\/presence)?$/;
const sent = /^\/app\/rooms\/([1-9]\d{0,14})\/(chat|presence\/update|presence\/heartbeat)$/;

export function realtimePorts(core: Core, registry: Registry): RealtimePorts {
  return {
    ...roomPorts(core, {
      heard,
      members,
      send: (principal, destination, body) => send(core, registry, principal, destination, body),
    }),
    profile: {
      endpoint: stompEndpoint,
      sockJs: false,
      applicationPrefix,
      greeting: connectedEvent,
      async authenticateHandshake(request, from) {
        const token = tokenOf(request);
        const principal = token === undefined ? undefined : await authenticate(core, token);
        if (!principal) core.trace.refused({ kind: "connect", what: "handshake", from });
        return principal;
      },
    },
    // No connection gets so far without a principal.
    authenticate: () => Promise.resolve(undefined),
    endedLogins: (loginIds) => endedLogins(core.store, loginIds),
    listening(listener, principal, destination) {
      const at = heardBy(principal, destination);
      return at && registry.listening(listener, ...at);
    },
    stoppedListening(listener, principal, destination) {
      const at = heardBy(principal, destination);
      if (at) registry.stoppedListening(listener, ...at);
    },
  };
}

function heardBy({ userId }: Principal, destination: string): [Topic, Seat] | undefined {
  const [, roomId, presence] = heard.exec(destination) ?? [];
  return roomId === undefined ? undefined : [presence ? "presence" : "chat", { roomId: Number(roomId), userId }];
}

/** The header, or else the cookie: a bad header is no reason to look for a good cookie. */
export const tokenOf = (request: Pick<IncomingMessage, "headers">): string | undefined =>
  request.headers.authorization === undefined ? readCookie(request, accessCookie) : bearerOf(request);

async function send(core: Core, registry: Registry, principal: Principal, destination: string, body: string) {
  const [, id, action] = sent.exec(destination) ?? [];
  if (id === undefined) throw new Problem(404, "DESTINATION_NOT_FOUND", "destination not found");
  const roomId = Number(id);
  if (action === "chat") return chat(core, principal, roomId, parse(chatSchema, parseJson(body)).content);
  await members.check(core.store, principal, roomId);
  if (action === "presence/heartbeat") return;
  const { status } = parse(presenceSchema, parseJson(body));
  // What is no status is ignored.
  if (!statuses.includes(status as Status)) return;
  if (!(await registry.setStatus({ roomId, userId: principal.userId }, status as Status)))
    throw new Problem(409, "NOT_IN_THE_ROOM", "status of somebody who is not there, or OFFLINE of somebody who is");
}
