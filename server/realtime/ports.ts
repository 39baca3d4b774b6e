// What the realtime layer (STOMP, SSE, presence) asks of a chat system, and what a system asks of it.
// The domain knows no frames and no HTTP; the realtime layer knows no SQL.

import type { IncomingMessage } from "node:http";
import type { Role } from "../../systems/discodeit/wire.ts";
import type { EventRecord, MessageRecord } from "../bus/records.ts";
import type { Exchange } from "../stomp/exchange.ts";

/** Who speaks: one user in one login. */
export interface Principal {
  userId: string;
  username: string;
  role: Role;
  loginId: string;
}

/** The ErrorResponse of the contract; on STOMP it goes to `/user/queue/errors`. */
export interface ErrorResponse {
  timestamp: string;
  code: string;
  message: string;
  details: Record<string, unknown> | null;
  exceptionType: string;
  status: number;
}

/** What of the protocols is the system's own choice. */
export interface RealtimeProfile {
  /** The path of the STOMP endpoint. */
  endpoint: string;
  /** Whether SockJS is spoken below it. */
  sockJs: boolean;
  /** The prefix of what clients send to. */
  applicationPrefix: string;
  /** The event with which every stream begins. */
  greeting: { name: string; data: string };
  /**
   * Who opens a WebSocket, asked before it is accepted (401); CONNECT then needs no token. Absent: CONNECT brings it.
   * `address` is the client's. Throws only when the store is away.
   */
  authenticateHandshake?: (request: IncomingMessage, address: string) => Promise<Principal | undefined>;
  /** Whom whoever connects from this address is taken for, without being asked. Absent: everybody is asked. */
  guest?: (address: string) => Principal;
  /**
   * Who connects with this name and passcode, where CONNECT brings these instead of a token; whoever is refused is
   * noted. Throws TooManyFailuresError.
   */
  logIn?: (login: string | undefined, passcode: string | undefined, address: string) => Promise<Principal | undefined>;
  /** Where clients subscribe and send, with acknowledgements and transactions, instead of asking the ports below. */
  exchange?: Exchange;
  /** Where a plain WebSocket is, too, without SockJS below it. */
  nativeEndpoint?: string;
  /** Pages of every origin are let in. Absent: those of our own, and of those that are configured. */
  anyOrigin?: true;
}

/** Guests of one address are one user; so many of them may be connected. */
export const guestsPerAddressMax = 10_000;

/** A session that listens, for systems that tell others of it. Only its identity matters. */
export type Listener = object;

export interface RealtimePorts {
  profile: RealtimeProfile;
  /**
   * A subscription began; called once for each, and `stoppedListening` once when it ended, however that happened. Its
   * RECEIPT waits for the promise.
   */
  listening?(listener: Listener, principal: Principal, destination: string): Promise<void> | void;
  stoppedListening?(listener: Listener, principal: Principal, destination: string): void;
  /**
   * undefined: the access token is malformed, forged, expired, or its login ended. Throws only when the store is away.
   */
  authenticate(accessToken: string): Promise<Principal | undefined>;
  /** A CONNECT was refused, with this token or none: for the log. */
  noteRefusedConnect(accessToken: string | undefined, from?: string): void;
  /**
   * Of these logins, those that are no longer alive (logout, second login, role change, deletion, end of the refresh
   * session).
   */
  endedLogins(loginIds: readonly string[]): Promise<string[]>;
  /**
   * Whether the principal may hear this broker destination (exact form, existing channel, membership of a private one).
   */
  maySubscribe(principal: Principal, destination: string): Promise<boolean>;
  /**
   * Handles a SEND below `/pub`. Resolves after the commit, with the refusal if there was one. Throws when the store is
   * away.
   */
  send(principal: Principal, destination: string, body: string): Promise<ErrorResponse | undefined>;
  /**
   * Whether the principal may read this event now; asked before an event is replayed. The receiver list is checked by
   * the caller.
   */
  mayReadNow(principal: Principal, event: EventRecord): Promise<boolean>;
  /** Commits the event that tells everyone that `online` of this user flipped. Unknown users are ignored. */
  announceOnline(userId: string, online: boolean): Promise<void>;
  /**
   * Creates the notifications of a message: called once per message over all instances, idempotent by (record id,
   * receiver). Absent: the system makes none afterwards.
   */
  notifyOfMessage?(record: MessageRecord): Promise<void>;
}

/** Who is connected, over all instances. */
export interface Presence {
  /** The subset of these users that hold a live STOMP or SSE connection on any instance. */
  online(userIds: readonly string[]): Promise<Set<string>>;
}
