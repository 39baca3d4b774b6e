// Which fields a definition may have, part by part. Types say it to whoever has them checked; whoever runs a
// rollcall.config.ts as it is would otherwise never hear of a misspelt one: its part is merely not there.

import type { CsrfRule } from "../drivers/rest.ts";
import { nearest } from "./nearest.ts";
import { promises } from "./promises.ts";
import type {
  AccountsPart,
  Action,
  EventCause,
  EventsPart,
  HttpPart,
  PresencePart,
  RoomsPart,
  StompPart,
  SystemDefinition,
  WebSocketPart,
} from "./types.ts";

/** Each field of T, and no other: a new one that is not listed does not compile. */
type Fields<T> = Record<keyof Required<T>, true>;

const definition: Fields<SystemDefinition> & { features: true } = {
  name: true,
  title: true,
  http: true,
  origin: true,
  accounts: true,
  rooms: true,
  stomp: true,
  websocket: true,
  post: true,
  history: true,
  actions: true,
  events: true,
  presence: true,
  promises: true,
  features: true, // of a definition that was checked before
};

const http: Fields<HttpPart> = {
  csrf: true,
  prepare: true,
  headers: true,
  alive: true,
  aliveBy: true,
  guarded: true,
  base: true,
};

const csrf: Fields<CsrfRule> = { path: true, cookie: true, header: true };

const accounts: Fields<AccountsPart> = {
  signUp: true,
  guest: true,
  listed: true,
  logIn: true,
  refresh: true,
  logOut: true,
  remove: true,
  check: true,
  admin: true,
  appoint: true,
  nameLengthMax: true,
};

const rooms: Fields<RoomsPart> = {
  open: true,
  join: true,
  leave: true,
  remove: true,
  openPublic: true,
  list: true,
  capacity: true,
  access: true,
};

const stomp: Fields<StompPart> = {
  url: true,
  transports: true,
  sockjs: true,
  tcp: true,
  handshake: true,
  connect: true,
  subscribe: true,
  destinations: true,
  send: true,
  queue: true,
  textOf: true,
  idOf: true,
  isFrom: true,
  textLengthMax: true,
  echo: true,
  errors: true,
  mistakes: true,
};

const websocket: Fields<WebSocketPart> = { url: true, join: true, send: true, textOf: true, echo: true };

const events: Fields<EventsPart> = {
  url: true,
  auth: true,
  lastId: true,
  causes: true,
  data: true,
  publish: true,
  ping: true,
  gap: true,
  ofMessages: true,
};

const lastId: Fields<NonNullable<EventsPart["lastId"]>> = { header: true, query: true, headers: true };
const cause: Fields<EventCause> = { cause: true, receivers: true, name: true, keyOf: true };
const action: Fields<Action> = { act: true, isEffect: true, destinations: true, identityOf: true, repeatable: true };
const presence: Fields<PresencePart> = { isOnline: true, set: true, stateOf: true, destinations: true };

interface Part {
  /** "stomp", as a definition names it; "" is all of it. */
  name: string;
  value: unknown;
  fields: object;
}

function partsOf(given: SystemDefinition): Part[] {
  const each = (name: string, values: object | undefined, fields: object): Part[] =>
    Object.entries(values ?? {}).map(([key, value]) => ({ name: `${name}.${key}`, value, fields }));
  return [
    { name: "", value: given, fields: definition },
    { name: "http", value: given.http, fields: http },
    { name: "http.csrf", value: given.http?.csrf, fields: csrf },
    { name: "accounts", value: given.accounts, fields: accounts },
    { name: "rooms", value: given.rooms, fields: rooms },
    { name: "stomp", value: given.stomp, fields: stomp },
    { name: "websocket", value: given.websocket, fields: websocket },
    { name: "events", value: given.events, fields: events },
    { name: "events.lastId", value: given.events?.lastId, fields: lastId },
    ...each("events.causes", given.events?.causes, cause),
    ...each("actions", given.actions, action),
    { name: "presence", value: given.presence, fields: presence },
  ];
}

export interface Misspelt {
  /** What stands in the definition. */
  word: string;
  /** In words: where it stands, and what may be meant. */
  because: string;
}

const meant = (word: string, known: readonly string[]): string => {
  const [one] = nearest(word, known);
  return one === undefined ? `known are ${known.join(", ")}` : `did you mean ${one}?`;
};

/** The first field, or promise, that no definition has; what is misspelt hides what is missing. */
export function misspeltIn(given: SystemDefinition): Misspelt | undefined {
  for (const { name, value, fields } of partsOf(given)) {
    if (typeof value !== "object" || value === null) continue;
    const word = Object.keys(value).find((key) => !Object.hasOwn(fields, key));
    if (word === undefined) continue;
    const known = Object.keys(fields).filter((field) => field !== "features");
    const where = name === "" ? "there is no field" : `${name} has no field`;
    return { word, because: `${where} ${JSON.stringify(word)}; ${meant(word, known)}` };
  }
  const word = given.promises?.find((promised) => !Object.hasOwn(promises, promised));
  if (word === undefined) return undefined;
  return { word, because: `nobody can promise ${JSON.stringify(word)}; ${meant(word, Object.keys(promises))}` };
}
