// Mutants of contract/redis-chat/relay.ts: servers that are not one by their Redis. Each needs a stack.

import { importing, patch, prepend, type Mutant } from "../../faulty.ts";

const system = "redis-chat";
const stack = true;
const bus = "server/systems/redis-chat/redis-bus.ts";
const messages = "server/systems/redis-chat/domain/messages.ts";
const rooms = "server/systems/redis-chat/domain/rooms.ts";
const open = "server/systems/redis-chat/open.ts";
const publishes = "await this.#publisher.publish(chatChannel, record.body);";
const historyEnds = "m.room_id = $1 ORDER BY m.id`,\n    [roomId],\n  );";

export const relay: readonly Mutant[] = [
  {
    id: "relay-published-twice",
    what: "a message is published a second time, for a room that is not there",
    system,
    stack,
    patches: [
      patch(
        bus,
        publishes,
        'for (const body of [record.body, record.body.replace(/\\d+/, "999999999")]) await this.#publisher.publish(chatChannel, body);',
      ),
    ],
    red: ["relay.published-once"],
  },
  {
    id: "relay-on-another-channel",
    what: "messages are published on another channel",
    system,
    stack,
    patches: [
      patch(bus, publishes, 'await this.#publisher.publish("messages", record.body);'),
      patch(bus, "await this.#subscriber.psubscribe(chatChannel);", 'await this.#subscriber.psubscribe("messages");'),
    ],
    red: ["relay.published-once", "relay.by-hand-is-heard"],
  },
  {
    id: "relay-hears-servers-alone",
    what: "what other programs publish is passed over",
    system,
    stack,
    patches: [
      patch(
        bus,
        "publish(chatChannel, record.body)",
        'publish(chatChannel, record.body.replace("{", \'{"by":"server",\'))',
      ),
      patch(bus, "const said = z.object({ roomId", "const said = z.object({ by: z.string(), roomId"),
    ],
    red: ["relay.by-hand-is-heard"],
  },
  {
    id: "relay-stores-what-it-hears",
    what: "what other programs publish is stored",
    system,
    stack,
    patches: [
      importing(open, "storeWhatIsHeard", "stores-what-it-hears.ts"),
      patch(
        open,
        "  const key = await signingKey",
        "  await storeWhatIsHeard(context);\n  const key = await signingKey",
      ),
    ],
    red: ["relay.by-hand-is-not-stored"],
  },
  {
    id: "relay-deaf-after-no-message",
    what: "a server hears nothing more after something that is no message",
    system,
    stack,
    patches: [
      patch(
        bus,
        'this.#onPoison("messages", error);',
        'this.#onPoison("messages", error);\n        this.#follower = () => undefined;',
      ),
    ],
    red: ["relay.no-message-harms-nobody"],
  },
  {
    id: "relay-history-of-its-own",
    what: "a server's history has what it took itself",
    system,
    stack,
    patches: [
      prepend(messages, "const taken = new Set<string>();"),
      patch(messages, "  const body = { roomId, message,", "  taken.add(message);\n  const body = { roomId, message,"),
      patch(
        messages,
        "return core.store.query(\n    `SELECT NULL",
        "const all = await core.store.query<{ message: string }>(\n    `SELECT NULL",
      ),
      patch(messages, historyEnds, `${historyEnds}\n  return all.filter(({ message }) => taken.has(message));`),
    ],
    red: ["relay.history-is-one"],
  },
  {
    id: "relay-unread-of-its-own",
    what: "a server remembers what is unread until it takes something itself",
    system,
    stack,
    patches: [
      prepend(
        rooms,
        "const remembered = new Map<string, Promise<unknown[]>>();\nexport const forget = (): void => remembered.clear();",
      ),
      patch(rooms, "export const myRooms = (", "const look = ("),
      patch(
        rooms,
        "async function lockGroup(",
        `export function myRooms(core: Core, principal: Principal): Promise<unknown[]> {
  const rooms = remembered.get(principal.userId) ?? look(core, principal);
  remembered.set(principal.userId, rooms);
  return rooms;
}

async function lockGroup(`,
      ),
      patch(
        rooms,
        "export async function createGroup(core: Core, { userId }: Principal, name: string): Promise<void> {\n",
        "export async function createGroup(core: Core, { userId }: Principal, name: string): Promise<void> {\n  forget();\n",
      ),
      patch(messages, "import { participants }", "import { forget, participants }"),
      patch(messages, "  const body = { roomId, message,", "  forget();\n  const body = { roomId, message,"),
      patch(messages, '  const sql = "UPDATE read_marks', '  forget();\n  const sql = "UPDATE read_marks'),
    ],
    red: ["relay.unread-crosses"],
  },
];
