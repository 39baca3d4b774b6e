// Mutants of contract/study-room/status.ts: servers that tell the wrong state, or take one from whom they must not.

import { patch, type Mutant } from "../../faulty.ts";
import { everyTabCounts } from "./entrance.ts";

const system = "study-room";
const registry = "server/systems/study-room/domain/registry.ts";
const realtime = "server/systems/study-room/realtime.ts";
const rooms = "server/systems/study-room/domain/rooms.ts";
const mayNot = 'if (told.status === "OFFLINE" || status === "OFFLINE") return false;';
const change = "if (told.status !== status) await tell(tx, seat, { ...told, status }, told);";

export const status: readonly Mutant[] = [
  {
    id: "status-online-at-first",
    what: "who comes is ONLINE",
    system,
    patches: [
      patch(registry, '"OFFLINE" ? firstStatus', '"OFFLINE" ? (firstStatus === "STUDYING" ? "ONLINE" : firstStatus)'),
    ],
    red: ["status.first-tab-studies"],
  },
  {
    id: "status-for-ever",
    what: "who is gone keeps the state",
    system,
    patches: [patch(registry, ': told.status) : "OFFLINE";', ": told.status) : told.status;")],
    red: ["status.last-tab-is-offline"],
  },
  {
    id: "status-of-every-tab",
    what: "each tab that goes is OFFLINE, and the others come anew",
    system,
    patches: [everyTabCounts],
    red: ["status.last-tab-is-offline", "status.second-tab-keeps-it"],
  },
  {
    id: "status-kept-to-itself",
    what: "a state that is set is kept, and told to nobody",
    system,
    patches: [
      patch(
        registry,
        change,
        'await tx.query("UPDATE told SET status = $3 WHERE room_id = $1 AND user_id = $2", [seat.roomId, seat.userId, status]);',
      ),
    ],
    red: ["status.change-is-heard"],
  },
  {
    id: "status-unknown-is-online",
    what: "a state that is none counts as ONLINE",
    system,
    patches: [
      patch(
        realtime,
        "if (!statuses.includes(status as Status)) return;",
        'if (!statuses.includes(status as Status)) return void (await registry.setStatus({ roomId, userId: principal.userId }, "ONLINE"));',
      ),
    ],
    red: ["status.unknown-is-ignored"],
  },
  {
    id: "status-told-again",
    what: "the same state is told again",
    system,
    patches: [
      patch(
        registry,
        change,
        'await tell(tx, seat, { ...told, status }, { ...told, status: told.status === status ? "OFFLINE" : told.status });',
      ),
    ],
    red: ["status.same-is-silent"],
  },
  {
    id: "status-offline-at-will",
    what: "who is connected may say OFFLINE",
    system,
    patches: [patch(registry, mayNot, 'if (told.status === "OFFLINE") return false;')],
    red: ["status.offline-cannot-be-set"],
  },
  {
    id: "status-by-messages",
    what: "who listens to the messages is online, and nobody else",
    system,
    patches: [patch(registry, 'const online = isAt(seat, "presence")', 'const online = isAt(seat, "chat")')],
    red: ["status.counts-its-own-tabs"],
  },
  {
    id: "status-always-online",
    what: "participants are shown as ONLINE",
    system,
    patches: [patch(rooms, "COALESCE(t.status, 'OFFLINE') AS status", "'ONLINE' AS status")],
    red: ["status.participants-show-it"],
  },
  {
    id: "status-of-strangers",
    what: "strangers set a state in a room",
    system,
    patches: [
      patch(
        realtime,
        "await checkMember(core.store, principal, roomId);\n  if (action",
        "void checkMember;\n  if (action",
      ),
      patch(registry, mayNot, 'if (status === "OFFLINE") return false;'),
    ],
    red: ["status.strangers-set-nothing"],
  },
];
