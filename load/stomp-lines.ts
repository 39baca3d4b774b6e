// Listeners over STOMP: each socket, a WebSocket or a SockJS session over XHR, connects and subscribes to one room.

import type { Agent } from "undici";
import { encodeFrame } from "../drivers/codecs/stomp.ts";
import { FrameCutter, frames, headerIn, type FrameListener } from "./frames.ts";
import { personOf, roomOf, type Line, type LineListener, type Lines, type LinesOptions } from "./lines.ts";
import type { LoadPlan } from "./plan.ts";
import { LoadSocket, type SocketListener, type TextSocket } from "./socket.ts";
import { openSender, SockjsSocket } from "./sockjs-socket.ts";

/** Where nothing says when a SUBSCRIBE took effect. */
const settleMs = 2_000;

export class StompLines implements Lines, SocketListener, FrameListener {
  readonly replays = false;
  readonly #plan: LoadPlan;
  readonly #listener: LineListener;
  readonly #options: LinesOptions;
  /** The newest of each number, and the number in the whole run. */
  readonly #sockets: TextSocket[] = [];
  readonly #numbers: number[] = [];
  readonly #cutter = new FrameCutter(this);
  #sender: Agent | undefined;
  /** Socket → the ERROR that it got; its close follows. */
  readonly #refusals = new Map<number, string>();

  constructor(plan: LoadPlan, listener: LineListener, options: LinesOptions) {
    this.#plan = plan;
    this.#listener = listener;
    this.#options = options;
  }

  open(listener: number, number: number): Line {
    // What came of a frame on its last connection is no part of the next.
    this.#cutter.forget(listener);
    this.#numbers[listener] = number;
    return (this.#sockets[listener] = this.#socketFor(listener, number));
  }

  #socketFor(listener: number, number: number): TextSocket {
    const { webSocketUrls, sockjsUrls } = this.#plan;
    const { handshake, rooms } = personOf(this.#plan, number);
    if (sockjsUrls === undefined) {
      const url = new URL(webSocketUrls[number % webSocketUrls.length]!);
      return new LoadSocket(listener, this, { url, headers: handshake, subprotocol: "v12.stomp", ...this.#options });
    }
    this.#sender ??= openSender(this.#options);
    return new SockjsSocket(listener, this, {
      endpoint: sockjsUrls[number % sockjsUrls.length]!,
      // Half of each room on each.
      transport: Math.floor(number / rooms.length) % 2 === 0 ? "xhr_streaming" : "xhr",
      headers: handshake,
      sender: this.#sender,
      ...this.#options,
    });
  }

  onOpen(socket: TextSocket): void {
    if (!this.#isNewest(socket)) return;
    this.#listener.onOpen(socket);
    const { connect } = personOf(this.#plan, this.#numbers[socket.number]!);
    socket.send(encodeFrame("CONNECT", { "accept-version": "1.2", "heart-beat": "0,0", ...connect }));
  }

  onMessage(socket: TextSocket, octets: Buffer, from: number, to: number): void {
    if (this.#isNewest(socket) && !this.#cutter.take(socket.number, octets, from, to)) socket.terminate();
  }

  onFrame(listener: number, octets: Buffer, from: number, to: number): void {
    const socket = this.#sockets[listener]!;
    const first = octets[from];
    if (first === frames.message) this.#listener.onText(socket, octets, from, to);
    else if (first === frames.connected) this.#subscribe(socket);
    else if (first === frames.receipt) this.#listener.onReady(socket, 0);
    // A close follows.
    else if (first === frames.error)
      this.#refusals.set(listener, `ERROR ${(headerIn(octets, from, to, "message") ?? "").slice(0, 80)}`);
  }

  #subscribe(socket: TextSocket): void {
    const { room, headers } = roomOf(this.#plan, this.#numbers[socket.number]!);
    const { receipts, rooms } = this.#plan;
    socket.send(
      encodeFrame("SUBSCRIBE", {
        id: `sub-${room}`,
        destination: rooms[room]!.destination,
        ...headers,
        ...(receipts ? { receipt: "ready" } : {}),
      }),
    );
    if (!receipts) this.#listener.onReady(socket, settleMs);
  }

  onClose(socket: TextSocket, how: string): void {
    if (!this.#isNewest(socket)) return;
    this.#cutter.forget(socket.number);
    const why = this.#refusals.get(socket.number) ?? how;
    this.#refusals.delete(socket.number);
    this.#listener.onClose(socket, why);
  }

  /** Else another one has its place. */
  #isNewest(socket: TextSocket): boolean {
    return this.#sockets[socket.number] === socket;
  }
}
