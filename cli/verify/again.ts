// How is a run done again? By its URLs as they were given, and every flag that decides what is judged.

import type { VerifyOptions } from "./settings.ts";

/** As a shell takes it. */
const quoted = (text: string): string => (/^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

const credentials = /([?&][^=&#]*(?:token|key|auth|secret|passw|session|ticket|jwt|sig)[^=&#]*=)[^&#]*/gi;

/** A URL as a report may hold it, which others read: what its query says of who asks is left out. */
export const withoutCredentials = (url: string): string => url.replaceAll(credentials, "$1…");

/** ` --config FILE` where one was named; that of the working folder is found without. */
export const configFlag = (named: string | undefined): string =>
  named === undefined ? "" : ` --config ${quoted(named)}`;

/** Not among them: which clauses and of which system, which the report knows; and what is only about telling. */
const repeated = [
  "config",
  "ca",
  "proxy",
  "origin",
  "browser",
  "kafka",
  "topicPrefix",
  "redis",
  "publishUrl",
  "publishBody",
  "publish",
  "replay",
  "capability",
  "timeout",
  "patient",
  "strict",
  "house",
  "knownFailing",
  "times",
  "minutes",
] as const satisfies readonly (keyof VerifyOptions)[];

/** What stands behind `rollcall verify`. Without an address: our own server. */
export function againOf(addresses: readonly string[], options: VerifyOptions): string {
  const isOwn = addresses.length === 0 && options.faults === undefined;
  // A long run of random faults is the same again by its seed alone.
  const flags = options.minutes === undefined ? repeated : [...repeated, "seed" as const];
  return [
    ...(isOwn ? ["--embedded"] : addresses.map((url) => quoted(withoutCredentials(url)))),
    ...flags.flatMap((name) => said(name, options[name])),
  ].join(" ");
}

function said(name: string, value: string | true | false | string[] | undefined): string[] {
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (value === undefined || value === false) return [];
  return [value === true ? flag : `${flag} ${[value].flat().map(quoted).join(" ")}`];
}
