// How do the parts of the realtime layer hang together in one system? Bus → broker and event hub; connections →
// sessions and streams, counted per user, present while connected, ended with their login.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { RequestHandler } from "express";
import type { Bus } from "../bus/bus.ts";
import type { Delivery } from "../bus/records.ts";
import type { ByteBudget } from "../security/budget.ts";
import type { OriginCheck } from "../security/origins.ts";
import type { Proxies } from "../security/proxies.ts";
import { Admissions } from "./admissions.ts";
import { Broker } from "../stomp/broker.ts";
import type { AcceptConnection } from "./connection.ts";
import { startLoginSweep } from "./login-sweep.ts";
import { Lobby } from "./lobby.ts";
import { addGauges, type RealtimeMetrics } from "./metrics.ts";
import type { Principal, RealtimePorts } from "./ports.ts";
import type { PresenceTracker } from "../presence/presence.ts";
import { SockJsHttp } from "../sockjs/http.ts";
import { SseHub } from "../sse/hub.ts";
import type { SseStream } from "../sse/stream.ts";
import { StompSession, type SessionHost } from "../stomp/session.ts";
import type { Turns } from "../turns.ts";
import { webSocketUpgrade } from "./websocket.ts";

export interface RealtimeOptions {
  ports: RealtimePorts;
  bus: Bus;
  presence: PresenceTracker;
  metrics: RealtimeMetrics;
  socketsPerUserMax: number;
  streamsPerUserMax: number;
  originAllowed: OriginCheck;
  proxies: Proxies;
  /** What is kept of what clients sent; shared by all systems of the process, like the turns. */
  inbound: ByteBudget;
  turns: Turns;
  onFault: (error: unknown) => void;
  /** Default 1 s, so that a connection ends well within 5 s of its login. */
  loginSweepEveryMs?: number;
}

export interface Realtime {
  /** For connections that do not come by HTTP; absent: the system speaks no STOMP. */
  accept?: AcceptConnection;
  /** Answers with an event stream. */
  events: RequestHandler;
  /** The open event streams of this instance by user. */
  streams: () => ReadonlyMap<string, number>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Everything below the STOMP endpoint that is not an upgrade; `path` is what follows the endpoint. */
  answerSockJs(path: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Follows the bus; resolves when the replay log is filled and everything is live. */
  follow(): Promise<void>;
  /** Ends all connections with the right codes; resolves when the frames they had sent are done. */
  drain(): Promise<void>;
}

interface Parts {
  broker: Broker;
  hub: SseHub;
  sessions: Set<StompSession>;
  sockets: Admissions<StompSession>;
  streams: Admissions<SseStream>;
  accept: AcceptConnection;
}

export function openRealtime(options: RealtimeOptions): Realtime {
  const parts = assemble(options);
  const { sessions, hub, accept } = parts;
  const { originAllowed, inbound, onFault } = options;
  const { endpoint, sockJs: hasSockJs, authenticateHandshake } = options.ports.profile;
  const addressOf = options.proxies.shareOf;
  const sockJs = new SockJsHttp({ originAllowed, addressOf, inbound, accept });
  const upgrade = webSocketUpgrade({
    endpoint,
    sockJs: hasSockJs,
    identify: authenticateHandshake && ((request) => authenticateHandshake(request, addressOf(request))),
    onFault,
    originAllowed,
    addressOf,
    accept,
  });
  const sweep = startLoginSweep({
    ports: options.ports,
    everyMs: options.loginSweepEveryMs ?? 1_000,
    logins: () => loginsOf(parts),
    end: (ended) => endLogins(parts, ended),
    onFault: options.onFault,
  });
  addGauges(options.metrics, {
    connections: () => countConnections(parts),
    subscriptions: () => parts.broker.subscriptionCount,
  });
  return {
    accept,
    events: hub.handler,
    streams: () => parts.streams.counts(),
    upgrade,
    answerSockJs: (path, request, response) => sockJs.answer(path, request, response),
    follow: () => followBus(options, parts),
    async drain() {
      sweep.stop();
      hub.drain();
      await Promise.all([...sessions].map((session) => session.drain()));
    },
  };
}

function assemble(options: RealtimeOptions): Parts {
  const { ports, bus, presence, metrics, inbound, turns, socketsPerUserMax, streamsPerUserMax, onFault } = options;
  const broker = new Broker();
  const sessions = new Set<StompSession>();
  const sockets = new Admissions<StompSession>(socketsPerUserMax);
  const streams = new Admissions<SseStream>(streamsPerUserMax);
  const hub = new SseHub({
    ports,
    caughtUp: () => bus.caughtUp("events"),
    ...present(streams, presence),
    onReplayed: () => metrics.replayed.inc(),
    onCutOff: () => metrics.dropped.inc({ channel: "sse" }),
    onFault,
  });
  const lobby = new Lobby<StompSession>();
  const host: SessionHost = {
    ports,
    broker,
    inbound,
    turns,
    ...admitting(sockets, presence, lobby),
    onCutOff: () => metrics.dropped.inc({ channel: "stomp" }),
    onFault,
  };
  const accept: AcceptConnection = (connection) => {
    const { guest } = ports.profile;
    if (guest) Object.assign(connection, { principal: guest(connection.address) });
    const session = new StompSession(host, connection, () => {
      sessions.delete(session);
      lobby.leave(session);
    });
    sessions.add(session);
    lobby.enter(session);
    return session;
  };
  return { broker, hub, sessions, sockets, streams, accept };
}

function admitting(sockets: Admissions<StompSession>, presence: PresenceTracker, lobby: Lobby<StompSession>) {
  const counted = present(sockets, presence);
  return {
    ...counted,
    admit(session: StompSession, principal: Principal): boolean {
      lobby.leave(session);
      return counted.admit(session, principal);
    },
  };
}

/** Counts a user's connections of one kind, and the user as present while there are any. */
function present<T>(admissions: Admissions<T>, presence: PresenceTracker) {
  return {
    admit(member: T, principal: Principal): boolean {
      const admitted = admissions.add(member, principal);
      if (admitted) presence.connected(principal.userId);
      return admitted;
    },
    dismiss(member: T, principal: Principal): void {
      admissions.remove(member, principal);
      presence.disconnected(principal.userId);
    },
  };
}

async function followBus({ bus, ports, metrics }: RealtimeOptions, { broker, hub, sockets }: Parts): Promise<void> {
  const note = (channel: string, createdAtMs: number, count: number): void => {
    if (count === 0) return;
    metrics.deliveries.inc({ channel }, count);
    metrics.publishToDeliverSeconds.observe({ channel }, Math.max(0, Date.now() - createdAtMs) / 1_000);
  };
  const checkThenDeliver = async (record: Delivery, userId: string): Promise<void> => {
    await Promise.all([...sockets.of(userId)].map((session) => session.checkSubscriptions()));
    note("stomp", record.createdAtMs, broker.deliver(record));
  };
  await Promise.all([
    bus.follow("messages", (record, live) => {
      if (!live) return broker.remember(record);
      if (record.rightsOf !== undefined) return checkThenDeliver(record, record.rightsOf);
      note("stomp", record.createdAtMs, broker.deliver(record));
    }),
    bus.follow("events", (record, live) => note("sse", record.createdAtMs, hub.publish(record, live))),
    ports.notifyOfMessage && bus.work("messages", "notifications", async (record) => ports.notifyOfMessage?.(record)),
  ]);
}

function loginsOf({ sockets, streams }: Parts): Set<string> {
  const logins = new Set<string>();
  for (const [, principal] of sockets.all()) logins.add(principal.loginId);
  for (const [, principal] of streams.all()) logins.add(principal.loginId);
  return logins;
}

function endLogins({ sockets, streams }: Parts, ended: ReadonlySet<string>): void {
  for (const [session, principal] of sockets.all()) if (ended.has(principal.loginId)) session.endLogin();
  for (const [stream, principal] of streams.all()) if (ended.has(principal.loginId)) stream.end();
}

function countConnections({ sessions, streams }: Parts): Record<string, number> {
  const counts: Record<string, number> = { websocket: 0, "sockjs-websocket": 0, "sockjs-http": 0, sse: streams.count };
  for (const session of sessions) counts[session.transport] = (counts[session.transport] ?? 0) + 1;
  return counts;
}
