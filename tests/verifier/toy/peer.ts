// One STOMP client of the toy chat: CONNECT with a token, SUBSCRIBE to /topic/rooms/{id}, SEND to /app/rooms/{id}.

import type { WebSocket } from "ws";
import { encodeFrame, headerOf, StompParser, type StompFrame } from "../../../drivers/codecs/stomp.ts";
import type { Ear, Hub, Message, Room } from "./hub.ts";

class Refusal extends Error {
  readonly headers: Record<string, string>;
  constructor(message: string, headers: Record<string, string> = {}) {
    super(message);
    this.headers = headers;
  }
}

export class StompPeer implements Ear {
  readonly #hub: Hub;
  readonly #socket: WebSocket;
  readonly #parser = new StompParser("1.2");
  /** Id → room. */
  readonly #subscriptions = new Map<string, Room>();
  #name: string | undefined;
  #isOver = false;
  #count = 0;

  constructor(hub: Hub, socket: WebSocket) {
    this.#hub = hub;
    this.#socket = socket;
    hub.ears.add(this);
    socket.on("close", () => {
      this.#isOver = true;
      hub.ears.delete(this);
    });
    socket.on("message", (data: Buffer) => this.#read(data.toString("utf8")));
  }

  #read(text: string): void {
    let current: StompFrame | undefined;
    try {
      for (const item of this.#parser.push(text)) {
        if (this.#isOver) return;
        if (item !== "heart-beat") this.#act((current = item));
      }
    } catch (error) {
      this.#refuse(error as Error, current);
    }
  }

  #refuse(error: Error, frame: StompFrame | undefined): void {
    this.#isOver = true;
    const receipt = frame && headerOf(frame, "receipt");
    const headers = error instanceof Refusal ? error.headers : {};
    const all = { message: error.message, ...headers, ...(receipt === undefined ? {} : { "receipt-id": receipt }) };
    this.#socket.send(encodeFrame("ERROR", all), () => this.#socket.close(1002));
  }

  #act(frame: StompFrame): void {
    const { command } = frame;
    if (this.#name === undefined) this.#connect(frame);
    else if (command === "SUBSCRIBE") this.#subscribe(frame);
    else if (command === "UNSUBSCRIBE") this.#subscriptions.delete(headerOf(frame, "id") ?? "");
    else if (command === "SEND") this.#send(frame);
    else if (command !== "DISCONNECT") throw new Refusal(`${command} is not for here`);
    const receipt = command === "CONNECT" || command === "STOMP" ? undefined : headerOf(frame, "receipt");
    if (receipt !== undefined) this.#socket.send(encodeFrame("RECEIPT", { "receipt-id": receipt }));
    if (command === "DISCONNECT") this.#socket.close(1000);
  }

  #connect(frame: StompFrame): void {
    if (frame.command !== "CONNECT" && frame.command !== "STOMP") throw new Refusal("connect first");
    const offered = (headerOf(frame, "accept-version") ?? "1.0").split(",");
    const version = (["1.2", "1.1", "1.0"] as const).find((each) => offered.includes(each));
    if (version === undefined) throw new Refusal("no common version", { version: "1.0,1.1,1.2" });
    const name = this.#hub.tokens.get((headerOf(frame, "Authorization") ?? "").replace("Bearer ", ""));
    if (name === undefined) throw new Refusal("who are you?");
    this.#name = name;
    this.#parser.version = version;
    this.#socket.send(encodeFrame("CONNECTED", { version, "heart-beat": "0,0" }));
  }

  #roomOf(frame: StompFrame, prefix: string): Room {
    const destination = headerOf(frame, "destination") ?? "";
    const room = destination.startsWith(prefix) ? this.#hub.rooms.get(destination.slice(prefix.length)) : undefined;
    if (room?.members.includes(this.#name!) !== true) throw new Refusal("no such room");
    return room;
  }

  #subscribe(frame: StompFrame): void {
    const id = headerOf(frame, "id");
    if (this.#hub.asksAgain && !this.#hub.tokens.has(headerOf(frame, "Authorization") ?? "")) throw new Refusal("who?");
    if (id === undefined || this.#subscriptions.has(id)) throw new Refusal("an id of its own is needed");
    this.#subscriptions.set(id, this.#roomOf(frame, "/topic/rooms/"));
  }

  #send(frame: StompFrame): void {
    const room = this.#roomOf(frame, "/app/rooms/");
    const { content } = JSON.parse(frame.body) as { content: unknown };
    if (typeof content !== "string") throw new Refusal("no content");
    this.#hub.post(room, this.#name!, content);
  }

  hear(message: Message): void {
    if (this.#isOver) return;
    for (const [subscription, room] of this.#subscriptions) {
      if (room.id !== message.room && this.#hub.mistake !== "leaks") continue;
      const headers = {
        subscription,
        "message-id": `${message.id}-${++this.#count}`,
        destination: `/topic/rooms/${room.id}`,
        "content-type": "application/json",
      };
      this.#socket.send(encodeFrame("MESSAGE", headers, JSON.stringify(message)));
    }
  }
}
