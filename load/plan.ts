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
}

/** Where a room is heard, and a SEND to it with the placeholder in place of the text. */
interface PlannedRoom {
  destination: string;
  send: { destination: string; headers: Record<string, string>; body: string };
}

export interface LoadPlan {
  /** Where plain WebSockets speak STOMP, one URL for each instance. */
  webSocketUrls: string[];
  /** Whether the target answers with RECEIPT frames; without them a message is taken when its sender hears it. */
  receipts: boolean;
  /** Each for up to 100 sockets. */
  listeners: Person[];
  publisher: Person;
  rooms: PlannedRoom[];
}
