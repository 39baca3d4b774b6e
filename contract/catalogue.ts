// All clauses, in the order in which they are listed. Terms: requirement set – the clauses of one system revision;
// frozen once released.

import { actions } from "./shared/actions.ts";
import { accounts } from "./discodeit/accounts.ts";
import { channels } from "./discodeit/channels.ts";
import type { Clause, Feature, Level } from "./clause.ts";
import { connect } from "./shared/connect.ts";
import { csrf } from "./discodeit/csrf.ts";
import { fanout } from "./shared/fanout.ts";
import { files } from "./discodeit/files.ts";
import { frames } from "./shared/frames.ts";
import { login } from "./discodeit/login.ts";
import { messages } from "./discodeit/messages.ts";
import { notifications } from "./discodeit/notifications.ts";
import { presence } from "./discodeit/presence.ts";
import { proxy } from "./shared/proxy.ts";
import { raw } from "./shared/raw.ts";
import { reads } from "./discodeit/reads.ts";
import { replay } from "./shared/replay.ts";
import { rest } from "./discodeit/rest.ts";
import { rooms } from "./shared/rooms.ts";
import { send } from "./shared/send.ts";
import { sockjs } from "./shared/sockjs.ts";
import { sse } from "./shared/sse.ts";
import { subscribe } from "./shared/subscribe.ts";
import { tabs } from "./shared/tabs.ts";
import { transports } from "./shared/transports.ts";
import { servedSystems } from "../systems/served/wire.ts";
import { systemNames, type SystemName } from "../systems/discodeit/wire.ts";
import { entrance } from "./study-room/entrance.ts";
import { handshake } from "./study-room/handshake.ts";
import { aliases } from "./gateway-chat/aliases.ts";
import { doors } from "./gateway-chat/doors.ts";
import { guard } from "./gateway-chat/guard.ts";
import { levels as levelsOfDiscodeit } from "./discodeit/levels.ts";
import { levels as levelsOfGatewayChat, levelsOfSecureMode } from "./gateway-chat/levels.ts";
import { owners as ownersOfGatewayChat } from "./gateway-chat/owners.ts";
import { circles } from "./redis-chat/circles.ts";
import { entry } from "./redis-chat/entry.ts";
import { levels as levelsOfRedisChat } from "./redis-chat/levels.ts";
import { marks } from "./redis-chat/marks.ts";
import { owners as ownersOfRedisChat } from "./redis-chat/owners.ts";
import { relay } from "./redis-chat/relay.ts";
import { topics } from "./redis-chat/topics.ts";
import { levels as levelsOfSse } from "./sse/levels.ts";
import { lines } from "./sse/lines.ts";
import { owners as ownersOfSse } from "./sse/owners.ts";
import { stream } from "./sse/stream.ts";
import { levels as levelsOfStudyRoom } from "./study-room/levels.ts";
import { owners as ownersOfStudyRoom } from "./study-room/owners.ts";
import { membership } from "./study-room/membership.ts";
import { news } from "./study-room/news.ts";
import { status } from "./study-room/status.ts";
import { acks } from "./stomp/acks.ts";
import { levels as levelsOfStomp } from "./stomp/levels.ts";
import { payload } from "./stomp/payload.ts";
import { queues } from "./stomp/queues.ts";
import { strict } from "./stomp/strict.ts";
import { tcp } from "./stomp/tcp.ts";
import { transactions } from "./stomp/transactions.ts";
import { versions } from "./stomp/versions.ts";
import { websocket } from "./shared/websocket.ts";
import { witness } from "./shared/witness.ts";

/** What every system with the features of the area promises. */
const shared = {
  connect,
  subscribe,
  send,
  frames,
  sockjs,
  transports,
  sse,
  replay,
  tabs,
  raw,
  actions,
  rooms,
  websocket,
  fanout,
  proxy,
  witness,
} as const;
const discodeit = { accounts, login, csrf, rest, channels, messages, reads, files, notifications, presence } as const;
const studyRoom = { handshake, entrance, status, membership, news } as const;
const redisChat = { entry, circles, topics, marks, relay } as const;
/** What every broker owes, by whatever definition. */
const stomp = { versions, payload, acks, transactions, queues, tcp, strict } as const;
const gatewayChat = { aliases, doors, guard } as const;
const eventStream = { stream, lines } as const;

/** Where a system's description says something else of a shared clause, or of all of an area, than others do. */
const ownLevels: Readonly<Record<string, Readonly<Record<string, Level>>>> = {
  "discodeit-1": levelsOfDiscodeit,
  "discodeit-2": levelsOfDiscodeit,
  "study-room": levelsOfStudyRoom,
  "redis-chat": levelsOfRedisChat,
  "gateway-chat": levelsOfGatewayChat,
  "gateway-chat-secure": levelsOfSecureMode,
  stomp: levelsOfStomp,
  sse: levelsOfSse,
};

const featuresOfAreas: Readonly<Record<keyof typeof shared | keyof typeof stomp, readonly Feature[]>> = {
  connect: ["stomp"],
  subscribe: ["stomp", "text"],
  send: ["stomp", "send"],
  frames: ["stomp", "send"],
  sockjs: ["stomp", "sockjs"],
  transports: ["stomp", "sockjs"],
  sse: ["streams"],
  replay: ["events", "replay"],
  tabs: [],
  raw: ["raw-websocket"],
  actions: ["stomp", "actions"],
  rooms: [],
  websocket: ["websocket"],
  fanout: ["one-system"],
  proxy: [],
  witness: [],
  versions: ["stomp", "broker"],
  payload: ["stomp", "broker"],
  acks: ["stomp", "broker", "acks"],
  transactions: ["stomp", "broker", "transactions"],
  queues: ["stomp", "broker", "queues"],
  tcp: ["stomp", "broker", "tcp"],
  strict: ["stomp", "broker"],
};

export const areas = {
  ...discodeit,
  ...studyRoom,
  ...redisChat,
  ...gatewayChat,
  ...stomp,
  ...eventStream,
  ...shared,
} as const;
export type AreaName = keyof typeof areas;

type Merged<Areas> = { [Id in { [Name in keyof Areas]: keyof Areas[Name] }[keyof Areas]]: Clause };
export type ClauseId = Extract<keyof Merged<typeof areas>, string>;

/** Every clause by its id. */
export const catalogue: Readonly<Record<ClauseId, Clause>> = Object.assign({}, ...Object.values(areas)) as Record<
  ClauseId,
  Clause
>;

/** Of a system: the clauses that are about a step, where they are others than elsewhere. */
export const stepOwners: Readonly<Record<string, Readonly<Record<string, ClauseId>>>> = {
  "study-room": ownersOfStudyRoom,
  "redis-chat": ownersOfRedisChat,
  "gateway-chat": ownersOfGatewayChat,
  sse: ownersOfSse,
};

const isServed = (system: string): boolean => (servedSystems as readonly string[]).includes(system);

/** What a clause is worth in a system; a system of somebody's own has no description but its definition. */
export function levelOf(id: ClauseId, system: string): Level {
  const own = ownLevels[system];
  const { level, promised } = catalogue[id];
  if (promised === true && !isServed(system)) return "MUST";
  const ofClause = typeof level === "string" ? level : (level[system as SystemName] ?? "house");
  return own?.[id] ?? own?.[areaOf(id)] ?? ofClause;
}

const areaOf = (id: ClauseId): string => id.slice(0, id.indexOf("."));
const isShared = (area: string): area is keyof typeof featuresOfAreas => Object.hasOwn(featuresOfAreas, area);
/** Whose area it is: the folder of its clauses and proofs. */
const families = {
  shared,
  discodeit,
  "study-room": studyRoom,
  "redis-chat": redisChat,
  "gateway-chat": gatewayChat,
  stomp,
  sse: eventStream,
} as const;
const familyOf = (area: string): keyof typeof families =>
  (Object.keys(families) as (keyof typeof families)[]).find((name) => Object.hasOwn(families[name], area))!;
const membersOf = {
  shared: undefined,
  discodeit: systemNames,
  "study-room": ["study-room"],
  "redis-chat": ["redis-chat"],
  "gateway-chat": ["gateway-chat", "gateway-chat-secure"],
  stomp: undefined,
  sse: ["sse"],
} as const;

/** The systems that owe a clause; undefined: every system that has its features. */
const systemsOf = (id: ClauseId): readonly string[] | undefined => catalogue[id].of ?? membersOf[familyOf(areaOf(id))];

/** What a system must have by its definition, so that a clause says something about it. */
export function featuresOf(id: ClauseId): Feature[] {
  const area = areaOf(id);
  return [...new Set([...(isShared(area) ? featuresOfAreas[area] : []), ...(catalogue[id].features ?? [])])];
}

/** Whether a clause is one of a system's; one that it lacks a feature for, too. */
export const owes = (system: string, id: ClauseId): boolean => systemsOf(id)?.includes(system) ?? true;

/** The ids of one system's clauses, in order. */
export const clausesOf = (system: string): ClauseId[] =>
  (Object.keys(catalogue) as ClauseId[]).filter((id) => owes(system, id));

export const isClauseId = (text: string): text is ClauseId => Object.hasOwn(catalogue, text);

/** The path of the file with a clause's proof, below the package. */
export const proofFileOf = (id: ClauseId): string => `tests/contract/${familyOf(areaOf(id))}/${areaOf(id)}.ts`;
