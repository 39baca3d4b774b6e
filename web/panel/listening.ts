// How does the panel hear a room? Over each transport that the definition has, as long as the room is open: STOMP (over
// SockJS where there is SockJS), bare WebSocket, and the event stream. It subscribes and says nothing. A connection that
// breaks comes back; one that is refused stays away, and says why.

import { Client, ReconnectionTimeMode } from "@stomp/stompjs";
import { SseParser } from "../../drivers/codecs/sse.ts";
import { upstreamHeader } from "../../systems/discodeit/wire.ts";
import type { Account, EventsPart, PresencePart, Room, StompPart, WebSocketPart } from "../../systems/types.ts";
import type { Journal } from "../journal.ts";
import { openSockJs, openWebSocket } from "../sockets.ts";
import { noteRequest } from "./http.ts";

export type Link = { state: "connecting" | "up" | "down" } | { state: "refused"; why: string };

export interface Ear {
  journal: Journal;
  onLink: (link: Link) => void;
}

export interface Listening {
  close(): void;
}

const againFirstMs = 500;
const againLastMs = 10_000;
const heartBeatMs = 10_000;
/** To ask again changes nothing. */
const refusals: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 406, 410]);
const stompProtocols = ["v12.stomp", "v11.stomp", "v10.stomp"];

export function hearStomp(
  { stomp, presence }: { stomp: StompPart; presence: PresencePart | undefined },
  { account, room }: { account: Account; room: Room },
  { journal, onLink }: Ear,
): Listening {
  const note: Journal["noteFrame"] = (way, text, transport) => journal.noteFrame(way, text, transport);
  const destinations = new Set([...stomp.destinations(room), ...(presence?.destinations?.(room) ?? [])]);
  const receipt = `subscribed-${crypto.randomUUID()}`;
  let refused = false;
  const client = new Client({
    webSocketFactory: () =>
      stomp.transports?.includes("sockjs") === true
        ? openSockJs(stomp.sockjs ?? stomp.url, note)
        : openWebSocket(stomp.url, note, stompProtocols),
    connectHeaders: stomp.connect?.(account) ?? {},
    reconnectDelay: againFirstMs,
    maxReconnectDelay: againLastMs,
    reconnectTimeMode: ReconnectionTimeMode.EXPONENTIAL,
    heartbeatIncoming: heartBeatMs,
    heartbeatOutgoing: heartBeatMs,
    onConnect: () => {
      client.watchForReceipt(receipt, () => onLink({ state: "up" }));
      const headers = { ...stomp.subscribe?.({ account, room }) };
      for (const [at, destination] of [...destinations].entries())
        client.subscribe(
          destination,
          () => undefined,
          at === destinations.size - 1 ? { ...headers, receipt } : headers,
        );
    },
    onStompError: ({ headers }) => {
      refused = true;
      onLink({ state: "refused", why: headers["message"] ?? "ERROR" });
      void client.deactivate();
    },
    onWebSocketClose: () => {
      if (!refused) onLink({ state: "down" });
    },
  });
  onLink({ state: "connecting" });
  client.activate();
  return {
    close: () => {
      refused = true;
      void client.deactivate({ force: true });
    },
  };
}

export function hearSocket(
  { url, join }: WebSocketPart,
  { account, room }: { account: Account; room: Room },
  { journal, onLink }: Ear,
): Listening {
  let socket: WebSocket | undefined;
  const open = (): void => {
    socket = openWebSocket(url({ account, room }), (way, text, transport) => journal.noteText(way, text, transport));
    const greeting = join?.(room, account);
    socket.addEventListener("open", () => {
      if (greeting !== undefined) socket?.send(JSON.stringify(greeting));
      pause.reset();
      onLink({ state: "up" });
    });
    socket.addEventListener("close", () => {
      onLink({ state: "down" });
      pause.before(open);
    });
  };
  const pause = new Pause();
  onLink({ state: "connecting" });
  open();
  return {
    close: () => {
      pause.end();
      socket?.close();
    },
  };
}

export function hearEvents({ url, auth, lastId }: EventsPart, { bearer = "" }: Account, ear: Ear): Listening {
  const { journal, onLink } = ear;
  const end = new AbortController();
  const pause = new Pause();
  let id = "";
  const open = async (): Promise<void> => {
    const address = new URL(url, location.href);
    if (typeof auth === "object") address.searchParams.set(auth.query, bearer);
    const headers = new Headers({ Accept: "text/event-stream" });
    if (auth === "bearer") headers.set("Authorization", `Bearer ${bearer}`);
    if (id !== "" && lastId?.header !== false) headers.set("Last-Event-ID", id);
    const startedMs = performance.now();
    const response = await fetch(address, { headers, cache: "no-store", signal: end.signal });
    noteRequest(journal, `GET ${url}`, response, performance.now() - startedMs);
    if (refusals.has(response.status)) return onLink({ state: "refused", why: String(response.status) });
    if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
    onLink({ state: "up" });
    pause.reset();
    const parser = new SseParser();
    const instance = response.headers.get(upstreamHeader) ?? "";
    for await (const text of response.body.pipeThrough(new TextDecoderStream()))
      for (const item of parser.push(text)) {
        if (item.kind !== "event" && item.kind !== "settings") continue;
        id = item.id ?? id;
        if (item.kind === "event" && item.data !== undefined)
          journal.noteEvent(item.name, item.id ?? "", item.data, instance);
      }
    throw new Error("the stream ended");
  };
  const listen = (): void => {
    open().catch(() => {
      if (end.signal.aborted) return;
      onLink({ state: "down" });
      pause.before(listen);
    });
  };
  onLink({ state: "connecting" });
  listen();
  return {
    close: () => {
      pause.end();
      end.abort();
    },
  };
}

/** Between one try and the next: longer each time, until one succeeds. */
class Pause {
  #ms = againFirstMs;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  before(again: () => void): void {
    if (this.#isOver) return;
    this.#timer = setTimeout(again, this.#ms);
    this.#ms = Math.min(this.#ms * 2, againLastMs);
  }

  reset(): void {
    this.#ms = againFirstMs;
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }
}
