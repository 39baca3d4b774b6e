// Speaks to a target as its definition says. What the definition's functions return is checked here, once, so that no
// `Bearer undefined` goes out: a function that breaks, or gives nothing where a value is needed, is named, and is never
// the target's fault.

import { randomBytes } from "node:crypto";
import { HarnessError, madeNothing, TargetError, TimeoutError } from "../drivers/errors.ts";
import { Http, type Json } from "../drivers/http.ts";
import { urlBelow, webSocketUrl, type Network } from "../drivers/network.ts";
import { reach } from "../drivers/reach.ts";
import { RestClient, type HttpRules } from "../drivers/rest.ts";
import type { Transcript } from "../drivers/transcript.ts";
import { isForSome, type System } from "../systems/define.ts";
import { systemNamed } from "../systems/systems.ts";
import type { Action, Credential, Member, Room, Who } from "../systems/types.ts";
import { quoted } from "../drivers/quoted.ts";

/** Somebody as far as the definition is concerned. */
export interface Speaking extends Who {
  id: string;
  rest: RestClient;
  /** What sign-up and login gave beside the id: the definition's own. */
  own?: Record<string, unknown> | undefined;
  /** Its sign-up was refused clearly: nobody of that name is expected to be there. */
  isRefused?: true;
}

/** What a message says. */
export interface Heard {
  id: string | undefined;
  text: string | undefined;
  /** The body, parsed. */
  message: Json;
}

export interface Frame {
  destination: string;
  headers: Record<string, string>;
  body: string;
}

export interface StreamOptions {
  lastEventId?: string | undefined;
  /**
   * How the last id is sent: "header", "header" and the name of another one, or the name of a query; all ways of the
   * system unless said otherwise.
   */
  via?: string | undefined;
  /** Instead of the account's own token; false: none. */
  bearer?: string | false | undefined;
  /** Instead of the stream's own. */
  path?: string | undefined;
}

interface Stream {
  url: string;
  headers: Record<string, string>;
}

interface ClientOptions {
  baseUrl: string;
  network: Network;
  transcript: Transcript;
  label: string;
}

/** Of STOMP without WebSocket, unless the definition says another one. */
const stompPort = 61_613;

/** `at` is a path below the target's URL, or absolute. */
const atUrl = (baseUrl: string, at: string): string =>
  at.includes("://") ? at.replace(/^ws/, "http") : urlBelow(baseUrl, at);

const bodyOf = (message: unknown): string => (typeof message === "string" ? message : JSON.stringify(message));

/** No string of a header: a line end would begin another one. */
const tokenPattern = /^[\x21-\x7e]+$/;

export class Speaker {
  readonly system: System;
  readonly #rules: HttpRules;
  /** Whoever wrote the definition reads what goes wrong: then its functions are named in that. */
  readonly #namesFunctions: boolean;

  constructor(system: System) {
    this.system = system;
    this.#namesFunctions = systemNamed(system.name) !== system;
    const { csrf, prepare, headers } = system.http ?? {};
    this.#rules = {
      csrf,
      prepare: prepare && ((rest) => prepare(new Http(rest))),
      headers: ({ method, rest }) => {
        const account = rest.account as (Member & { headers?: Record<string, string> }) | undefined;
        const asked = headers?.({ method, jar: rest.jar, ...(account === undefined ? {} : { account }) });
        return { ...account?.headers, ...asked };
      },
    };
  }

  /** A user agent of this system, nobody's as yet. */
  client(options: ClientOptions): RestClient {
    return new RestClient({ ...options, rules: this.#rules, origin: this.system.origin });
  }

  /** A path that everybody may GET. */
  get alivePath(): string {
    return this.system.http?.alive ?? "/";
  }

  /** How everybody may ask for it; undefined: there is nothing to ask for, but somebody may be there. */
  get aliveBy(): "GET" | "HEAD" | undefined {
    const { aliveBy = "GET" } = this.system.http ?? {};
    return aliveBy === "connecting" ? undefined : aliveBy;
  }

  /** Asks it: the status that came, 200 where somebody is there and nothing can be asked. */
  async askAlive(client: RestClient, interrupt?: AbortSignal): Promise<number> {
    if (this.aliveBy !== undefined) return (await client.request(this.aliveBy, this.alivePath)).status;
    await reach(client.baseUrl, interrupt);
    return 200;
  }

  memberOf({ username, email, password, id, rest, own }: Speaking): Member & Record<string, unknown> {
    const { accessToken: bearer } = rest;
    return { ...own, username, email, password, id: id === "" ? undefined : id, bearer, http: new Http(rest) };
  }

  // --- accounts

  /** Signs somebody up, or lets a guest in; notes the id and whatever else the definition gave. */
  async signUp(account: Speaking): Promise<void> {
    const { signUp, guest } = this.system.accounts ?? {};
    const { username, email, password, rest } = account;
    const who = { username, email, password };
    const work = async (): Promise<unknown> => await (signUp ?? guest)?.(new Http(rest), who);
    let given: unknown;
    try {
      given = await this.#call("sign up", "accounts.signUp", work);
    } catch (error) {
      if (madeNothing(error)) account.isRefused = true;
      throw error;
    }
    if (given === null || typeof given !== "object" || "status" in given) return; // an answer, and no account
    this.#note(account, given as Record<string, unknown>);
  }

  /** Logs in; from then on the account's client is known to the target. Resolves with what must stay secret. */
  async logIn(account: Speaking): Promise<string | undefined> {
    const { logIn } = this.system.accounts ?? {};
    if (logIn === undefined) {
      account.rest.account = this.memberOf(account);
      return undefined;
    }
    const { username, email, password, rest } = account;
    const who = { username, email, password, id: account.id };
    const credential = await this.#call("log in", "accounts.logIn", async () => await logIn(new Http(rest), who));
    return this.accept(account, credential);
  }

  /** Takes a login's credential for the account's. Throws HarnessError where there is none. */
  accept(account: Speaking, credential: Credential): string | undefined {
    const { bearer, cookies, headers, ...own } = (credential as Credential | undefined) ?? {};
    if (bearer === undefined && cookies !== true && headers === undefined)
      throw this.#broke(
        "accounts.logIn",
        "it gives no credential: return { bearer }, { cookies: true } or { headers }",
      );
    if (bearer !== undefined && (typeof bearer !== "string" || !tokenPattern.test(bearer)))
      throw this.#broke("accounts.logIn", `the bearer token is ${JSON.stringify(bearer) ?? "undefined"}`);
    if (bearer !== undefined) account.rest.accessToken = bearer;
    for (const value of Object.values(this.#headers("accounts.logIn", () => headers))) account.rest.hide(value);
    this.#note(account, { ...own, ...(headers && { headers }) });
    account.rest.account = this.memberOf(account);
    return bearer;
  }

  #note(account: Speaking, { id, ...own }: Record<string, unknown>): void {
    if (account.id === "" && (typeof id === "string" || typeof id === "number")) account.id = String(id);
    account.own = { ...account.own, ...own };
  }

  /** Whether its login is still good. Throws TargetError where it is not. */
  async check(account: Speaking): Promise<void> {
    const { check } = this.system.accounts ?? {};
    await this.#call("list channels", "accounts.check", async () =>
      check?.(new Http(account.rest), this.memberOf(account)),
    );
  }

  /** A fresh credential for the login that it has; by logging in again where the definition cannot refresh. */
  async refresh(account: Speaking): Promise<string | undefined> {
    const { refresh } = this.system.accounts ?? {};
    if (refresh === undefined) return await this.logIn(account);
    const member = this.memberOf(account);
    const renewed = this.#call("refresh a login", "accounts.refresh", async () => await refresh(member.http, member));
    return this.accept(account, await renewed);
  }

  async logOut(account: Speaking): Promise<void> {
    const { logOut } = this.system.accounts ?? {};
    await this.#call("end a login", "accounts.logOut", async () =>
      logOut?.(new Http(account.rest), this.memberOf(account)),
    );
  }

  get removesAccounts(): boolean {
    return this.system.accounts?.remove !== undefined;
  }

  async removeAccount(account: Speaking): Promise<void> {
    const { remove } = this.system.accounts ?? {};
    await this.#call("delete a user", "accounts.remove", async () =>
      remove?.(new Http(account.rest), this.memberOf(account)),
    );
  }

  /** Makes somebody a manager of public rooms; false: the system knows none. */
  async appoint(admin: Speaking, account: Speaking): Promise<boolean> {
    const { appoint } = this.system.accounts ?? {};
    if (appoint === undefined) return false;
    await this.#call("change a role", "accounts.appoint", async () =>
      appoint(this.memberOf(admin), this.memberOf(account)),
    );
    return true;
  }

  // --- rooms

  async openRoom(owner: Speaking, members: readonly Speaking[]): Promise<Room> {
    const rooms = this.#part("rooms", this.system.rooms);
    const others = members.map((member) => this.memberOf(member));
    const room = await this.#call(
      "open a room",
      "rooms.open",
      async () => await rooms.open(this.memberOf(owner), others),
    );
    return this.#checkedRoom("rooms.open", room);
  }

  async openPublicRoom(manager: Speaking, name: string): Promise<Room> {
    const open = this.#part("rooms.openPublic", this.system.rooms?.openPublic);
    const room = await this.#call("open a public room", "rooms.openPublic", async () =>
      open(this.memberOf(manager), name),
    );
    return this.#checkedRoom("rooms.openPublic", room);
  }

  #checkedRoom(what: string, room: Room): Room {
    const id: unknown = (room as Room | undefined)?.id;
    if (typeof id !== "string" && typeof id !== "number")
      throw this.#broke(what, `it gives no room with an id, but ${JSON.stringify(room) ?? "undefined"}`);
    return room;
  }

  get removesRooms(): boolean {
    return this.system.rooms?.remove !== undefined;
  }

  async removeRoom(member: Speaking, room: Room): Promise<void> {
    const { remove } = this.system.rooms ?? {};
    await this.#call("delete a room", "rooms.remove", async () => remove?.(this.memberOf(member), room));
  }

  /** The rooms that somebody sees; none where the definition cannot list them. */
  async rooms(member: Speaking): Promise<(Room & { name?: string | null | undefined; isPublic?: boolean })[]> {
    const { list } = this.system.rooms ?? {};
    return (await this.#call("list rooms", "rooms.list", async () => list?.(this.memberOf(member)))) ?? [];
  }

  // --- messages

  /** Posts by REST; the id of what was posted, where the answer has one. */
  async post(account: Speaking, room: Room, text: string): Promise<{ id: string | undefined }> {
    const post = this.#part("post", this.system.post);
    const given = await this.#call("post a message", "post", async () => post(this.memberOf(account), room, text));
    const id = (given as { id?: unknown } | undefined)?.id;
    return { id: typeof id === "string" || typeof id === "number" ? String(id) : undefined };
  }

  /** Oldest first. */
  async history(
    account: Speaking,
    room: Room,
    until?: (id: string) => boolean,
  ): Promise<{ id: string | undefined; text: string }[]> {
    const history = this.#part("history", this.system.history);
    const stored = await this.#call("read the history", "history", async () =>
      history(this.memberOf(account), room, until),
    );
    if (!Array.isArray(stored)) throw this.#broke("history", `it gives no list, but ${typeof stored}`);
    for (const item of stored as unknown[])
      if ((item as { text?: unknown } | null)?.text === undefined)
        throw this.#broke("history", `an entry has no text: ${JSON.stringify(item)}`);
    return stored.map(({ id, text }) => ({ id: id === undefined ? undefined : String(id), text }));
  }

  // --- STOMP

  /** Where STOMP is, over http(s): SockJS's prefix, where there is one. */
  stompUrl(baseUrl: string): string {
    const { url, sockjs } = this.#part("stomp", this.system.stomp);
    return atUrl(baseUrl, sockjs ?? url);
  }

  /** Where a plain WebSocket speaks STOMP: SockJS has one below its prefix. */
  webSocketUrl(baseUrl: string): string {
    const { url, sockjs, transports } = this.#part("stomp", this.system.stomp);
    const isBelow = sockjs === undefined && transports?.includes("sockjs") === true;
    return webSocketUrl(atUrl(baseUrl, url)) + (isBelow ? "/websocket" : "");
  }

  /** Where plain TCP speaks STOMP. */
  tcpUrl(baseUrl: string): string {
    const { tcp = stompPort } = this.#part("stomp", this.system.stomp);
    return typeof tcp === "string" ? tcp : `tcp://${new URL(baseUrl).hostname}:${tcp}`;
  }

  /** Of the HTTP upgrade. */
  handshakeHeaders(account: Speaking): Record<string, string> {
    return this.#headers("stomp.handshake", () => this.system.stomp?.handshake?.(this.memberOf(account)));
  }

  /** Of CONNECT; `token` stands for the account's own, as a forger's does. */
  connectHeaders(account: Speaking, token: string | undefined = account.rest.accessToken): Record<string, string> {
    const member = { ...this.memberOf(account), bearer: token };
    return this.#headers("stomp.connect", () => this.system.stomp?.connect?.(member));
  }

  subscribeHeaders(account: Speaking, room: Room): Record<string, string> {
    const to = { account: this.memberOf(account), room };
    return this.#headers("stomp.subscribe", () => this.system.stomp?.subscribe?.(to));
  }

  destinationOf(room: Room): string {
    const { destinations } = this.#part("stomp", this.system.stomp);
    const [destination] =
      this.#read("stomp.destinations", () => destinations(room) as readonly unknown[] | undefined) ?? [];
    if (typeof destination !== "string" || /(^|[/.])(undefined|null)\b/.test(destination))
      throw this.#broke("stomp.destinations", `for the room ${room.id} it gives ${JSON.stringify(destination)}`);
    return destination;
  }

  /** A SEND of this text, as clients of the system send it. */
  sendOf(account: Speaking, room: Room, text: string): Frame {
    const send = this.#part("stomp.send", this.system.stomp?.send);
    const what = { account: this.memberOf(account), room, text };
    const frame = this.#read("stomp.send", () => send(what) as Partial<ReturnType<typeof send>> | undefined);
    const { destination, body, headers } = frame ?? {};
    if (typeof destination !== "string" || body === undefined)
      throw this.#broke("stomp.send", `it gives no { destination, body }, but ${JSON.stringify(frame) ?? "undefined"}`);
    return {
      destination,
      headers: this.#headers("stomp.send", () => headers),
      body: typeof body === "string" ? body : JSON.stringify(body),
    };
  }

  /** What a MESSAGE says; undefined: no JSON. */
  heardIn(body: string): Heard | undefined {
    let message: Json;
    try {
      message = JSON.parse(body);
    } catch {
      return this.system.stomp?.textOf === undefined ? { id: undefined, text: body, message: body } : undefined;
    }
    const { textOf, idOf } = this.system.stomp ?? {};
    const read = <T>(of: ((message: Json) => T) | undefined): T | undefined => {
      try {
        return of?.(message);
      } catch {
        return undefined; // another kind of message: a definition need not foresee them all
      }
    };
    const [text, id] = [read(textOf), read(idOf)];
    return { id: id === undefined || id === null ? undefined : String(id), text, message };
  }

  // --- rooms over bare WebSocket

  /** Where an account sits in a room. */
  rawUrl(baseUrl: string, account: Speaking, room: Room): string {
    const { url } = this.#part("websocket", this.system.websocket);
    const path = this.#read("websocket.url", () => url({ account: this.memberOf(account), room }) as unknown);
    if (typeof path !== "string" || /(^|[/=.])(undefined|null)\b/.test(path))
      throw this.#broke("websocket.url", `for the room ${room.id} it gives ${JSON.stringify(path)}`);
    return path.includes("://") ? path : webSocketUrl(urlBelow(baseUrl, path));
  }

  /** What a client sends first to be in a room; undefined: nothing. */
  rawJoin(account: Speaking, room: Room): string | undefined {
    const { join } = this.#part("websocket", this.system.websocket);
    return join && bodyOf(this.#read("websocket.join", () => join(room, this.memberOf(account))));
  }

  /** What a client sends to say this. */
  rawSay(account: Speaking, room: Room, text: string): string {
    const { send } = this.#part("websocket", this.system.websocket);
    const message = this.#read("websocket.send", () => send({ account: this.memberOf(account), room, text }));
    if (message === undefined) throw this.#broke("websocket.send", "it gives nothing to send");
    return bodyOf(message);
  }

  /** What was said; undefined: no JSON, or another kind of message, which a definition need not foresee. */
  rawTextIn(message: string): string | undefined {
    const { textOf } = this.#part("websocket", this.system.websocket);
    try {
      return textOf(JSON.parse(message));
    } catch {
      return undefined;
    }
  }

  // --- events

  /** The kinds of events that streams can be probed with, the usual one first. */
  get probes(): readonly [string, ...string[]] {
    const causes = Object.entries(this.#part("events", this.system.events).causes);
    const [first, ...others] = causes.flatMap(([kind, { cause, receivers }]) =>
      cause === undefined || receivers === "self" ? [] : [kind],
    );
    if (first === undefined) throw this.#broke("events.causes", "of none that has a cause do others hear");
    return [first, ...others];
  }

  /** The first kind of events that some hear and others do not. */
  get probeForSome(): string {
    const causes = Object.entries(this.#part("events", this.system.events).causes);
    const kind = causes.find(([, cause]) => isForSome(cause))?.[0];
    if (kind === undefined) throw this.#broke("events.causes", "of none that has a cause do some hear alone");
    return kind;
  }

  /** Where an account's event stream is, below a base URL, and the headers of its request. */
  streamOf(account: Speaking, { lastEventId: id, via, bearer, path }: StreamOptions = {}): Stream {
    const { url, auth = "bearer", lastId } = this.#part("events", this.system.events);
    const query = new URLSearchParams();
    // A credential that is a header goes where a page's own reader of streams would send it.
    const own = bearer === undefined ? (account.own?.["headers"] as Record<string, string> | undefined) : undefined;
    const headers: Record<string, string> = { ...own };
    const token = bearer ?? account.rest.accessToken;
    if (typeof token === "string" && typeof auth === "object") query.set(auth.query, token);
    else if (typeof token === "string") headers["authorization"] = `Bearer ${token}`;
    const cookie = bearer === false && auth === "cookie" ? "" : account.rest.jar.header();
    if (cookie !== "") headers["cookie"] = cookie;
    if (id !== undefined && lastId?.header !== false && (via ?? "header") === "header") headers["Last-Event-ID"] = id;
    for (const name of id === undefined ? [] : (lastId?.query ?? [])) if ((via ?? name) === name) query.set(name, id!);
    // What no browser sends, and some servers read.
    for (const name of id === undefined ? [] : (lastId?.headers ?? []))
      if ((via ?? `header ${name}`) === `header ${name}`) headers[name] = id!;
    const at = path ?? url;
    return { url: query.size === 0 ? at : `${at}${at.includes("?") ? "&" : "?"}${query}`, headers };
  }

  /** The text of the message that an event of `events.ofMessages` announces. */
  textOfEvent(data: string | undefined): string | undefined {
    try {
      return this.system.events?.ofMessages?.textOf(JSON.parse(data ?? ""));
    } catch {
      return undefined;
    }
  }

  /**
   * Makes an event of one of the kinds that streams can be probed with. `openRoom` is given who else is in the room;
   * `another`: somebody who need not hear of it.
   */
  async causeEvent<S extends Speaking>(
    kind: string,
    owner: S,
    others: readonly S[],
    { openRoom, another }: { openRoom: (others: readonly S[]) => Promise<Room>; another: () => Promise<S> },
  ): Promise<string> {
    const cause = this.#part(`events.causes.${kind}.cause`, this.system.events?.causes[kind]?.cause);
    const speaking = new Map<Member, S>();
    const member = (one: S): Member => {
      const made = this.memberOf(one);
      speaking.set(made, one);
      return made;
    };
    const cast = {
      owner: member(owner),
      members: others.map(member),
      openRoom: (_: Member, members: readonly Member[]) => openRoom(members.flatMap((one) => speaking.get(one) ?? [])),
      another: async () => member(await another()),
    };
    const given: { key?: unknown } | undefined = await this.#call(
      "cause an event",
      `events.causes.${kind}.cause`,
      async () => await cause(cast),
    );
    const key = given?.key;
    if (typeof key !== "string" && typeof key !== "number")
      throw this.#broke(
        `events.causes.${kind}.cause`,
        `it gives no { key }, but ${JSON.stringify(given) ?? "undefined"}`,
      );
    return String(key);
  }

  /** Makes an event come to everyone whose data holds this text. */
  async publishText(account: Speaking, text: string): Promise<void> {
    const publish = this.#part("events.publish", this.system.events?.publish);
    await this.#call("cause an event", "events.publish", async () => publish(this.memberOf(account), text));
  }

  // --- actions

  /** The first action that may be repeated. */
  get repeatableAction(): string {
    const [first] = Object.entries(this.system.actions ?? {}).find(([, { repeatable }]) => repeatable) ?? [];
    if (first === undefined) throw this.#broke("actions", "none of them is repeatable");
    return first;
  }

  /** Does it; `send`: of a SEND on a connection of the account. */
  async act(
    action: string,
    account: Speaking,
    room: Room,
    send: (destination: string, body: string, headers: Record<string, string>) => void,
  ): Promise<void> {
    const { act } = this.#action(action);
    const sender = (destination: string, body: unknown, headers: Record<string, string> = {}): void =>
      send(destination, typeof body === "string" ? body : JSON.stringify(body), headers);
    await this.#call("act in a room", `actions.${action}.act`, async () =>
      act(this.memberOf(account), room, { send: sender }),
    );
  }

  /** Where the effects of an action are heard. */
  effectDestination(action: string, room: Room): string {
    const { destinations } = this.#action(action);
    if (destinations === undefined) return this.destinationOf(room);
    const [destination] = this.#read(`actions.${action}.destinations`, () => destinations(room));
    return this.#part(`actions.${action}.destinations`, destination);
  }

  isEffect(action: string, body: string): boolean {
    const { isEffect } = this.#action(action);
    try {
      return isEffect(messageIn(body));
    } catch {
      return false; // another kind of message: a definition need not foresee them all
    }
  }

  /** By what an effect is told apart from all others of its room; undefined: the definition does not say. */
  identityOf(action: string, body: string): string | undefined {
    const { identityOf } = this.#action(action);
    if (identityOf === undefined) return undefined;
    const part = `actions.${action}.identityOf`;
    const identity: unknown = this.#read(part, () => identityOf(messageIn(body)));
    if (typeof identity === "string" || typeof identity === "number") return String(identity);
    throw new HarnessError(`${part} gives ${String(identity)} for the effect ${quoted(body, 120)}`);
  }

  #action(name: string): Action {
    return this.#part(`actions.${name}`, this.system.actions?.[name]);
  }

  /** Whether somebody is online, as another one sees it; undefined: the system does not say. */
  async isOnline(asker: Speaking, account: Speaking): Promise<boolean | undefined> {
    const { isOnline } = this.system.presence ?? {};
    return await this.#call("see who is online", "presence.isOnline", async () =>
      isOnline?.(this.memberOf(asker), this.memberOf(account)),
    );
  }

  // --- checks

  #part<T>(what: string, part: T | undefined): T {
    if (part === undefined) throw this.#broke(what, "the definition does not have it");
    return part;
  }

  #headers(what: string, give: () => Record<string, string> | undefined): Record<string, string> {
    const headers = this.#read(what, give);
    for (const [name, value] of Object.entries(headers ?? {}))
      if (typeof value !== "string" || /(^| )(undefined|null)$/.test(value) || /[\r\n\0]/.test(value))
        throw this.#broke(what, `the header ${name} would be ${JSON.stringify(value) ?? "undefined"}`);
    return headers ?? {};
  }

  #broke(what: string, because: string, cause?: unknown): HarnessError {
    return new HarnessError(`Cannot use ${what} of the system "${this.system.name}": ${because}`, { cause });
  }

  /** What a function gives at once. */
  #read<T>(what: string, give: () => T): T {
    try {
      return give();
    } catch (error) {
      throw this.#broke(what, `it threw ${String(error)}`, error);
    }
  }

  /** `action`: what it does, for people; `what`: the function's name in the definition. */
  async #call<T>(action: string, what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof TargetError && !error.message.startsWith("Cannot "))
        error.message = `Cannot ${action}${this.#namesFunctions ? ` (${what})` : ""}: ${error.message}`;
      if (error instanceof HarnessError && !error.message.startsWith("Cannot "))
        throw this.#broke(what, error.message, error);
      if (error instanceof TargetError || error instanceof TimeoutError || error instanceof HarnessError) throw error;
      throw this.#broke(what, `it threw ${String(error)}`, error);
    }
  }
}

/** The value of its JSON; where it is none, the text itself. */
function messageIn(body: string): Json {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/** A password that most servers' rules allow. */
export const newPassword = (): string => `${randomBytes(9).toString("base64url")}a1!`;
