// What the toy chat knows: members, rooms with their messages, and events with their receivers.

import type { ServerResponse } from "node:http";

/** Delivers twice to everybody · to all rooms · replays the event after which a stream was cut again. */
export type Mistake = "doubles" | "leaks" | "replays-the-last";

export interface Message {
  id: number;
  room: string;
  from: string;
  content: string;
}

export interface Room {
  id: string;
  members: readonly string[];
  messages: Message[];
}

interface ToyEvent {
  id: number;
  receivers: readonly string[];
  text: string;
}

/** Whoever hears messages of rooms. */
export interface Ear {
  hear(message: Message): void;
}

export class Hub {
  readonly passwords = new Map<string, string>();
  /** Token → name. */
  readonly tokens = new Map<string, string>();
  readonly rooms = new Map<string, Room>();
  readonly ears = new Set<Ear>();
  readonly mistake: Mistake | undefined;
  /** SUBSCRIBE needs the token again. */
  asksAgain = false;
  readonly #events: ToyEvent[] = [];
  readonly #streams = new Set<{ name: string; response: ServerResponse }>();
  #messageCount = 0;

  constructor(mistake: Mistake | undefined) {
    this.mistake = mistake;
  }

  openRoom(members: readonly string[]): string {
    const id = `room-${this.rooms.size + this.#events.length + 1}`;
    this.rooms.set(id, { id, members, messages: [] });
    const event = { id: this.#events.length + 1, receivers: members, text: JSON.stringify({ opened: id }) };
    this.#events.push(event);
    for (const { name, response } of this.#streams) if (members.includes(name)) write(response, event);
    return id;
  }

  post(room: Room, from: string, content: string): Message {
    const message = { id: ++this.#messageCount, room: room.id, from, content };
    room.messages.push(message);
    for (let copy = 0; copy < (this.mistake === "doubles" ? 2 : 1); copy++)
      for (const ear of this.ears) ear.hear(message);
    return message;
  }

  stream(name: string, lastId: string | undefined, response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(": hello\n\n");
    const from = Number(lastId ?? this.#events.length) - (this.mistake === "replays-the-last" && lastId ? 1 : 0);
    for (const event of this.#events.slice(from)) if (event.receivers.includes(name)) write(response, event);
    const stream = { name, response };
    this.#streams.add(stream);
    response.on("close", () => this.#streams.delete(stream));
  }
}

const write = (response: ServerResponse, { id, text }: ToyEvent): void =>
  void response.write(`id: ${id}\nevent: room\ndata: ${text}\n\n`);
