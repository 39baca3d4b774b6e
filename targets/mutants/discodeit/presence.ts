// Mutants of contract/discodeit/presence.ts: servers that do not know, or do not tell, who is there.

import { importing, patch, type Mutant } from "../../faulty.ts";
import type { Patch } from "../../patch.ts";

const realtime = "server/realtime/realtime.ts";
const tracker = "server/presence/presence.ts";
/** Connections of this kind do not count as presence. */
export const blindTo = (kind: "sockets" | "streams"): Patch[] => [
  importing(realtime, `uncounted as uncounted_${kind}`, "uncounted.ts"),
  patch(realtime, `present(${kind}, presence)`, `uncounted_${kind}(${kind})`),
];

export const presence: readonly Mutant[] = [
  {
    id: "presence-blind-to-stomp",
    what: "STOMP connections do not count as presence",
    patches: blindTo("sockets"),
    red: ["presence.online-by-stomp", "presence.change-sends-an-event"],
  },
  {
    id: "presence-blind-to-sse",
    what: "event streams do not count as presence",
    patches: blindTo("streams"),
    red: ["presence.online-by-sse", "presence.offline-after-the-last"],
  },
  {
    id: "presence-for-ever",
    what: "who was online once stays online",
    patches: [patch(tracker, "this.#graceTimers.set(userId, setTimeout(end, graceMs));", "")],
    red: ["presence.offline-after-the-last"],
  },
  {
    id: "presence-untold",
    what: "flips of presence are not told",
    patches: [
      patch("server/instance.ts", "presence.announceBy((userId, online) => ports.announceOnline(userId, online));", ""),
    ],
    red: ["presence.change-sends-an-event"],
  },
  {
    id: "presence-without-grace",
    what: "a reload is told as going and coming",
    patches: [
      patch(tracker, "export const graceMs = 5_000;", "export const graceMs = 0;"),
      patch(tracker, "export const flipEveryMs = 5_000;", "export const flipEveryMs = 0;"),
    ],
    red: ["presence.reload-is-silent"],
  },
];
