// What the flags of `rollcall verify` mean: each is checked, and a wrong one is named with what is known instead (exit
// 3).

import { X509Certificate } from "node:crypto";
import { accessSync, constants, readFileSync } from "node:fs";
import type { ClauseId } from "../../contract/catalogue.ts";
import { capabilities as allCapabilities, type Capability } from "../../contract/clause.ts";
import { systemNamed, systemNames } from "../../systems/systems.ts";
import { findChromium } from "../../drivers/chromium.ts";
import { checkPeers, isInstalled } from "../../peers.ts";
import { readKnownFailures, readListToWrite, type KnownFailures } from "./known-failing.ts";
import { causesIn, selectClauses } from "./select.ts";
import type { StreamFlags } from "./stream-target.ts";
import { UsageError } from "./usage-error.ts";

export interface VerifyOptions {
  system?: string;
  config?: string;
  ca?: string;
  timeout?: string;
  patient?: boolean;
  yes?: boolean;
  clean?: string;
  only?: string;
  from?: string;
  watch?: boolean;
  onChange?: string;
  strict?: boolean;
  house?: boolean;
  jobs?: string;
  report?: string;
  knownFailing?: string;
  writeKnownFailing?: string;
  embedded?: boolean;
  seed?: string;
  proxy?: string;
  origin?: string;
  browser?: string;
  kafka?: string;
  topicPrefix?: string;
  redis?: string;
  publishUrl?: string;
  publishBody?: string;
  publish?: string;
  replay?: boolean;
  capability?: string[];
  json?: boolean;
  faults?: string | true;
  minutes?: string;
  times?: string;
}

const streamFlags = ["publishUrl", "publishBody", "publish", "replay"] as const;
type StreamFlag = (typeof streamFlags)[number];

export interface Settings {
  system: string | undefined;
  ca: string | undefined;
  timeoutMs: number | undefined;
  only: ClauseId[] | undefined;
  known: KnownFailures;
  /** Where the list of what fails is to be written, and what it holds already. */
  writeKnown: { path: string; old: KnownFailures } | undefined;
  jobs: number;
  seed: number | undefined;
  patient: boolean;
  strict: boolean;
  house: boolean;
  yes: boolean;
  json: boolean;
  report: string | undefined;
  proxy: string | undefined;
  origin: string | undefined;
  browser: string | undefined;
  kafka: { brokers: string[]; topicPrefix: string | undefined } | undefined;
  redis: { host: string; port: number } | undefined;
  capabilities: Capability[];
  /** Of an event stream: how something comes on it. */
  stream: StreamFlags;
}

export function readSettings(options: VerifyOptions): Settings {
  if (options.system !== undefined && systemNamed(options.system) === undefined)
    throw new UsageError(`unknown system ${JSON.stringify(options.system)}: known are ${systemNames.join(", ")}`);
  const system = systemOf(options);
  for (const name of options.capability ?? [])
    if (!allCapabilities.includes(name as Capability))
      throw new UsageError(`unknown capability ${JSON.stringify(name)}: known are ${allCapabilities.join(", ")}`);
  if (options.from !== undefined && options.only === undefined)
    throw new UsageError("--from names the report whose causes --only may name: it does not go without --only");
  return {
    system,
    ca: options.ca === undefined ? undefined : readCertificate(options.ca),
    timeoutMs: options.timeout === undefined ? undefined : wholeNumber(options.timeout, "--timeout", 100),
    only: options.only === undefined ? undefined : selectClauses(options.only, causesIn(options)),
    known: options.knownFailing === undefined ? new Map() : readKnownFailures(options.knownFailing),
    writeKnown:
      options.writeKnownFailing === undefined
        ? undefined
        : { path: options.writeKnownFailing, old: readListToWrite(options.writeKnownFailing) },
    jobs: wholeNumber(options.jobs ?? "8", "--jobs", 1),
    seed: options.seed === undefined ? undefined : wholeNumber(options.seed, "--seed", 0),
    patient: options.patient === true || options.capability?.includes("patience") === true,
    strict: options.strict === true,
    house: options.house === true,
    yes: options.yes === true,
    json: options.json === true,
    report: options.report,
    proxy: options.proxy === undefined ? undefined : checkUrl(options.proxy),
    origin: options.origin === undefined ? undefined : checkOrigin(options.origin, "--origin"),
    browser:
      options.browser === undefined
        ? isInstalled("playwright-core")
          ? findChromium()
          : undefined
        : checkBrowser(options.browser),
    kafka:
      options.kafka === undefined
        ? undefined
        : { brokers: options.kafka.split(",").map(checkBroker), topicPrefix: options.topicPrefix },
    redis: options.redis === undefined ? undefined : checkRedis(options.redis),
    capabilities: (options.capability ?? []) as Capability[],
    stream: {
      publishUrl: options.publishUrl === undefined ? undefined : checkUrl(options.publishUrl, "with a query"),
      publishBody: options.publishBody,
      publish: options.publish,
      replays: options.replay === true,
    },
  };
}

/** Nothing but an event stream has flags of its own: who gives one says the system by it. */
export function systemOf(options: Pick<VerifyOptions, "system" | StreamFlag>): string | undefined {
  const flag = streamFlags.find((name) => options[name] !== undefined);
  if (flag === undefined) return options.system;
  if (options.system === undefined || options.system === "sse") return "sse";
  const said = `--${flag.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new UsageError(`${said} is about an event stream: it goes with --system sse, not ${options.system}`);
}

export function wholeNumber(text: string, flag: string, least: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(number) || number < least)
    throw new UsageError(`${flag} takes a whole number from ${least}, not ${JSON.stringify(text)}`);
  return number;
}

function readText(path: string, flag: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`${flag}: cannot read ${path}: ${(error as Error).message}`);
  }
}

function readCertificate(path: string): string {
  const text = readText(path, "--ca");
  if (!isCertificate(text))
    throw new UsageError(`--ca: ${path} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)`);
  return text;
}

export function isCertificate(text: string): boolean {
  try {
    void new X509Certificate(text); // throws
    return true;
  } catch {
    return false;
  }
}

function checkBroker(text: string): string {
  const broker = text.trim();
  if (!/^\S+:\d+$/.test(broker))
    throw new UsageError(`--kafka takes host:port, comma-separated, not ${JSON.stringify(broker)}`);
  return broker;
}

function checkRedis(text: string): { host: string; port: number } {
  const [, host = "", port = ""] = /^([^\s:@/]+|\[[^\]]+\]):(\d{1,5})$/.exec(text.trim()) ?? [];
  if (host === "" || Number(port) < 1 || Number(port) > 65_535)
    throw new UsageError(
      `--redis takes host:port, not ${JSON.stringify(text)}; a password goes into ROLLCALL_REDIS_PASSWORD`,
    );
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/** A host, perhaps with a port and a path, lacks a scheme alone. */
const meantBy = (text: string): string =>
  /^(\[[\da-f:]+\]|[\w.-]+)(:\d+)?(\/\S*)?$/i.test(text) ? `; did you mean http://${text}?` : "";

export function checkUrl(text: string, may?: "with a query"): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw new UsageError(`${JSON.stringify(text)} is no URL: it begins with http:// or https://${meantBy(text)}`);
  // The text is not repeated: it may hold a password.
  if (url.username !== "" || url.password !== "")
    throw new UsageError("a base URL has no user and no password; an admin is given by ROLLCALL_ADMIN=name:password");
  if ((url.search !== "" && may === undefined) || url.hash !== "")
    throw new UsageError(`${JSON.stringify(text)}: a base URL has no query and no fragment`);
  return may === undefined ? text.replace(/\/+$/, "") : text;
}

/** An origin as browsers write it; anything else would be refused for another reason than a page's. */
export function checkOrigin(text: string, flag: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol))
    throw new UsageError(`${flag} takes an origin, as http://localhost:3000, not ${JSON.stringify(text)}`);
  if (url.origin !== text)
    throw new UsageError(`${flag}: no browser writes ${JSON.stringify(text)}, but ${url.origin}`);
  return text;
}

function checkBrowser(path: string): string {
  try {
    accessSync(path, constants.X_OK);
  } catch (error) {
    throw new UsageError(`--browser: cannot run ${path}: ${(error as Error).message}`);
  }
  checkPeers(["playwright-core"], "--browser needs");
  return path;
}
