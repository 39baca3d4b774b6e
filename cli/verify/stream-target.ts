// Which stream is meant by a URL, and how does something come on it? Either the URL is an event stream itself,
// published into as the flags say, or by nobody; or it is a server that has streams as ours does.

import { TargetError, TimeoutError } from "../../drivers/errors.ts";
import { Network } from "../../drivers/network.ts";
import { RestClient } from "../../drivers/rest.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import { givenToken, sse, streamSystem } from "../../systems/sse/definition.ts";
import { findStream } from "../../systems/sse/detect.ts";
import type { System } from "../../systems/define.ts";
import { publishingByCommand, publishingByUrl, type Publishing } from "./publish.ts";
import { UsageError } from "./usage-error.ts";

/** The flags that say so. */
export interface StreamFlags {
  publishUrl?: string | undefined;
  publishBody?: string | undefined;
  publish?: string | undefined;
  replays: boolean;
}

export interface StreamTarget {
  system: System;
  instances: [string, ...string[]];
  proxy: string | undefined;
  /** The URLs and flags by which it is verified again, where the instances are not all. */
  again?: string;
}

/** Throws UsageError where the flags do not fit each other, or the URLs are not one stream on several instances. */
export async function streamTargetOf(
  instances: [string, ...string[]],
  proxy: string | undefined,
  flags: StreamFlags,
  ca: string | undefined,
): Promise<StreamTarget> {
  const publishing = publishingOf(flags);
  const isBare = publishing !== undefined || flags.replays || (await isStream(instances[0], ca));
  if (!isBare) return { system: sse, instances, proxy };
  const [path, ...others] = [...new Set([...instances, ...(proxy === undefined ? [] : [proxy])].map(pathOf))];
  if (others.length > 0)
    throw new UsageError(`the URLs of one stream end alike, not in ${[path, ...others].join(" and ")}`);
  const token = givenToken();
  const system = streamSystem({
    url: path!,
    ...publishing,
    token: token === undefined ? undefined : () => token,
    replays: flags.replays,
    alive: { path: "/", by: (await answersHead(originOf(instances[0]), ca)) ? "HEAD" : "connecting" },
  });
  const [first, ...rest] = instances.map(originOf) as [string, ...string[]];
  return {
    system,
    instances: [first, ...rest],
    proxy: proxy === undefined ? undefined : originOf(proxy),
    again: [...instances.map(quoted), ...flagsOf(flags)].join(" "),
  };
}

/** As a shell takes it. */
const quoted = (text: string): string => (/^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

function flagsOf({ publishUrl, publishBody, publish, replays }: StreamFlags): string[] {
  const valued = { "--publish-url": publishUrl, "--publish-body": publishBody, "--publish": publish };
  const said = Object.entries(valued).flatMap(([flag, value]) =>
    value === undefined ? [] : [`${flag} ${quoted(value)}`],
  );
  return replays ? [...said, "--replay"] : said;
}

const originOf = (url: string): string => new URL(url).origin;
const pathOf = (url: string): string => new URL(url).pathname + new URL(url).search;

function publishingOf({ publishUrl, publishBody, publish }: StreamFlags): Publishing | undefined {
  if (publish !== undefined && publishUrl !== undefined)
    throw new UsageError("--publish and --publish-url are two ways to publish: say one of them");
  if (publishBody !== undefined && publishUrl === undefined) throw new UsageError("--publish-body needs --publish-url");
  if (publish !== undefined) return publishingByCommand(publish);
  return publishUrl === undefined ? undefined : publishingByUrl(publishUrl, publishBody);
}

const answerWithinMs = 2_000;

/** Some servers answer everything with a stream, which ends for nobody. */
async function answersHead(origin: string, ca: string | undefined): Promise<boolean> {
  const network = new Network({ answerTimeoutMs: answerWithinMs, ...(ca === undefined ? {} : { ca }) });
  const transcript = new Transcript(new Secrets(), 20);
  try {
    await new RestClient({ baseUrl: origin, network, transcript, label: "detect" }).request("HEAD", "/");
    return true;
  } catch (error) {
    if (error instanceof TimeoutError) return false;
    throw error;
  } finally {
    await network.close();
  }
}

/** A head that does not come is one that waits for an event, as far as anybody can tell. */
async function isStream(url: string, ca: string | undefined): Promise<boolean> {
  const network = new Network(ca === undefined ? {} : { ca });
  try {
    await findStream(url, network, givenToken());
    return true;
  } catch (error) {
    if (error instanceof TimeoutError) return true;
    if (error instanceof TargetError) return false;
    throw error;
  } finally {
    await network.close();
  }
}
