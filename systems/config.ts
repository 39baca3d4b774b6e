// What a team says in `rollcall.config.ts`: where its server is, and, for its own backend, what it speaks.

import type { Capability } from "../contract/clause.ts";
import type { SystemDefinition } from "./types.ts";

export interface TargetOptions {
  /** For people; default: the first URL. */
  name?: string;
  /** Base URLs of the instances, the first one above all; a path in them is kept. */
  urls?: readonly string[];
  /** The URL of the proxy in front of them. */
  proxy?: string;
  admin?: { username: string; password: string };
  kafka?: { brokers: readonly string[]; topicPrefix?: string };
  redis?: { host: string; port: number; password?: string };
  capabilities?: readonly Capability[];
  /** PEM text of a private certificate authority. */
  ca?: string;
  /** Scenario → shell commands that begin and end its fault (`verify --faults`). */
  faults?: Readonly<Record<string, { begin: string; end: string }>>;
}

export interface Config {
  target?: TargetOptions;
  /** The name of a built-in system, or a definition. Default: found out. */
  system?: string | SystemDefinition;
}

/** Gives the file its types, and nothing else. */
export const defineConfig = (config: Config): Config => config;
