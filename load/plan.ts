// Everything in a load run that depends on the system, as values: k6 and the engine call no function of a definition,
// they put a text where the placeholder is. Made by cli/load/plan.ts.

/** Stands for what is said. No text of a definition has it, and no encoding changes it. */
export const placeholder = "@@";

/** One account may hold so many sockets; our server refuses the 101st. */
export const socketsPerPerson = 100;

/** The headers of a WebSocket's handshake and of CONNECT. */
export interface Credentials {
  handshake: Record<string, string>;
  connect: Record<string, string>;
}

/** The rooms that somebody may hear, with the headers of its SUBSCRIBE there. */
export interface Person extends Credentials {
  rooms: { room: number; headers: Record<string, string> }[];
  /** Where listeners are on event streams: how each is asked for, and again, with the placeholder for the last id. */
  stream?: PlannedRequest;
  resume?: PlannedRequest;
}

interface PlannedRequest {
  /** Absolute, or a path. */
  url: string;
  headers: Record<string, string>;
}

export interface PlannedStreams {
  /** One URL for each instance. */
  baseUrls: string[];
  /** Whoever comes back hears what it missed. */
  replays: boolean;
}

/** A SEND with the placeholder in place of the text. */
interface PlannedSend {
  destination: string;
  headers: Record<string, string>;
  body: string;
}

export interface Publisher extends Person {
  /** By room. */
  sends: PlannedSend[];
}

export interface LoadPlan {
  /** Where plain WebSockets speak STOMP, one URL for each instance. */
  webSocketUrls: string[];
  /** Listeners are on SockJS over XHR instead, one URL for each instance, and whoever speaks is on a WebSocket. */
  sockjsUrls?: string[];
  /** Text behind each message, where messages are to be long. */
  padding?: string;
  /** Whether the target answers with RECEIPT frames; without them a message is taken when its sender hears it. */
  receipts: boolean;
  /** Listeners are on event streams, not on STOMP. */
  streams?: PlannedStreams;
  /** Each for so many sockets; default: as many as one may have. */
  listeners: Person[];
  socketsEach?: number;
  /** Each on a connection of its own. */
  publishers: Publisher[];
  /** Where each is heard. */
  rooms: { destination: string }[];
}

/** What this publisher says in this room. Terms: lane – see checkers/deliveries.ts. */
export const laneOf = ({ rooms }: LoadPlan, publisher: number, room: number): number => publisher * rooms.length + room;

/** The room of each lane. */
export const roomsOfLanes = ({ publishers, rooms }: LoadPlan): number[] => publishers.flatMap(() => [...rooms.keys()]);
