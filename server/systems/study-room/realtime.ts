// How does the realtime layer reach the study rooms? The handshake's cookie says who it is; a room and its presence are
// heard by members alone; who listens is told to the room. A SEND that a rule refuses has no effect, and the sender finds
// the refusal on its error queue.

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
import { Problem, refusalOf } from "../problem.ts";
import { parseJson } from "../request.ts";
import { parse } from "../validation.ts";
import type { Core } from "./domain/core.ts";
import { authenticate } from "./domain/logins.ts";
import { chat } from "./domain/messages.ts";
import type { Registry, Seat } from "./domain/registry.ts";
import { checkMember, isMember } from "./domain/rooms.ts";
import { chatSchema, presenceSchema } from "./domain/validation.ts";

/** Exactly so: no leading zeros, nothing that a pattern would match. */
const heard = /^\/topic\/rooms\/([1-9]\d{0,14})(\/presence)?$/;
const sent = /^\/app\/rooms\/([1-9]\d{0,14})\/(chat|presence\/update|presence\/heartbeat)$/;

export function realtimePorts(core: Core, registry: Registry): RealtimePorts {
  const note = (kind: "connect" | "access", what: string, who?: string, from?: string): void =>
    core.trace.refused({ kind, what, who, from });
  const heardBy = ({ userId }: Principal, destination: string): [("chat" | "presence")?, Seat?] => {
    const [, roomId, presence] = heard.exec(destination) ?? [];
    return roomId === undefined ? [] : [presence ? "presence" : "chat", { roomId: Number(roomId), userId }];
  };
  return {
    profile: {
      endpoint: stompEndpoint,
      sockJs: false,
      applicationPrefix,
      greeting: connectedEvent,
      async authenticateHandshake(request) {
        const token = tokenOf(request);
        const principal = token === undefined ? undefined : await authenticate(core, token);
        if (!principal) note("connect", "handshake", undefined, request.socket.remoteAddress);
        return principal;
      },
    },
    // No connection gets so far without a principal.
    authenticate: () => Promise.resolve(undefined),
    noteRefusedConnect: (_, from) => note("connect", "CONNECT", undefined, from),
    endedLogins: (loginIds) => endedLogins(core.store, loginIds),
    async maySubscribe(principal, destination) {
      const [, seat] = heardBy(principal, destination);
      const may = seat !== undefined && (await isMember(core.store, principal.userId, seat.roomId));
      if (!may) note("access", `SUBSCRIBE ${destination}`, principal.username);
      return may;
    },
    mayReadNow: async ({ userId }, { channelId }) =>
      channelId === undefined || (await isMember(core.store, userId, Number(channelId))),
    announceOnline: () => Promise.resolve(),
    listening(listener, principal, destination) {
      const [topic, seat] = heardBy(principal, destination);
      return topic && seat && registry.listening(listener, topic, seat);
    },
    stoppedListening(listener, principal, destination) {
      const [topic, seat] = heardBy(principal, destination);
      if (topic && seat) registry.stoppedListening(listener, topic, seat);
    },
    send: (principal, destination, body) =>
      refusalOf(
        () => send(core, registry, principal, destination, body),
        (problem) => {
          if (problem.status === 403) note("access", `SEND ${destination}`, principal.username);
        },
      ),
  };
}

/** The header, or else the cookie: a bad header is no reason to look for a good cookie. */
export const tokenOf = (request: Pick<IncomingMessage, "headers">): string | undefined => {
  const { authorization } = request.headers;
  return authorization === undefined ? readCookie(request, accessCookie) : /^Bearer +(\S+)$/i.exec(authorization)?.[1];
};

async function send(core: Core, registry: Registry, principal: Principal, destination: string, body: string) {
  const [, id, action] = sent.exec(destination) ?? [];
  if (id === undefined) throw new Problem(404, "DESTINATION_NOT_FOUND", "destination not found");
  const roomId = Number(id);
  if (action === "chat") return chat(core, principal, roomId, parse(chatSchema, parseJson(body)).content);
  await checkMember(core.store, principal, roomId);
  if (action === "presence/heartbeat") return;
  const { status } = parse(presenceSchema, parseJson(body));
  // What is no status is ignored.
  if (!statuses.includes(status as Status)) return;
  if (!(await registry.setStatus({ roomId, userId: principal.userId }, status as Status)))
    throw new Problem(409, "NOT_IN_THE_ROOM", "status of somebody who is not there, or OFFLINE of somebody who is");
}
