// Sockets that a system has beside STOMP: its own protocol on its own path of the same port, and the same bus. They are
// put around the realtime layer, which knows nothing of them.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Bus } from "../bus/bus.ts";
import type { Delivery } from "../bus/records.ts";
import { openRealtime, type Realtime, type RealtimeOptions } from "./realtime.ts";
import { endpointKind, webSocketUpgrade } from "./websocket.ts";

export interface OwnSockets {
  /** False: the path is none of theirs, and nothing was done. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Each message of the bus, in its order; `live` is false for what was published before anybody listened here. */
  hear(record: Delivery, live: boolean): void;
  /** Ends all of them; resolves when what they had sent is done. */
  drain(): Promise<void>;
}

/** What they are given. */
export type OwnSocketsOptions = Pick<RealtimeOptions, "originAllowed" | "proxies" | "inbound" | "turns" | "onFault">;

/** The realtime layer, and sockets around it where there are some. */
export function openAround(sockets: OwnSockets | undefined, options: RealtimeOptions): Realtime {
  if (!sockets) return withNative(openRealtime(options), options);
  return besides(openRealtime({ ...options, bus: heardBy(options.bus, sockets) }), sockets);
}

/** The bus as the realtime layer follows it: they hear each message first. */
const heardBy = (bus: Bus, sockets: OwnSockets): Bus => ({
  publish: (records) => bus.publish(records),
  follow: (topic, onRecord) =>
    bus.follow(topic, (record, live) => {
      if (record.topic === "messages") sockets.hear(record, live);
      return onRecord(record, live);
    }),
  caughtUp: (topic) => bus.caughtUp(topic),
  work: (topic, group, handler) => bus.work(topic, group, handler),
  reach: () => bus.reach(),
  trouble: () => bus.trouble(),
  close: () => bus.close(),
});

/** The realtime layer, and a plain WebSocket at a path of its own where the system has one. */
function withNative(realtime: Realtime, { ports, originAllowed, proxies, onFault }: RealtimeOptions): Realtime {
  const { nativeEndpoint: endpoint } = ports.profile;
  const { accept } = realtime;
  if (endpoint === undefined || accept === undefined) return realtime;
  const addressOf = proxies.shareOf;
  const upgrade = webSocketUpgrade({ endpoint, sockJs: false, onFault, originAllowed, addressOf, accept });
  return {
    ...realtime,
    upgrade(request, socket, head) {
      if (endpointKind(endpoint, request.url ?? "", false) === undefined) realtime.upgrade(request, socket, head);
      else upgrade(request, socket, head);
    },
  };
}

/** The realtime layer with them. */
const besides = (realtime: Realtime, sockets: OwnSockets): Realtime => ({
  ...realtime,
  upgrade(request, socket, head) {
    if (!sockets.upgrade(request, socket, head)) realtime.upgrade(request, socket, head);
  },
  async drain() {
    await Promise.all([realtime.drain(), sockets.drain()]);
  },
});
