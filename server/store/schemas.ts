// Where is what a system stores? In a schema of its own, whose tables the SQL files of its folder make.

import type { ServedSystem } from "../../systems/served/wire.ts";

/** `discodeit-1` → `discodeit_1`. */
export const schemaOf = (system: ServedSystem): string => system.replaceAll("-", "_");

const folders: Partial<Record<ServedSystem, string>> = {
  "discodeit-1": "discodeit",
  "discodeit-2": "discodeit",
  "study-room": "study-room",
  "redis-chat": "redis-chat",
  "gateway-chat": "gateway-chat",
  "gateway-chat-secure": "gateway-chat",
};

export const storingSystems = Object.keys(folders) as ServedSystem[];

/** The folder of its migrations; undefined: it stores nothing. */
export const migrationsOf = (system: ServedSystem): URL | undefined =>
  folders[system] === undefined ? undefined : new URL(`../systems/${folders[system]}/migrations/`, import.meta.url);
