// Mutants of contract/study-room/entrance.ts: servers that tell a room too much, too little or the wrong thing of who
// comes and goes.

import { patch, prepend, type Mutant } from "../../faulty.ts";
import type { Patch } from "../../patch.ts";

const system = "study-room";
const registry = "server/systems/study-room/domain/registry.ts";
const tabs = "server/presence/tabs.ts";
const rooms = "server/systems/study-room/domain/rooms.ts";
const session = "server/stomp/session.ts";
const told = "deliveries.push(newDelivery(roomId, roomDestination(roomId), { type, providerId, content }));";
const stops = "for (const destination of this.#subscriptions.values()) this.#noteStopped(destination);";

/** A tab that goes counts as the last one, and those that stay as new. */
export const everyTabCounts: Patch = patch(
  tabs,
  "if (subscriptions.size > 0) return;",
  `if (subscriptions.size > 0) {
      this.inTurn(seat, async () => {
        await this.#state.leave(key);
        await this.settle(seat);
        await this.#state.join(key);
        await this.settle(seat);
      });
      return;
    }`,
);

export const entrance: readonly Mutant[] = [
  {
    id: "entrance-untold",
    what: "the room is not told that somebody entered",
    system,
    patches: [patch(registry, "if (entered !== before.entered) {", "if (!entered && before.entered) {")],
    red: ["entrance.first-tab-enters"],
  },
  {
    id: "exit-untold",
    what: "the room is not told that somebody left",
    system,
    patches: [patch(registry, "if (entered !== before.entered) {", "if (entered && !before.entered) {")],
    red: ["entrance.last-tab-leaves", "entrance.killed-tab-leaves", "entrance.unsubscribing-leaves"],
  },
  {
    id: "entrance-of-every-tab",
    what: "each tab that goes leaves the room, and the others enter again",
    system,
    patches: [everyTabCounts],
    red: ["entrance.tabs-count-once", "entrance.many-tabs-at-once"],
  },
  {
    id: "entrance-by-instance",
    what: "each instance counts its own tabs",
    system,
    stack: true,
    patches: [patch(tabs, "this.#state = this.#redis ?? new LocalPresence();", "this.#state = new LocalPresence();")],
    red: ["entrance.tabs-count-over-instances"],
  },
  {
    id: "exit-from-one-room",
    what: "a tab that disconnects leaves one of its rooms",
    system,
    patches: [
      patch(
        session,
        stops,
        "const [ended] = this.#subscriptions.values(); if (ended !== undefined) this.#noteStopped(ended);",
      ),
    ],
    red: ["entrance.each-room-is-told"],
  },
  {
    id: "entrance-of-a-number",
    what: "entries name the user by its number",
    system,
    patches: [patch(registry, told, told.replace("providerId,", "providerId: `${userId} ${providerId}`,"))],
    red: ["entrance.says-who"],
  },
  {
    id: "entrance-in-plain-words",
    what: "entries are announced in the plain form",
    system,
    patches: [patch(registry, told, told.replace("content }", 'content: content.replace("하셨", "했") }'))],
    red: ["entrance.texts-are-exact"],
  },
  {
    id: "entrance-stored",
    what: "entries are stored as messages",
    system,
    patches: [
      patch(
        registry,
        told,
        `await tx.query("INSERT INTO messages (room_id, sender_id, content, created_at) VALUES ($1, $2, $3, clock_timestamp())", [roomId, userId, content]);\n    ${told}`,
      ),
    ],
    red: ["entrance.not-in-the-history"],
  },
  {
    id: "entrance-by-membership",
    what: "joining by REST is announced on the room's topic",
    system,
    patches: [
      prepend(rooms, 'import { newDelivery } from "../../../bus/new-records.ts";'),
      patch(
        rooms,
        "const [type, textOf] = newsOf[action];",
        'const [type, textOf] = newsOf[action];\n    if (action === "join") await enqueue(tx, newDelivery(roomId, `/topic/rooms/${roomId}`, { type: "JOIN", providerId: actor.providerId, content: `${actor.nickname}님이 입장하셨습니다.` }));',
      ),
    ],
    red: ["entrance.membership-alone-is-silent"],
  },
];
