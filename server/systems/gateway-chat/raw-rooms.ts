// Rooms over bare WebSocket JSON: one room for each socket, and what somebody says is heard by the others in the room,
// on whatever they listen. Terms: guest – whoever opened the socket; the room is named by the query of its address, or
// by the first message. Source: the gateway chat contract, sections 1 and 3.

import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { rawEndpoint, roomDestination } from "../../../systems/gateway-chat/wire.ts";
import { Admissions } from "../../realtime/admissions.ts";
import { closeCodes, OutgoingMessage, type Connection, type ConnectionListener } from "../../realtime/connection.ts";
import type { OwnSockets, OwnSocketsOptions } from "../../realtime/own-sockets.ts";
import { guestsPerAddressMax, type Principal } from "../../realtime/ports.ts";
import { RecentIds } from "../../realtime/recent-ids.ts";
import { endpointKind, webSocketUpgrade } from "../../realtime/websocket.ts";
import type { Holding } from "../../security/budget.ts";
import { Problem, problemOf } from "../problem.ts";
import { parseJson } from "../request.ts";
import type { SystemContext } from "../system.ts";
import { say, type Said } from "./domain/messages.ts";
import { parseRequest, roomIdPattern } from "./domain/validation.ts";
import { guestOf } from "./realtime.ts";

/** More than this unsent: the reader does not keep up and is cut off. */
const queuedBytesMax = 1024 * 1024;
/** Bytes waiting their turn: above the first number the peer is asked to pause, above the second it is refused. */
const waitingBytesPause = 64 * 1024;
const waitingBytesMax = 1024 * 1024;
/** What the sockets of one address may keep together. */
const bytesOfAddressMax = 8 * 1024 * 1024;
/** As the broker: repeats come close together. */
const recentIdsKept = 20_000;

const policyViolation = 1008;

/** A socket that is told to go away says no more. */
type Leaving = readonly [code: number, reason: string];

export class RawRooms implements OwnSockets {
  readonly #core: SystemContext;
  readonly #options: OwnSocketsOptions;
  readonly #upgrade: ReturnType<typeof webSocketUpgrade>;
  readonly #rooms = new Map<string, Set<RawSocket>>();
  readonly #guests = new Admissions<RawSocket>(guestsPerAddressMax);
  readonly #recent = new RecentIds(recentIdsKept);
  /** The room in the address with which a guest came. */
  readonly #asked = new WeakMap<Principal, string>();

  constructor(core: SystemContext, options: OwnSocketsOptions) {
    this.#core = core;
    this.#options = options;
    const { originAllowed, onFault } = options;
    this.#upgrade = webSocketUpgrade({
      endpoint: rawEndpoint,
      sockJs: false,
      identify: (request) => Promise.resolve(this.#guestOf(request)),
      onFault,
      originAllowed,
      addressOf: options.proxies.shareOf,
      accept: (connection) => this.#accept(connection),
    });
  }

  upgrade(...[request, socket, head]: Parameters<OwnSockets["upgrade"]>): boolean {
    if (endpointKind(rawEndpoint, request.url ?? "", false) === undefined) return false;
    this.#upgrade(request, socket, head);
    return true;
  }

  /** A message has a record for each of its destinations: one is enough here. */
  hear(record: Said, live: boolean): void {
    if (record.destination !== roomDestination(record.channelId)) return;
    if (!this.#recent.add(record.id) || !live) return;
    const message = new OutgoingMessage(Buffer.from(record.body));
    for (const socket of this.#rooms.get(record.channelId) ?? [])
      if (socket.id !== record.from) socket.deliver(message);
  }

  async drain(): Promise<void> {
    await Promise.all([...this.#guests.all()].map(([socket]) => socket.drain()));
  }

  #guestOf(request: IncomingMessage): Principal {
    const guest = guestOf(this.#options.proxies.shareOf(request));
    const roomId = new URLSearchParams(request.url?.split("?", 2)[1]).get("roomId");
    if (roomId !== null) this.#asked.set(guest, roomId);
    return guest;
  }

  #accept(connection: Connection): ConnectionListener {
    const guest = connection.principal ?? guestOf(connection.address);
    const held = this.#options.inbound.open({ key: guest.userId, bytesMax: bytesOfAddressMax });
    const socket = new RawSocket(this.#core, this.#options, connection, held, {
      enter: (roomId) => this.#enter(roomId, socket),
      gone: () => {
        this.#guests.remove(socket, guest);
        this.#leave(socket);
      },
    });
    const roomId = this.#asked.get(guest);
    if (!this.#guests.add(socket, guest)) socket.refuse([closeCodes.tooMany, "Too many connections"]);
    else if (roomId !== undefined && !roomIdPattern.test(roomId))
      socket.refuse([policyViolation, "roomId must be 1 to 64 letters, digits, - or _"]);
    else if (roomId !== undefined) this.#enter(roomId, socket);
    return socket;
  }

  #enter(roomId: string, socket: RawSocket): void {
    socket.roomId = roomId;
    let members = this.#rooms.get(roomId);
    if (!members) this.#rooms.set(roomId, (members = new Set()));
    members.add(socket);
  }

  #leave(socket: RawSocket): void {
    if (socket.roomId === undefined) return;
    const members = this.#rooms.get(socket.roomId);
    members?.delete(socket);
    if (members?.size === 0) this.#rooms.delete(socket.roomId);
  }
}

interface Doors {
  enter(roomId: string): void;
  gone(): void;
}

/** Takes one message after the other; each is stored before the next is read. */
class RawSocket implements ConnectionListener {
  readonly id = randomUUID();
  roomId: string | undefined;
  readonly #core: SystemContext;
  readonly #options: OwnSocketsOptions;
  readonly #connection: Connection;
  readonly #held: Holding;
  readonly #doors: Doors;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #partialBytes = 0;
  #working: Promise<void> | undefined;
  #paused = false;
  /** No more is taken. */
  #ended = false;

  constructor(core: SystemContext, options: OwnSocketsOptions, connection: Connection, held: Holding, doors: Doors) {
    this.#core = core;
    this.#options = options;
    this.#connection = connection;
    this.#held = held;
    this.#doors = doors;
  }

  onData(chunk: Uint8Array): boolean {
    if (this.#ended) return true;
    this.#partialBytes = 0;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (!this.#mayKeep()) return false;
    this.#working ??= this.#work();
    if (!this.#paused && this.#waitingBytes > waitingBytesPause) {
      this.#paused = true;
      this.#connection.pauseReading();
    }
    return true;
  }

  onPartial(byteCount: number): void {
    if (this.#ended) return;
    this.#partialBytes = byteCount;
    this.#mayKeep();
  }

  onClose(): void {
    this.#doors.gone();
    // What came whole before the close is still said.
    this.#ended = true;
    if (!this.#working) this.#held.close();
  }

  deliver(message: OutgoingMessage): void {
    this.#connection.send(message);
    if (this.#connection.queuedBytes() > queuedBytesMax) this.#end([closeCodes.tooSlow, "Too slow"]);
  }

  /** Says why, and ends it. */
  refuse(leaving: Leaving): void {
    this.#tellError(leaving[1]);
    this.#end(leaving);
  }

  async drain(): Promise<void> {
    this.#ended = true;
    await this.#working;
    this.#end([closeCodes.shutdown, "Going away"]);
  }

  /** What waits is not said any more. */
  #end(leaving: Leaving): void {
    this.#ended = true;
    this.#waiting.length = 0;
    if (!this.#working) this.#held.close();
    this.#connection.end(...leaving);
  }

  /** False: it was too much, and the socket is being ended. */
  #mayKeep(): boolean {
    const keptBytes = this.#waitingBytes + this.#partialBytes;
    if (keptBytes <= waitingBytesMax && this.#held.trySet(keptBytes)) return true;
    this.refuse([closeCodes.tooMany, "Too much is waiting"]);
    return false;
  }

  async #work(): Promise<void> {
    for (let message = this.#waiting.shift(); message !== undefined; message = this.#waiting.shift()) {
      await this.#perform(message);
      this.#waitingBytes -= message.length;
      this.#held.trySet(this.#waitingBytes + this.#partialBytes);
      if (this.#paused && this.#waitingBytes < waitingBytesPause / 2) {
        this.#paused = false;
        this.#connection.resumeReading();
      }
      await this.#options.turns.next();
    }
    this.#working = undefined;
    if (this.#ended) this.#held.close();
  }

  /** Never throws: whatever it is, the sender hears of it, and the socket stays open. */
  async #perform(bytes: Uint8Array): Promise<void> {
    try {
      if (!isUtf8(bytes)) throw new Problem(400, "MALFORMED_BODY", "the message is not UTF-8");
      const request = parseRequest(parseJson(Buffer.from(bytes).toString("utf8")));
      if (this.roomId === undefined && !this.#ended) this.#doors.enter(request.roomId);
      if ((this.roomId ?? request.roomId) !== request.roomId)
        throw new Problem(400, "OTHER_ROOM", `roomId: this connection is in the room ${this.roomId}`);
      await say(this.#core, request, this.id);
    } catch (error) {
      const problem = problemOf(error);
      if (problem.status >= 500) this.#options.onFault(error);
      this.#tellError(problem.message);
    }
  }

  #tellError(message: string): void {
    this.deliver(new OutgoingMessage(Buffer.from(JSON.stringify({ type: "ERROR", message }))));
  }
}
