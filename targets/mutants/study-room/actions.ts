// Mutants of contract/shared/actions.ts: servers that give a state to some of those who listen, or to too many. Of the
// built-in systems the study rooms alone have actions.

import { patch, type Mutant } from "../../faulty.ts";

const system = "study-room";
const broker = "server/stomp/broker.ts";
const toEachMember = "for (const member of members) member.deliver(message);";
const isState = 'record.destination.endsWith("/presence")';

export const actions: readonly Mutant[] = [
  {
    id: "actions-last-is-forgotten",
    what: "of those who listen to a room's states the last one hears nothing",
    system,
    patches: [
      patch(
        broker,
        toEachMember,
        `for (const member of ${isState} && members.size > 1 ? [...members].slice(0, -1) : members) member.deliver(message);`,
      ),
    ],
    red: ["actions.reach-every-subscriber"],
  },
  {
    id: "actions-last-hears-twice",
    what: "of those who listen to a room's states the last one hears each twice",
    system,
    patches: [
      patch(
        broker,
        toEachMember,
        `for (const member of ${isState} ? [...members, ...[...members].slice(-1)] : members) member.deliver(message);`,
      ),
    ],
    red: ["actions.effects-come-once"],
  },
  {
    id: "actions-in-every-room",
    what: "a state goes to the listeners of all rooms",
    system,
    patches: [
      patch(
        broker,
        "const groups = this.#destinations.get(record.destination);\n    if (!groups) return 0;",
        `const groups = new Map();
    for (const [destination, all] of this.#destinations)
      for (const [wireId, members] of all)
        if (destination === record.destination || (${isState} && destination.endsWith("/presence")))
          groups.set(wireId, new Set([...(groups.get(wireId) ?? []), ...members]));`,
      ),
    ],
    red: ["actions.other-rooms-are-silent"],
  },
];
