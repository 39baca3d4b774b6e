// The drivers by themselves, for tests that know where to connect and as whom: a STOMP session over any transport, an
// event stream. They send what a browser sends, refuse what a browser refuses, and keep what came.

import { Network } from "./network.ts";
import { openSockjs, type SockjsTransportName } from "./sockjs.ts";
import { EventStream } from "./sse.ts";
import { StompConnection } from "./stomp.ts";
import { Secrets, Transcript } from "./transcript.ts";
import { openWebSocketTransport } from "./websocket.ts";

interface OpenOptions {
  /** Of the HTTP request or upgrade: cookies, Authorization. */
  headers?: Record<string, string>;
  /** What is sent as Origin. Default: the target's own. */
  origin?: string;
  /** PEM text of a private certificate authority. */
  ca?: string;
}

export interface StompOptions extends OpenOptions {
  /** Default: "websocket", for which `url` is the WebSocket's; else it is the SockJS endpoint. */
  over?: "websocket" | SockjsTransportName;
  /** Headers of the CONNECT frame. */
  connect?: Record<string, string>;
  /** How long the opening, and then CONNECTED, may take. Default: 5,000 ms. */
  deadlineMs?: number;
}

export interface EventStreamOptions extends OpenOptions {
  /** From where it goes on. */
  lastEventId?: string;
}

/**
 * A connected STOMP session; it closes with `await using`.
 *
 * @param url http, https, ws or wss.
 *
 * @example
 *   await using stomp = await openStomp("ws://localhost:8080/ws", { connect: { Authorization: `Bearer ${token}` } });
 *   const heard = await stomp.subscribeWithReceipt("/topic/rooms/1", 2_000);
 *   stomp.sendFrame("SEND", { destination: "/app/rooms/1" }, JSON.stringify({ content: "hello" }));
 *   await heard.awaitMessage("hello", ({ body }) => body.includes("hello"), 2_000);
 *
 * @throws TargetError when it is refused, TimeoutError.
 */
export async function openStomp(url: string, options: StompOptions = {}): Promise<StompConnection> {
  const { over = "websocket", connect = {}, deadlineMs = 5_000, headers = {}, origin, ca } = options;
  const network = new Network(ca === undefined ? {} : { ca });
  const opening = { network, headers, openTimeoutMs: deadlineMs, ...(origin === undefined ? {} : { origin }) };
  try {
    const transport =
      over === "websocket"
        ? await openWebSocketTransport(url.replace(/^http/, "ws"), opening)
        : await openSockjs(url.replace(/^ws/, "http"), over, opening);
    const connection = new StompConnection(transport, new Transcript(new Secrets(), 200), over);
    void connection.closed.then(() => network.close());
    await connection.connect({ headers: connect, deadlineMs });
    return connection;
  } catch (error) {
    await network.close();
    throw error;
  }
}

/**
 * An event stream; `head` rejects with TargetError when it is refused. It closes with `await using`, and resumes only
 * as somebody else: open another one with `lastEventId: stream.lastId`.
 *
 * @example
 *   await using stream = openEventStream("http://localhost:8080/events", { headers: { Cookie: session } });
 *   const event = await stream.awaitEvent("a new room", ({ name }) => name === "room.created", 2_000);
 */
export function openEventStream(url: string, options: EventStreamOptions = {}): EventStream {
  const { headers = {}, lastEventId, origin, ca } = options;
  const network = new Network(ca === undefined ? {} : { ca });
  const stream = new EventStream(url, {
    network,
    transcript: new Transcript(new Secrets(), 200),
    label: "stream",
    headers: { ...headers, ...(lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId }) },
    ...(origin === undefined ? {} : { origin }),
  });
  void stream.closed.then(() => network.close());
  return stream;
}
