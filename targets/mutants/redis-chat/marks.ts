// Mutants of contract/redis-chat/marks.ts: servers that count what is unread in another way.

import { patch, type Mutant } from "../../faulty.ts";

const system = "redis-chat";
const rooms = "server/systems/redis-chat/domain/rooms.ts";
const messages = "server/systems/redis-chat/domain/messages.ts";

export const marks: readonly Mutant[] = [
  {
    id: "marks-of-the-sender",
    what: "a message is unread for its sender, too",
    system,
    patches: [patch(messages, "p.member_id, p.member_id = $2 FROM", "p.member_id, p.member_id = $2 AND false FROM")],
    red: ["marks.others-have-it-unread"],
  },
  {
    id: "marks-read-the-last-one",
    what: "/read marks one message, not all",
    system,
    patches: [
      patch(
        messages,
        "WHERE member_id = $1 AND room_id = $2 AND NOT is_read",
        "WHERE member_id = $1 AND room_id = $2 AND message_id = (SELECT max(message_id) FROM read_marks WHERE room_id = $2)",
      ),
    ],
    red: ["marks.read-makes-none"],
  },
  {
    id: "marks-read-for-all",
    what: "what one participant read is read for all",
    system,
    patches: [patch(messages, "WHERE member_id = $1 AND room_id", "WHERE $1::bigint > 0 AND room_id")],
    red: ["marks.read-is-ones-own"],
  },
  {
    id: "marks-listening-is-reading",
    what: "who subscribes has read the room, and reads whatever comes",
    system,
    patches: [
      patch(
        "server/systems/redis-chat/realtime.ts",
        "authenticate: (token) => authenticate(core, token),",
        "authenticate: (token) => authenticate(core, token),\n    listening: (_, { userId }) => void listeners.add(userId),",
      ),
      patch(
        "server/systems/redis-chat/realtime.ts",
        "/** Exactly so",
        'import { listeners } from "./domain/messages.ts";\n\n/** Exactly so',
      ),
      patch(
        messages,
        "/** Throws Problem 403 or 404 without effect. */",
        "export const listeners = new Set<string>();\n\n/** Throws Problem 403 or 404 without effect. */",
      ),
      patch(
        messages,
        "p.member_id, p.member_id = $2 FROM",
        "p.member_id, p.member_id = $2 OR p.member_id = ANY ($4::bigint[]) FROM",
      ),
      patch(messages, "[roomId, principal.userId, message],", "[roomId, principal.userId, message, [...listeners]],"),
    ],
    red: ["marks.listening-is-not-reading"],
  },
  {
    id: "marks-for-the-late",
    what: "who joins late has all that was said unread",
    system,
    patches: [
      patch(
        rooms,
        "await tx.query(sql, [roomId, userId]);\n  });",
        'await tx.query(sql, [roomId, userId]);\n    await tx.query("INSERT INTO read_marks (message_id, room_id, member_id, is_read) SELECT id, room_id, $2, false FROM messages WHERE room_id = $1 ON CONFLICT DO NOTHING", [roomId, userId]);\n  });',
      ),
    ],
    red: ["marks.late-joiner-has-none"],
  },
  {
    id: "marks-wait-for-who-left",
    what: "what was unread when a participant left is unread when they come back",
    system,
    patches: [
      patch(
        rooms,
        'await tx.query("DELETE FROM read_marks WHERE room_id = $1 AND member_id = $2", [roomId, userId]);',
        "",
      ),
    ],
    red: ["marks.who-comes-back-has-none"],
  },
  {
    id: "marks-read-by-anybody",
    what: "/read of a room that one is not in is answered 200",
    system,
    patches: [
      patch(
        messages,
        'await participants.check(core.store, principal, roomId);\n  const sql = "UPDATE',
        'const sql = "UPDATE',
      ),
    ],
    red: ["marks.read-is-for-participants"],
  },
];
