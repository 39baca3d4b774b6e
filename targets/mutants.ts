// The mutants of the reference server, all areas together. Each must turn the clauses in `red` red.

import type { ClauseId } from "../contract/catalogue.ts";
import type { Mutant } from "./faulty.ts";
import { accounts } from "./mutants/discodeit/accounts.ts";
import { channels } from "./mutants/discodeit/channels.ts";
import { connect } from "./mutants/discodeit/connect.ts";
import { csrf } from "./mutants/discodeit/csrf.ts";
import { fanout, proxy } from "./mutants/discodeit/fanout.ts";
import { files } from "./mutants/discodeit/files.ts";
import { frames } from "./mutants/discodeit/frames.ts";
import { login } from "./mutants/discodeit/login.ts";
import { messages } from "./mutants/discodeit/messages.ts";
import { notifications } from "./mutants/discodeit/notifications.ts";
import { presence } from "./mutants/discodeit/presence.ts";
import { reads } from "./mutants/discodeit/reads.ts";
import { replay } from "./mutants/discodeit/replay.ts";
import { rest } from "./mutants/discodeit/rest.ts";
import { send } from "./mutants/discodeit/send.ts";
import { sockjs } from "./mutants/discodeit/sockjs.ts";
import { sse } from "./mutants/discodeit/sse.ts";
import { subscribe } from "./mutants/discodeit/subscribe.ts";
import { tabs } from "./mutants/discodeit/tabs.ts";
import { witness } from "./mutants/discodeit/witness.ts";
import { aliases } from "./mutants/gateway-chat/aliases.ts";
import { doors } from "./mutants/gateway-chat/doors.ts";
import { guard } from "./mutants/gateway-chat/guard.ts";
import { raw } from "./mutants/gateway-chat/raw.ts";
import { circles } from "./mutants/redis-chat/circles.ts";
import { entry } from "./mutants/redis-chat/entry.ts";
import { marks } from "./mutants/redis-chat/marks.ts";
import { relay } from "./mutants/redis-chat/relay.ts";
import { topics } from "./mutants/redis-chat/topics.ts";
import { lines } from "./mutants/sse/lines.ts";
import { stream } from "./mutants/sse/stream.ts";
import { actions } from "./mutants/study-room/actions.ts";
import { entrance } from "./mutants/study-room/entrance.ts";
import { handshake } from "./mutants/study-room/handshake.ts";
import { membership } from "./mutants/study-room/membership.ts";
import { news } from "./mutants/study-room/news.ts";
import { status } from "./mutants/study-room/status.ts";
import { acks } from "./mutants/stomp/acks.ts";
import { payload } from "./mutants/stomp/payload.ts";
import { queues } from "./mutants/stomp/queues.ts";
import { strict } from "./mutants/stomp/strict.ts";
import { tcp } from "./mutants/stomp/tcp.ts";
import { transactions } from "./mutants/stomp/transactions.ts";
import { transports } from "./mutants/stomp/transports.ts";
import { versions } from "./mutants/stomp/versions.ts";
import { websocket } from "./mutants/stomp/websocket.ts";

export const mutants: readonly Mutant[] = [
  [accounts, login, csrf, rest, channels, messages, reads, files, notifications],
  [connect, subscribe, send, frames, sockjs, sse, replay, presence, tabs, witness],
  [fanout, proxy],
  [handshake, entrance, status, membership, news, actions],
  [entry, circles, topics, marks, relay],
  [raw, aliases, doors, guard],
  [versions, payload, acks, transactions, queues, tcp, strict, websocket, transports],
  [stream, lines],
].flat(2);

/**
 * What no mutant of the reference server can break, and the fault of another server that does. No built-in system has
 * rooms for members over bare WebSockets.
 */
export const killedElsewhere: Readonly<Partial<Record<ClauseId, string>>> = {
  "rooms.strangers-hear-no-socket": "a backend of tests/own lets strangers into a room's socket",
};
