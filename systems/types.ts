// What a system is: everything that differs between two backends, in one value. It says how to talk and what is
// promised, never how to judge. Every part is optional: what is missing makes the clauses that need it `unsupported`.
// Terms: member – an account in a room, with its own HTTP client; cause – an action after which events come.

import type { CsrfRule } from "../drivers/rest.ts";
import type { CookieJar } from "../drivers/cookies.ts";
import type { Http, Json } from "../drivers/http.ts";
import type { Promised } from "./promises.ts";

export type { Http, Json, Promised };

/** Somebody to sign up. */
export interface Who {
  username: string;
  email: string;
  password: string;
}

/** Somebody who is signed up, with one client whose jar behaves as a browser's. */
export interface Account extends Who {
  id?: string | number | undefined;
  bearer?: string | undefined;
  http: Http;
}

export type Member<A extends Account = Account> = A;

export interface Room {
  id: string | number;
}

/** How a client is known after a login: by a bearer token, by the cookies in its jar, or by headers. */
export interface Credential {
  bearer?: string;
  cookies?: true;
  headers?: Record<string, string>;
  /** Who it is, where sign-up did not say. */
  id?: string | number | undefined;
}

export interface Sender {
  /** A SEND with a body in JSON. */
  send: (destination: string, body: unknown, headers?: Record<string, string>) => void;
}

/** Who takes part when an event is caused. */
export interface Cast<A extends Account = Account, R extends Room = Room> {
  owner: A;
  members: A[];
  openRoom: (owner: A, members: A[]) => Promise<R>;
  /** Somebody else, to do what its actor does not hear of. */
  another: () => Promise<A>;
}

export interface EventCause<A extends Account = Account, R extends Room = Room> {
  /** Does it; `key` is what `keyOf` finds in the event. Absent: the system's own clauses do it. */
  cause?: (cast: Cast<A, R>) => Promise<{ key: string | number }>;
  /** "members": the cast's owner hears it, too; "others": its members alone; "self": the owner alone. */
  receivers: "everyone" | "members" | "others" | "self" | ((cast: Cast<A, R>) => A[]);
  /** By which name the description calls the event. Absent: any. */
  name?: string;
  /** Undefined: an event of another kind. Absent: the key stands somewhere in the data. */
  keyOf?: (event: { name: string; data: string }) => string | number | undefined;
}

export interface Action<A extends Account = Account, R extends Room = Room> {
  act: (account: A, room: R, stomp: Sender) => unknown;
  isEffect: (message: Json) => boolean;
  /** Where its effects are heard. Absent: where messages are. */
  destinations?: (room: R) => readonly string[];
  /** What no other effect in the room has. Absent: how often each body came is compared over all tabs. */
  identityOf?: (message: Json) => string | number;
  /** May it serve as a probe: has it an effect each time? */
  repeatable: boolean;
}

export interface HttpPart<A extends Account = Account> {
  /** The usual double submit of a cookie's value in a header. */
  csrf?: CsrfRule;
  /** Before the first unsafe request of a client, for instance a GET that sets a CSRF cookie. */
  prepare?: (http: Http) => Promise<unknown>;
  /** Headers of one request; sees the jar at the moment of sending, so that header and cookie agree. */
  headers?: (request: { method: string; jar: CookieJar; account?: A }) => Record<string, string>;
  /** A path that everybody may GET: asked whether the server is there. Default: `/`. */
  alive?: string;
  /** How it is asked. Default: GET; where the answer to everything is a stream without an end, by connecting alone. */
  aliveBy?: "GET" | "HEAD" | "connecting";
  /** Paths that nobody may GET without a credential; the canary asks them with garbage. */
  guarded?: readonly string[];
  /** Below it there are no pages: an unknown path is no success. */
  base?: string;
}

export interface AccountsPart<A extends Account = Account> {
  /** One of three ways to have people. Fields that it gives (an id above all) are the account's from then on. */
  signUp?: (http: Http, who: Who) => Promise<unknown>;
  guest?: (http: Http, who: Who) => Promise<Partial<A>>;
  /** From the environment or a file. */
  listed?: () => Who[];
  logIn?: (http: Http, who: Who & { id?: string | number | undefined }) => Promise<Credential>;
  refresh?: (http: Http, account: A) => Promise<Credential>;
  logOut?: (http: Http, account: A) => Promise<unknown>;
  /** Absent: names are used again from an account book, and the run says what stays. */
  remove?: (http: Http, account: A) => Promise<unknown>;
  /** Whether its login is still good: throws when it is not. */
  check?: (http: Http, account: A) => Promise<unknown>;
  admin?: () => Who;
  /** Makes somebody one who may open public rooms and delete what members may not. */
  appoint?: (admin: A, account: A) => Promise<unknown>;
  /** Default: 20 characters. */
  nameLengthMax?: number;
}

export interface RoomsPart<A extends Account = Account, R extends Room = Room> {
  /** Some systems join one by one: each member has its own HTTP client. */
  open: (owner: Member<A>, members: Member<A>[]) => Promise<R>;
  join?: (member: Member<A>, room: R) => Promise<unknown>;
  leave?: (member: Member<A>, room: R) => Promise<unknown>;
  /** Tried as owner, member, admin. */
  remove?: (member: Member<A>, room: R) => Promise<unknown>;
  /** A room that everybody may enter, opened by whoever was appointed. */
  openPublic?: (manager: Member<A>, name: string) => Promise<R>;
  /** The rooms that somebody sees; `name` begins as the run's where the run made it. */
  list?: (member: Member<A>) => Promise<(R & { name?: string | null | undefined; isPublic?: boolean })[]>;
  capacity?: number;
  access: "members" | "code" | "anyone";
}

export interface StompPart<A extends Account = Account, R extends Room = Room> {
  /** A path, or absolute: a broker on another port. With SockJS the raw WebSocket is at `…/websocket` below it. */
  url: string;
  /** Default: WebSocket alone. */
  transports?: readonly ("websocket" | "sockjs" | "tcp")[];
  /** Where SockJS is, when it is not at `url`: a path, or absolute. */
  sockjs?: string;
  /** Where STOMP is without WebSocket: a port of the same host, or `tcp://host:port`. Default: 61613. */
  tcp?: number | string;
  /** Cookies or headers of the HTTP upgrade. */
  handshake?: (account: A) => Record<string, string>;
  connect?: (account: A) => Record<string, string>;
  subscribe?: (to: { account: A; room: R }) => Record<string, string>;
  /** All aliases on which one message is heard. */
  destinations: (room: R) => readonly [string, ...string[]];
  send?: (what: { account: A; room: R; text: string }) => {
    destination: string;
    body: unknown;
    headers?: Record<string, string>;
  };
  /** A queue that nobody has used: each of its messages goes to one subscriber. Headers go with SUBSCRIBE and SEND. */
  queue?: (room: R) => { destination: string; headers?: Record<string, string> };
  /** Undefined: another kind of message on the same topic. */
  textOf?: (message: Json) => string | undefined;
  idOf?: (message: Json) => string | number | undefined;
  /** Whether a message names its room and its sender rightly. */
  isFrom?: (message: Json, from: { account: A; room: R }) => boolean;
  /** How many characters a message may have. Default: 2,000. */
  textLengthMax?: number;
  /** Does the sender hear itself? Default: yes. */
  echo?: boolean;
  /** Where a client hears of its own SENDs that were refused. */
  errors?: string;
  /** Where servers deliver or listen by mistake: destination → the words that name the mistake. */
  mistakes?: { heardAt?(room: R): Record<string, string>; sentTo?: Record<string, string> };
}

export interface WebSocketPart<A extends Account = Account, R extends Room = Room> {
  url: (to: { account: A; room: R }) => string;
  /** What a socket sends first, to be in the room as somebody. */
  join?: (room: R, account: A) => unknown;
  send: (what: { account: A; room: R; text: string }) => unknown;
  textOf: (message: Json) => string | undefined;
  echo: boolean;
}

export interface EventsPart<A extends Account = Account, R extends Room = Room> {
  url: string;
  auth?: "bearer" | "cookie" | { query: string };
  /** How a stream says from where it goes on. Default: the header. */
  lastId?: { header?: boolean; query?: readonly string[]; headers?: readonly string[] };
  /** The first one that has a `cause`, and is heard, is what streams are probed with. */
  causes: Record<string, EventCause<A, R>>;
  /** What the data of events is. Default: one line of JSON. */
  data?: "json" | "text";
  /** Makes an event come to everyone whose data holds this text, as it is or within JSON. */
  publish?: (account: A, text: string) => Promise<unknown>;
  /** An event that announces nothing. */
  ping?: string;
  /** The event that says that what was missed is not there any more. */
  gap?: string;
  /** Events that announce to somebody each message of its rooms: the message's text in the event's data. */
  ofMessages?: {
    name: string;
    textOf(data: Json): string | undefined;
    /** The path at which somebody reads those of before. */
    list?: string;
  };
}

export interface PresencePart<A extends Account = Account, R extends Room = Room> {
  /** Whether somebody is online, as another one sees it. */
  isOnline?: (asker: A, account: A) => Promise<boolean>;
  set?: (account: A, room: R, state: string, stomp: Sender) => unknown;
  stateOf?: (message: Json) => string | undefined;
  destinations?: (room: R) => readonly string[];
}

export interface SystemDefinition<A extends Account = Account, R extends Room = Room> {
  name: string;
  title?: string;
  http?: HttpPart<A>;
  /** A page that may talk to the server. */
  origin?: string;
  accounts?: AccountsPart<A>;
  rooms?: RoomsPart<A, R>;
  stomp?: StompPart<A, R>;
  websocket?: WebSocketPart<A, R>;
  /** Sending by REST, where there is a way; `{ id }` of what was posted, where the answer has one. */
  post?: (account: Member<A>, room: R, text: string) => Promise<unknown>;
  /** Oldest first, all pages; `until`: nothing before a message that it knows is asked for. */
  history?: (
    account: Member<A>,
    room: R,
    until?: (id: string) => boolean,
  ) => Promise<{ id?: string | number; text: string }[]>;
  /** Actions whose effect is broadcast, for systems without text. */
  actions?: Record<string, Action<A, R>>;
  events?: EventsPart<A, R>;
  presence?: PresencePart<A, R>;
  promises?: readonly Promised[];
}
