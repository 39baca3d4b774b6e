// Mutants of contract/study-room/membership.ts: servers that do not know who is a member, or whose history is wrong.

import { patch, type Mutant } from "../../faulty.ts";

const system = "study-room";
const realtime = "server/systems/study-room/realtime.ts";
const ports = "server/systems/room-ports.ts";
const rooms = "server/systems/study-room/domain/rooms.ts";
const messages = "server/systems/study-room/domain/messages.ts";
const records = "server/bus/new-records.ts";

export const membership: readonly Mutant[] = [
  {
    id: "membership-sender-from-the-body",
    what: "the body says who sent a message",
    system,
    patches: [
      patch(
        realtime,
        'if (action === "chat") return chat(core, principal, roomId,',
        'const { senderId } = parseJson(body) as { senderId?: unknown };\n  if (action === "chat") return chat(core, senderId === undefined ? principal : { ...principal, userId: String(senderId) }, roomId,',
      ),
    ],
    red: ["membership.sender-is-the-session"],
  },
  {
    id: "membership-history-for-all",
    what: "everybody reads the history",
    system,
    patches: [
      patch(
        messages,
        "await members.check(core.store, principal, roomId);\n  const rows",
        "void principal;\n  const rows",
      ),
    ],
    red: ["membership.history-is-the-members"],
  },
  {
    id: "membership-participants-for-all",
    what: "everybody reads who is in a room",
    system,
    patches: [
      patch(
        rooms,
        "await members.check(core.store, principal, roomId);\n  return core.store.query(",
        "void principal;\n  return core.store.query(",
      ),
    ],
    red: ["membership.participants-are-the-members"],
  },
  {
    id: "membership-presence-for-all",
    what: "everybody hears a room's presence",
    system,
    patches: [
      patch(
        ports,
        "const may = roomId !== undefined && (await",
        'const may = roomId !== undefined && (destination.endsWith("/presence") || await',
      ),
    ],
    red: ["membership.presence-is-the-members"],
  },
  {
    id: "membership-outlived",
    what: "subscriptions go on when their member left",
    system,
    patches: [patch(records, "rightsOf: userId,", "rightsOf: `nobody, not ${userId}`,")],
    red: ["membership.leaver-hears-nothing"],
  },
  {
    id: "membership-of-five",
    what: "a room has five members",
    system,
    patches: [patch(rooms, ">= limits.capacity)", "> limits.capacity)")],
    red: ["membership.four-at-most"],
  },
  {
    id: "membership-twice-is-400",
    what: "joining a second time is answered 400",
    system,
    patches: [patch(rooms, 'new Problem(409, "ALREADY_PARTICIPANT"', 'new Problem(400, "ALREADY_PARTICIPANT"')],
    red: ["membership.twice-is-409"],
  },
  {
    id: "membership-host-leaves",
    what: "the host leaves as others do",
    system,
    patches: [patch(rooms, "AND role <> 'HOST' RETURNING id", "RETURNING id")],
    red: ["membership.host-cannot-leave"],
  },
  {
    id: "membership-history-oldest-first",
    what: "the history comes oldest first",
    system,
    patches: [patch(messages, "ORDER BY m.created_at DESC, m.id DESC", "ORDER BY m.created_at, m.id")],
    red: ["membership.history-newest-first"],
  },
  {
    id: "membership-blank-is-said",
    what: "blank messages are messages",
    system,
    patches: [patch(messages, 'if (content.trim() === "") return;', "")],
    red: ["membership.blank-is-ignored"],
  },
];
