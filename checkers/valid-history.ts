// A run of a system that does everything right, played from a list of moves: senders over WebSocket and REST, listeners
// over every transport who lose their connections and catch up as good clients do, answers that never come, a fault
// that comes and goes. Random moves make random valid histories.

import fc from "fast-check";
import type { HistoryEvent, Transport } from "./history.ts";
import { MadeUp } from "./made-up.ts";

const rooms = ["1", "2", "3"];
const senders = ["alice", "dan", "frank"];
const fates = ["acknowledged", "refused", "unknown and stored", "unknown and not stored"] as const;
type Fate = (typeof fates)[number];

interface Ear {
  name: string;
  user: string;
  rooms: string[];
  transport: Transport;
  ownMessages: boolean;
}

// Some listen to their own messages, some do not, and some send nothing.
const ears: Ear[] = [
  { name: "stomp-1", user: "alice", rooms: ["1", "2"], transport: "websocket", ownMessages: true },
  { name: "stomp-2", user: "grace", rooms: ["2"], transport: "sockjs-websocket", ownMessages: true },
  { name: "streaming-1", user: "grace", rooms: ["1"], transport: "xhr-streaming", ownMessages: true },
  { name: "polling-1", user: "dan", rooms: ["1", "3"], transport: "xhr-polling", ownMessages: false },
  { name: "events-1", user: "dan", rooms: ["1", "2"], transport: "sse", ownMessages: false },
  { name: "events-2", user: "heidi", rooms: ["2", "3"], transport: "sse", ownMessages: true },
];

/** Up to one message of each sender at once, into one room, stored in an order that is none of theirs. */
interface Burst {
  room: number;
  sendings: { sender: number; fate: Fate }[];
  turned: boolean;
}
export type Move = Burst | { toggle: number } | { fault: true };

const burst: fc.Arbitrary<Burst> = fc.record({
  room: fc.nat(rooms.length - 1),
  sendings: fc.uniqueArray(
    fc.record({
      sender: fc.nat(senders.length - 1),
      fate: fc.oneof(
        { weight: 6, arbitrary: fc.constant<Fate>("acknowledged") },
        { weight: 1, arbitrary: fc.constantFrom(...fates) },
      ),
    }),
    { minLength: 1, maxLength: 3, selector: ({ sender }) => sender },
  ),
  turned: fc.boolean(),
});

export const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: burst },
    { weight: 2, arbitrary: fc.record({ toggle: fc.nat(ears.length - 1) }) },
    { weight: 1, arbitrary: fc.constant<Move>({ fault: true }) },
  ),
  { minLength: 8, maxLength: 40 },
);

class Play {
  readonly history = new MadeUp();
  readonly #stored = new Map(rooms.map((room) => [room, [] as { message: string; sender: string }[]]));
  readonly #all: { message: string; sender: string; room: string }[] = [];
  readonly #missed = new Map<string, string[]>();
  #messages = 0;
  #faulty = false;

  constructor() {
    for (const { name, ...ear } of ears) this.history.listen(name, ear);
  }

  move(move: Move): void {
    if ("toggle" in move) this.#toggle(ears[move.toggle]!);
    else if ("fault" in move) {
      this.#faulty = !this.#faulty;
      this.history.fault(this.#faulty ? "on" : "healed");
    } else this.#burst(move);
  }

  #burst({ room: number, sendings, turned }: Burst): void {
    const room = rooms[number]!;
    const sent = sendings.map(({ sender, fate }) => ({
      message: `m${++this.#messages}`,
      sender: senders[sender]!,
      fate,
    }));
    for (const { message, sender } of sent)
      this.history.send(message, { sender, room, transport: sender === "frank" ? "rest" : "websocket" });
    const stored = sent.filter(({ fate }) => fate === "acknowledged" || fate === "unknown and stored");
    for (const { message, sender } of turned ? stored.toReversed() : stored) {
      this.#stored.get(room)!.push({ message, sender });
      this.#all.push({ message, sender, room });
      for (const ear of ears) if (hears(ear, room, sender)) this.#deliver(ear, message);
    }
    for (const { message, fate } of sent) {
      if (fate === "acknowledged") this.history.acknowledge(message);
      else if (fate === "refused") this.history.refuse(message);
      else if (message.length % 2 === 0) this.history.giveUp(message);
    }
  }

  #deliver({ name }: Ear, message: string): void {
    const missed = this.#missed.get(name);
    if (missed === undefined) this.history.hear(name, message);
    else missed.push(message);
  }

  /**
   * Loses its connection, or comes back and catches up: a stream by its cursor, the others by the history, in which
   * they see some of it again.
   */
  #toggle({ name, transport, rooms: own, user, ownMessages }: Ear): void {
    const missed = this.#missed.get(name);
    if (missed === undefined) {
      this.history.close(name);
      this.#missed.set(name, []);
      return;
    }
    this.#missed.delete(name);
    this.history.connect(name);
    if (transport === "sse") for (const message of missed) this.history.hear(name, message);
    this.history.confirm(name);
    if (transport === "sse") return;
    for (const room of own) {
      const stored = this.#stored.get(room)!;
      const first = stored.findIndex(({ message }) => missed.includes(message));
      if (first >= 0)
        for (const { message, sender } of stored.slice(Math.max(0, first - 1)))
          if (ownMessages || sender !== user) this.history.hear(name, message, { how: "history" });
    }
  }

  end(): HistoryEvent[] {
    for (const ear of ears) if (this.#missed.has(ear.name)) this.#toggle(ear);
    // Everything is well again: whoever lives hears what is said.
    for (const room of [0, 1, 2]) this.#burst({ room, sendings: [{ sender: 2, fate: "acknowledged" }], turned: false });
    if (this.#faulty) this.history.fault("healed");
    for (const room of rooms) {
      const messages = this.#stored.get(room)!.map(({ message }) => message);
      for (const place of ["server-1", "server-2"])
        this.history.read(`history of ${room} at ${place}`, messages, "history", room);
      this.history.read(`topic of ${room}`, [...messages, ...messages.slice(-1)], "topic", room);
    }
    for (const ear of ears.filter(({ transport }) => transport === "sse")) {
      const own = this.#all.filter(({ room, sender }) => hears(ear, room, sender)).map(({ message }) => message);
      this.history.read(`events of ${ear.user}`, own, "events", ear.user);
    }
    return this.history.end().events;
  }
}

const hears = (ear: Ear, room: string, sender: string): boolean =>
  ear.rooms.includes(room) && (ear.ownMessages || ear.user !== sender);

export function playValid(list: readonly Move[]): HistoryEvent[] {
  const play = new Play();
  for (const move of list) play.move(move);
  return play.end();
}
