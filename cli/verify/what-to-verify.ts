// What is to be verified, as far as the command line and the config say it: which addresses, and which clauses of which
// system.

import { clausesOf, owes, type ClauseId } from "../../contract/catalogue.ts";
import type { System } from "../../systems/define.ts";
import { atWebSocket } from "../../systems/endpoint.ts";
import { stompBroker } from "../../systems/stomp/definition.ts";
import { systemNames, systems as builtIn } from "../../systems/systems.ts";
import { configOf, type TargetConfig } from "./config.ts";
import { addressesIn } from "./endpoint.ts";
import { checkUrl, systemOf, type VerifyOptions } from "./settings.ts";
import { UsageError } from "./usage-error.ts";

export interface ToVerify {
  config: TargetConfig | undefined;
  /** Of the config's file. */
  path: string | undefined;
  addresses: string[];
  /** Where STOMP is, as the addresses say; undefined: they do not. */
  at: string | undefined;
}

/** URLs of the command line come before those of the config. No address: our own server. */
export async function whatToVerify(urls: readonly string[], options: VerifyOptions): Promise<ToVerify> {
  if (options.embedded === true && (urls.length > 0 || options.config !== undefined))
    throw new UsageError("--embedded verifies Rollcall's own server: it takes no URL and no --config");
  const found = options.embedded === true ? undefined : await configOf(options.config);
  if (found !== undefined && !options.json) console.error(`config: ${found.path}`);
  if (found !== undefined && urls.length === 0 && found.config.urls === undefined)
    throw new UsageError(
      `${found.path} names no URL: add "target": { "urls": ["http://localhost:8080"] }, say \`rollcall verify URL\`, or --embedded for Rollcall's own server`,
    );
  const { urls: bases, path } = addressesIn(urls.length > 0 ? urls : (found?.config.urls ?? []));
  // What a stream is about often stands in its query.
  const may = systemOf(options) === "sse" ? "with a query" : undefined;
  const addresses = bases.map((url) => checkUrl(url, may));
  const twice = addresses.find((address, at) => addresses.indexOf(address) !== at);
  if (twice !== undefined)
    throw new UsageError(`${twice} is named twice: several URLs are several instances of one target`);
  const config =
    path === undefined ? found?.config : { ...found?.config, system: systemAtPath(path, options, found?.config) };
  return { config, path: found?.path, addresses, at: path };
}

/** Unless somebody says otherwise, who speaks STOMP at a path is a broker. */
function systemAtPath(path: string, { system }: VerifyOptions, config: TargetConfig | undefined): System {
  const named = system === undefined ? (config?.system ?? stompBroker) : builtIn[system];
  if (named === undefined) throw new UsageError(`--system: ${JSON.stringify(system)} is none`);
  return atWebSocket(named, path);
}

/** Nothing of another system's would run, and nothing that runs must not look green. */
export function checkOnly(only: readonly ClauseId[] | undefined, system: string): void {
  if (only === undefined || clausesOf(system).some((id) => only.includes(id))) return;
  const owners = systemNames.filter((name) => owes(name, only[0]!));
  throw new UsageError(
    `--only: ${system} has none of these clauses: ${only[0]!} is one of ${owners.join(", ")}; \`rollcall clauses --system ${system}\` lists what it has`,
  );
}
