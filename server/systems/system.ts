// How a chat system is put together: a core (domain and rules), then routes over it. Each system façade exports these
// two.

import type { RequestHandler, Router } from "express";
import type { Redis } from "ioredis";
import type { ServedSystem } from "../../systems/served/wire.ts";
import type { Bus } from "../bus/bus.ts";
import type { Outbox } from "../bus/outbox.ts";
import type { OwnSockets, OwnSocketsOptions } from "../realtime/own-sockets.ts";
import type { Presence, RealtimePorts } from "../realtime/ports.ts";
import type { Realtime, RealtimeOptions } from "../realtime/realtime.ts";
import type { LoginLimits } from "../security/login-limits.ts";
import type { Store } from "../store/store.ts";
import type { Trace } from "../trace.ts";

/** What a system is given. */
export interface SystemContext {
  name: ServedSystem;
  store: Store;
  /** Of systems whose tables have one. */
  outbox: Outbox;
  /** For systems without an outbox. */
  bus: Pick<Bus, "publish" | "caughtUp">;
  presence: Presence;
  /** Unique for this run of this instance. */
  instance: string;
  /** Shared by all instances; absent: this one is alone. */
  redis: Redis | undefined;
  config: SystemConfig;
  loginLimits: LoginLimits;
  /** Hears of everyone who was refused. */
  trace: Trace;
  /** Hears of faults of ours: what a caller saw as a 500, or nobody saw. For the log. */
  onFault: (error: unknown) => void;
}

export interface SystemConfig {
  adminUsername: string;
  adminEmail: string;
  adminPassword: string;
  /** log2 of scrypt's N. */
  passwordCostLog2: number;
  accessTokenSeconds: number;
  refreshTokenSeconds: number;
  uploadBytesMax: number;
  /** With which somebody else signs the tokens of gateway-chat's secure mode. */
  gatewayChatSecret: string;
  /** Who may connect to stomp. */
  stompUsers: readonly { name: string; password: string }[];
  /** With which event streams are heard and published into; none: by nobody. */
  sseTokens: readonly string[];
}

/** A system that is ready: its rules for the realtime layer, and its routes. */
export interface ChatSystem {
  realtime: RealtimePorts;
  /**
   * All REST routes. `events` answers with an event stream; it is called with `res.locals.principal` set. `streams`
   * counts the open ones of this instance by user.
   */
  routes(events: RequestHandler, streams: () => ReadonlyMap<string, number>): Router;
  /** Ends background work (uploads under way) and resolves when it ended. */
  close(): Promise<void>;
  /** A realtime layer of its own, for systems without STOMP. Absent: the shared one. */
  openRealtime?(options: RealtimeOptions): Realtime;
  /** Its sockets beside STOMP. Absent: there are none. */
  sockets?(options: OwnSocketsOptions): OwnSockets;
}

/** Migrates, creates the admin, and returns the system. */
export type OpenSystem = (context: SystemContext) => Promise<ChatSystem>;
