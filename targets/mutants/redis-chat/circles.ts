// Mutants of contract/redis-chat/circles.ts: servers that do not know who is in a room, or how many rooms two have.

import { patch, type Mutant } from "../../faulty.ts";

const system = "redis-chat";
const rooms = "server/systems/redis-chat/domain/rooms.ts";

export const circles: readonly Mutant[] = [
  {
    id: "circles-group-or-not",
    what: "a group room is listed as a private one",
    system,
    patches: [patch(rooms, "THEN 'Y' ELSE 'N' END", "THEN 'N' ELSE 'N' END")],
    red: ["circles.creator-is-in"],
  },
  {
    id: "circles-list-of-all",
    what: "the list of groups holds private rooms",
    system,
    patches: [patch(rooms, "FROM rooms WHERE pair IS NULL ORDER BY id", "FROM rooms ORDER BY id")],
    red: ["circles.list-holds-groups-alone"],
  },
  {
    id: "circles-join-once",
    what: "who joins again is refused",
    system,
    patches: [
      patch(
        rooms,
        "await lockGroup(tx, roomId);\n    const sql",
        'await lockGroup(tx, roomId);\n    if ((await tx.query("SELECT 1 FROM participants WHERE room_id = $1 AND member_id = $2", [roomId, userId])).length > 0) throw new Problem(409, "ALREADY_PARTICIPANT", "already participant");\n    const sql',
      ),
    ],
    red: ["circles.join-again-is-fine"],
  },
  {
    id: "circles-empty-rooms-stay",
    what: "a room that everybody left is still there",
    system,
    patches: [
      patch(rooms, "await tx.query(`DELETE FROM rooms WHERE id = $1 AND ${nobody}`, [roomId]);", "void nobody;"),
    ],
    red: ["circles.last-leaver-deletes"],
  },
  {
    id: "circles-outlived",
    what: "subscriptions go on when their participant left",
    system,
    patches: [patch(rooms, "rightsChanged(roomId, userId)", "rightsChanged(roomId, `nobody, not ${userId}`)")],
    red: ["circles.leaver-hears-nothing"],
  },
  {
    id: "circles-two-for-two",
    what: "each of two has a private room with the other",
    system,
    patches: [patch(rooms, 'ids.toSorted((one, other) => one - other).join(":")', 'ids.join(":")')],
    red: ["circles.private-is-one-for-two"],
  },
  {
    id: "circles-check-then-insert",
    what: "a private room is looked for first, and made a moment later if it was not there yet",
    system,
    patches: [
      patch(
        rooms,
        "  return core.store.transaction(async (tx) => {\n    const [named]",
        `  const two = ids.toSorted((one, other) => one - other).join(":");
  const there = await core.store.query<{ id: number }>("SELECT id FROM rooms WHERE pair LIKE $1", [\`\${two}:%\`]);
  if (there[0]) return there[0].id;
  await new Promise((resolve) => setTimeout(resolve, 50));
  return core.store.transaction(async (tx) => {\n    const [named]`,
      ),
      patch(
        rooms,
        'const pair = ids.toSorted((one, other) => one - other).join(":");',
        "const pair = `${two}:${Math.random()}`;",
      ),
    ],
    red: ["circles.private-is-made-once"],
  },
  {
    id: "circles-named-after-one",
    what: "a private room is called as its creator",
    system,
    patches: [patch(rooms, "SELECT me.name || '-' || other.name AS name", "SELECT me.name AS name")],
    red: ["circles.private-has-its-name"],
  },
  {
    id: "circles-join-private",
    what: "everybody may join a private room",
    system,
    patches: [
      patch(rooms, "await lockGroup(tx, roomId);\n    const sql", "await lockRoom(tx, roomId);\n    const sql"),
    ],
    red: ["circles.private-is-no-group"],
  },
  {
    id: "circles-leave-private",
    what: "a private room can be left",
    system,
    patches: [patch(rooms, "await lockGroup(tx, roomId);\n    if", "await lockRoom(tx, roomId);\n    if")],
    red: ["circles.private-stays"],
  },
  {
    id: "circles-alone",
    what: "one may have a private room with oneself",
    system,
    patches: [patch(rooms, "if (ids[0] === otherId)", "if (otherId < 0)")],
    red: ["circles.nobody-alone"],
  },
];
