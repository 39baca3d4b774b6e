// All clauses, in the order in which they are told. Terms: requirement set – the clauses of one system revision; frozen
// once released.

import { accounts } from "./discodeit/accounts.ts";
import { channels } from "./discodeit/channels.ts";
import type { Clause } from "./clause.ts";
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
import { reads } from "./discodeit/reads.ts";
import { replay } from "./shared/replay.ts";
import { rest } from "./discodeit/rest.ts";
import { send } from "./shared/send.ts";
import { sockjs } from "./shared/sockjs.ts";
import { sse } from "./shared/sse.ts";
import { subscribe } from "./shared/subscribe.ts";
import { tabs } from "./shared/tabs.ts";
import type { SystemName } from "../systems/discodeit/wire.ts";
import { witness } from "./shared/witness.ts";

/** What any system with the feature promises. */
const shared = { connect, subscribe, send, frames, sockjs, sse, replay, tabs, fanout, proxy, witness } as const;
const discodeit = { accounts, login, csrf, rest, channels, messages, reads, files, notifications, presence } as const;

export const areas = { ...discodeit, ...shared } as const;
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

/** The path of the file with a clause's proof, below the package. */
export function proofFileOf(id: ClauseId): string {
  const area = id.slice(0, id.indexOf("."));
  return `tests/contract/${Object.hasOwn(shared, area) ? "shared" : "discodeit"}/${area}.ts`;
}
