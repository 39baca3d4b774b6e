// Every clause's proof. The type of `byArea` makes a clause without a proof, or a proof without a clause, a compile
// error.

import type { AreaName, areas, ClauseId } from "../../contract/catalogue.ts";
import type { Proof, Proofs } from "../../runner/proof.ts";
import { actions } from "./shared/actions.ts";
import { accounts } from "./discodeit/accounts.ts";
import { channels } from "./discodeit/channels.ts";
import { connect } from "./shared/connect.ts";
import { aliases } from "./gateway-chat/aliases.ts";
import { doors } from "./gateway-chat/doors.ts";
import { guard } from "./gateway-chat/guard.ts";
import { circles } from "./redis-chat/circles.ts";
import { entry } from "./redis-chat/entry.ts";
import { marks } from "./redis-chat/marks.ts";
import { relay } from "./redis-chat/relay.ts";
import { topics } from "./redis-chat/topics.ts";
import { lines } from "./sse/lines.ts";
import { stream } from "./sse/stream.ts";
import { entrance } from "./study-room/entrance.ts";
import { handshake } from "./study-room/handshake.ts";
import { membership } from "./study-room/membership.ts";
import { news } from "./study-room/news.ts";
import { status } from "./study-room/status.ts";
import { csrf } from "./discodeit/csrf.ts";
import { fanout } from "./shared/fanout.ts";
import { files } from "./discodeit/files.ts";
import { frames } from "./shared/frames.ts";
import { login } from "./discodeit/login.ts";
import { messages } from "./discodeit/messages.ts";
import { notifications } from "./discodeit/notifications.ts";
import { presence } from "./discodeit/presence.ts";
import { proxy } from "./shared/proxy.ts";
import { raw } from "./shared/raw.ts";
import { reads } from "./discodeit/reads.ts";
import { replay } from "./shared/replay.ts";
import { rest } from "./discodeit/rest.ts";
import { rooms } from "./shared/rooms.ts";
import { send } from "./shared/send.ts";
import { sockjs } from "./shared/sockjs.ts";
import { sse } from "./shared/sse.ts";
import { subscribe } from "./shared/subscribe.ts";
import { acks } from "./stomp/acks.ts";
import { payload } from "./stomp/payload.ts";
import { queues } from "./stomp/queues.ts";
import { strict } from "./stomp/strict.ts";
import { tcp } from "./stomp/tcp.ts";
import { transactions } from "./stomp/transactions.ts";
import { versions } from "./stomp/versions.ts";
import { tabs } from "./shared/tabs.ts";
import { transports } from "./shared/transports.ts";
import { websocket } from "./shared/websocket.ts";
import { witness } from "./shared/witness.ts";

const byArea: { readonly [Name in AreaName]: Proofs<(typeof areas)[Name]> } = {
  accounts,
  actions,
  acks,
  aliases,
  channels,
  circles,
  connect,
  csrf,
  doors,
  entrance,
  entry,
  fanout,
  files,
  frames,
  guard,
  handshake,
  lines,
  login,
  marks,
  membership,
  messages,
  news,
  notifications,
  payload,
  presence,
  proxy,
  queues,
  relay,
  raw,
  reads,
  replay,
  rest,
  rooms,
  send,
  sockjs,
  sse,
  status,
  stream,
  strict,
  subscribe,
  tabs,
  tcp,
  topics,
  transactions,
  transports,
  versions,
  websocket,
  witness,
};

export const proofs: Readonly<Record<ClauseId, Proof>> = Object.assign({}, ...Object.values(byArea)) as Record<
  ClauseId,
  Proof
>;

/** They wait, for the end of a login, a retry of a client or the next second (tokens), more than they work. */
export const runFirst = new Set<ClauseId>([
  "accounts.role-change-ends-logins",
  "accounts.role-change-sends-an-event",
  "accounts.update-changes-the-user",
  "accounts.update-takes-optional-fields",
  "connect.with-an-ended-token",
  "login.connections-end-with-logout",
  "login.connections-end-with-role-change",
  "login.connections-end-with-second-login",
  "login.bad-refresh-is-4xx",
  "login.cookie-name-and-path",
  "login.me-gives-a-token",
  "login.refresh-renews",
  "login.refresh-rotates",
  "login.returns-the-token",
  "login.second-login-ends-the-first",
  "login.sets-the-refresh-cookie",
  "login.several-logins",
  "notifications.of-a-role-change",
  "witness.eventsource-resumes",
]);

/**
 * Deleting a user broke all open streams on one server of the field, and a malformed frame ends a Node server that
 * listens to no errors of its sockets: who deletes users, and then who breaks the grammar, runs when all others are
 * done.
 */
export const runLast = {
  /** They measure what anything else would hide: one at a time. */
  alone: new Set<ClauseId>([
    "sse.head-at-once",
    // An event of somebody else between the cut and the missing one hides that one too many is left out.
    "replay.exactly-the-missing",
    "actions.other-rooms-are-silent",
  ]),
  /** They listen while they delete: one at a time, with a moment between them. */
  deleting: new Set<ClauseId>([
    "sse.user-changes-to-everyone",
    "login.connections-end-with-deletion",
    "login.others-stay-connected",
  ]),
  /** They listen to nothing. */
  together: new Set<ClauseId>([
    "accounts.sign-up-returns-the-user",
    "accounts.sign-up-stores-the-profile",
    "accounts.list-holds-the-user",
    "accounts.delete-removes-the-user",
    "accounts.delete-is-204",
    "accounts.delete-only-self-or-admin",
    "accounts.delete-by-admin",
    "accounts.deleted-author-is-null",
    "accounts.limits-are-exact",
    "accounts.duplicate-username",
    "accounts.duplicate-is-409",
    "accounts.password-never-shown",
    "messages.history-outlives-its-author",
    "witness.fetch",
  ]),
  /** They send what some servers die of: one at a time, when every other verdict is given. */
  breaking: new Set<ClauseId>([
    "raw.bad-json-disturbs-nobody",
    "raw.bad-json-keeps-the-socket",
    "transports.broken-json-ends-it",
    "websocket.unmasked-frames-end-it",
    "websocket.malformed-frames-end-it",
    "websocket.texts-are-utf-8",
    "websocket.codes-for-nobody",
  ]),
};
