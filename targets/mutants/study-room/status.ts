// Mutants of contract/study-room/status.ts: servers that tell the wrong state, or take one from whom they must not.

import { patch, type Mutant } from "../../faulty.ts";
import { everyTabCounts } from "./entrance.ts";

const system = "study-room";
const registry = "server/systems/study-room/domain/registry.ts";
const realtime = "server/systems/study-room/realtime.ts";
const rooms = "server/systems/study-room/domain/rooms.ts";
const mayNot = 'told.status === "OFFLINE" || status === "OFFLINE" ?';
const same = "if (entered === before.entered && status === before.status) return;";
const isNew = "if (status !== before.status) {";

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
    patches: [patch(registry, '? there : "OFFLINE"', "? there : status")],
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
        isNew,
        'if (status !== before.status && (status === "OFFLINE" || before.status === "OFFLINE")) {',
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
      patch(registry, same, same.replace("return", 'if (status === "OFFLINE") return')),
      patch(registry, isNew, "if (status !== before.status || entered === before.entered) {"),
    ],
    red: ["status.same-is-silent"],
  },
  {
    id: "status-offline-at-will",
    what: "who is connected may say OFFLINE",
    system,
    patches: [patch(registry, mayNot, 'told.status === "OFFLINE" ?')],
    red: ["status.offline-cannot-be-set"],
  },
  {
    id: "status-by-messages",
    what: "who listens to the messages is online, and nobody else",
    system,
    patches: [patch(registry, 'status: isAt("presence")', 'status: isAt("chat")')],
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
      patch(realtime, "await members.check(core.store, principal, roomId);\n  if (action", "if (action"),
      patch(registry, mayNot, 'status === "OFFLINE" ?'),
    ],
    red: ["status.strangers-set-nothing"],
  },
];
