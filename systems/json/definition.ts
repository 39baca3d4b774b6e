// A definition in JSON as one with functions.

import { HarnessError } from "../../drivers/errors.ts";
import type { Http, HttpAnswer, HttpOptions } from "../../drivers/http.ts";
import type { Account, Action, Credential, EventCause, Json, Room, Sender, SystemDefinition, Who } from "../types.ts";
import type { JsonSystem } from "./shape.ts";
import { at, filled, filledPath, textAt, type Values } from "./template.ts";

type Part<Name extends keyof JsonSystem> = NonNullable<JsonSystem[Name]>;
type Request = NonNullable<Part<"accounts">["check"]>;

export function definitionOf(form: JsonSystem): SystemDefinition {
  const { accounts, rooms, stomp, websocket, post, history, actions, events, http, ...plain } = form;
  return without({
    ...plain,
    http: http && without({ ...http, headers: http.headers && (() => http.headers!) }),
    accounts: accounts && accountsOf(accounts),
    rooms: rooms && roomsOf(rooms),
    stomp: stomp && stompOf(stomp),
    websocket: websocket && webSocketOf(websocket),
    post:
      post &&
      (async (account: Account, room: Room, text: string) => {
        const answer = await ask(account.http, post, { ...valuesOf(account, room), text });
        return post.id === undefined ? undefined : { id: textAt(answer.json(), post.id) };
      }),
    history: history && historyOf(history),
    actions: actions && mapped(actions, actionOf),
    events: events && { ...events, causes: mapped(events.causes, causeOf) },
  }) as unknown as SystemDefinition;
}

/** Absent is absent: no field that is undefined. */
const without = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;

const mapped = <T, Other>(values: Record<string, T>, to: (value: T) => Other): Record<string, Other> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, to(value)]));

/** The names that a template may use. */
const valuesOf = ({ username, email, password, id, bearer }: Account, room?: Room): Values => ({
  username,
  email,
  password,
  id,
  bearer,
  room: room?.id,
});

async function ask(http: Http, form: Request, values: Values): Promise<HttpAnswer> {
  const { json, form: fields, headers } = form;
  const options: HttpOptions = {
    ...(json === undefined ? {} : { json: filled(json, values) }),
    ...(fields === undefined ? {} : { form: filled(fields, values) }),
    ...(headers === undefined ? {} : { headers: filled(headers, values) }),
  };
  for (const method of ["get", "post", "put", "patch", "delete"] as const) {
    const path = form[method];
    if (path !== undefined) return await http[method](filledPath(path, values), options);
  }
  throw new HarnessError("a request without a method"); // the shape asks for one
}

/** These fields of an answer. Throws HarnessError where one is not there. */
function taken(answer: HttpAnswer, pointers: Record<string, string>): Record<string, string | number> {
  const body: unknown = answer.json();
  return mapped(pointers, (pointer) => wanted(body, pointer));
}

function wanted(body: unknown, pointer: string): string | number {
  const value = textAt(body, pointer);
  if (value !== undefined) return value;
  const names = typeof body === "object" && body !== null ? Object.keys(body).join(", ") : typeof body;
  throw new HarnessError(`the answer has no text or number at ${JSON.stringify(pointer)}; it has ${names}`);
}

function accountsOf(form: Part<"accounts">): SystemDefinition["accounts"] {
  const { signUp, guest, listed, logIn, check, logOut, remove, nameLengthMax } = form;
  const asAccount = (request: Request | undefined) =>
    request && ((http: Http, account: Account) => ask(http, request, valuesOf(account)));
  const entering = (request: typeof signUp) =>
    request &&
    (async (http: Http, who: Who) => {
      const answer = await ask(http, request, { ...who });
      return request.take === undefined ? {} : taken(answer, request.take);
    });
  return without({
    signUp: entering(signUp),
    guest: guest === "by-name" ? (_: Http, who: Who) => Promise.resolve({ id: who.username }) : entering(guest),
    listed: listed && (() => listed.map((who) => ({ ...who, email: who.email ?? `${who.username}@example.org` }))),
    logIn: logIn && ((http: Http, who: Who) => credentialOf(http, logIn, { ...who })),
    check: asAccount(check),
    logOut: asAccount(logOut),
    remove: asAccount(remove),
    nameLengthMax,
  }) as SystemDefinition["accounts"];
}

async function credentialOf(
  http: Http,
  form: NonNullable<Part<"accounts">["logIn"]>,
  who: Values,
): Promise<Credential> {
  const answer = await ask(http, form, who);
  const { bearer, cookies, credentialHeaders, id } = form;
  const names = without({ bearer, id });
  const given = Object.keys(names).length === 0 ? {} : taken(answer, names as Record<string, string>);
  const headers = credentialHeaders && mapped(taken(answer, credentialHeaders), String);
  return without({
    ...given,
    ...(given["bearer"] === undefined ? {} : { bearer: String(given["bearer"]) }),
    cookies,
    headers,
  }) as Credential;
}

function roomsOf({ access, open, join, remove }: Part<"rooms">): SystemDefinition["rooms"] {
  const entering = join && ((member: Account, room: Room) => ask(member.http, join, valuesOf(member, room)));
  return without({
    access,
    open: async (owner: Account, members: Account[]): Promise<Room> => {
      const room = open === "by-name" ? { id: newRoomName() } : await openRoom(open, owner, members);
      for (const member of entering === undefined ? [] : members) await entering!(member, room);
      return room;
    },
    remove: remove && ((member: Account, room: Room) => ask(member.http, remove, valuesOf(member, room))),
  }) as SystemDefinition["rooms"];
}

/** As short as names of accounts, and of the same characters. */
const newRoomName = (): string => `r${Date.now().toString(36)}${Math.floor(Math.random() * 36 ** 4).toString(36)}`;

async function openRoom(
  open: Exclude<Part<"rooms">["open"], string>,
  owner: Account,
  members: Account[],
): Promise<Room> {
  const names = members.map(({ username }) => username);
  const values = { ...valuesOf(owner), members: names, memberIds: members.map(({ id }) => id) };
  return { id: wanted((await ask(owner.http, open, values)).json(), open.id) };
}

/** Whether a message is of the kind that has these values. */
const isOf = (message: Json, kind: Record<string, string> = {}): boolean =>
  Object.entries(kind).every(([pointer, value]) => String(at(message, pointer)) === value);

/** What a message says; undefined: another kind of message. */
const textIn = (
  message: Json,
  { textOf, only }: { textOf?: string; only?: Record<string, string> },
): string | undefined => {
  if (!isOf(message, only)) return undefined;
  const text = at(message, textOf!);
  return typeof text === "string" ? text : undefined;
};

function stompOf(form: Part<"stomp">): SystemDefinition["stomp"] {
  const { handshake, connect, subscribe, destinations, send, textOf, only: _, idOf, isFrom, ...plain } = form;
  return without({
    ...plain,
    handshake: handshake && ((account: Account) => filled(handshake, valuesOf(account))),
    connect: connect && ((account: Account) => filled(connect, valuesOf(account))),
    subscribe:
      subscribe &&
      (({ account, room }: { account: Account; room: Room }) => filled(subscribe, valuesOf(account, room))),
    destinations: (room: Room) => destinations.map((one) => filled(one, { room: room.id })) as [string, ...string[]],
    send:
      send &&
      (({ account, room, text }: { account: Account; room: Room; text: string }) =>
        without(filled(send, { ...valuesOf(account, room), text }))),
    textOf: textOf === undefined ? undefined : (message: Json) => textIn(message, form as { textOf: string }),
    idOf: idOf === undefined ? undefined : (message: Json) => textAt(message, idOf),
    isFrom:
      isFrom &&
      ((message: Json, { account, room }: { account: Account; room: Room }) =>
        isOf(message, filled(isFrom, valuesOf(account, room)))),
  }) as SystemDefinition["stomp"];
}

function actionOf({ act, isEffect, only, destinations, identityOf, repeatable }: Part<"actions">[string]): Action {
  return without({
    act: async (account: Account, room: Room, stomp: Sender) => {
      const values = valuesOf(account, room);
      for (const { destination, body = {}, headers, ...asked } of act) {
        if (destination === undefined) await ask(account.http, { ...asked, headers }, values);
        else stomp.send(filled(destination, values), filled(body, values), headers && filled(headers, values));
      }
    },
    isEffect: (message: Json) => isOf(message, only) && (at(message, isEffect) ?? null) !== null,
    destinations: destinations && ((room: Room) => destinations.map((one) => filled(one, { room: room.id }))),
    identityOf: identityOf === undefined ? undefined : (message: Json) => textAt(message, identityOf)!,
    repeatable,
  } as Action);
}

function webSocketOf(form: Part<"websocket">): SystemDefinition["websocket"] {
  const { url, join, send, echo } = form;
  return without({
    url: ({ account, room }: { account: Account; room: Room }) => filledPath(url, valuesOf(account, room)),
    join: join === undefined ? undefined : (room: Room, account: Account) => filled(join, valuesOf(account, room)),
    send: ({ account, room, text }: { account: Account; room: Room; text: string }) =>
      filled(send, { ...valuesOf(account, room), text }),
    textOf: (message: Json) => textIn(message, form as { textOf: string }),
    echo,
  }) as SystemDefinition["websocket"];
}

function historyOf(form: Part<"history">): SystemDefinition["history"] {
  const { list = "", textOf, idOf, order } = form;
  return async (account, room) => {
    const items = at((await ask(account.http, form, valuesOf(account, room))).json(), list);
    if (!Array.isArray(items)) throw new HarnessError(`the answer has no list at ${JSON.stringify(list)}`);
    const entries = items.map((item: unknown) => ({
      ...(idOf === undefined ? {} : { id: textAt(item, idOf)! }),
      text: at(item, textOf) as string,
    }));
    return order === "newest-first" ? entries.toReversed() : entries;
  };
}

function causeOf({ cause, receivers, name, keyOf }: Part<"events">["causes"][string]): EventCause {
  return without({
    receivers,
    name,
    cause: async ({ owner, members, openRoom: open }) => {
      if (cause === "open-room") return { key: (await open(owner, members)).id };
      const [member] = members;
      const values = { ...valuesOf(owner), member: member?.username, memberId: member?.id };
      return { key: wanted((await ask(owner.http, cause, values)).json(), cause.key) };
    },
    keyOf: keyOf === undefined ? undefined : ({ data }) => textAt(JSON.parse(data), keyOf),
  } as EventCause);
}
