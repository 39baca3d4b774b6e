// All clauses, in the order in which they are told. Terms: requirement set – the clauses of one system revision; frozen
// once released.

import { accounts } from "./accounts.ts";
import { channels } from "./channels.ts";
import type { Clause } from "./clause.ts";
import { connect } from "./connect.ts";
import { csrf } from "./csrf.ts";
import { fanout } from "./fanout.ts";
import { files } from "./files.ts";
import { frames } from "./frames.ts";
import { login } from "./login.ts";
import { messages } from "./messages.ts";
import { notifications } from "./notifications.ts";
import { presence } from "./presence.ts";
import { proxy } from "./proxy.ts";
import { reads } from "./reads.ts";
import { replay } from "./replay.ts";
import { rest } from "./rest.ts";
import { send } from "./send.ts";
import { sockjs } from "./sockjs.ts";
import { sse } from "./sse.ts";
import { subscribe } from "./subscribe.ts";
import { tabs } from "./tabs.ts";
import type { SystemName } from "./wire.ts";
import { witness } from "./witness.ts";

export const areas = {
  accounts,
  login,
  csrf,
  rest,
  channels,
  messages,
  reads,
  files,
  notifications,
  connect,
  subscribe,
  send,
  frames,
  sockjs,
  sse,
  replay,
  presence,
  tabs,
  fanout,
  proxy,
  witness,
} as const;
export type AreaName = keyof typeof areas;

type Merged<Areas> = { [Id in { [Name in keyof Areas]: keyof Areas[Name] }[keyof Areas]]: Clause };
export type ClauseId = Extract<keyof Merged<typeof areas>, string>;

/** Every clause by its id. */
export const catalogue: Readonly<Record<ClauseId, Clause>> = Object.assign({}, ...Object.values(areas)) as Record<
  ClauseId,
  Clause
>;

/** The ids of one system's requirement set, in order. */
export function clausesOf(system: SystemName): ClauseId[] {
  return (Object.keys(catalogue) as ClauseId[]).filter(
    (id) => catalogue[id].sets === undefined || catalogue[id].sets.includes(system),
  );
}

export const isClauseId = (text: string): text is ClauseId => Object.hasOwn(catalogue, text);
