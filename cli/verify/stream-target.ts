// Which stream is meant by a URL, and how does something come on it? Either the URL is an event stream itself,
// published into as the flags say, or by nobody; or it is a server that has streams as ours does.

import { TargetError, TimeoutError } from "../../drivers/errors.ts";
import { Network, urlBelow } from "../../drivers/network.ts";
import { RestClient } from "../../drivers/rest.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import { givenToken, sse, streamSystem, tokenOfTheRun } from "../../systems/sse/definition.ts";
import { findStream } from "../../systems/sse/detect.ts";
import { ownStream, streamPath } from "../../systems/sse/wire.ts";
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
}

/**
 * Throws UsageError where the flags do not fit each other, or the URLs are not one stream on several instances, and
 * TargetError where there is no stream as far as the answer says, or none for us.
 */
export async function streamTargetOf(
  instances: [string, ...string[]],
  proxy: string | undefined,
  flags: StreamFlags,
  ca: string | undefined,
  interrupt?: AbortSignal,
): Promise<StreamTarget> {
  const publishing = publishingOf(flags);
  const isSaid = publishing !== undefined || flags.replays;
  if (!(await isStream(instances[0], isSaid, { ca, interrupt }))) return { system: sse, instances, proxy };
  const [path, ...others] = [...new Set([...instances, ...(proxy === undefined ? [] : [proxy])].map(pathOf))];
  if (others.length > 0)
    throw new UsageError(`the URLs of one stream end alike, not in ${[path, ...others].join(" and ")}`);
  const token = givenToken();
  const system = streamSystem({
    url: path!,
    ...publishing,
    token: token === undefined ? undefined : () => token,
    replays: flags.replays,
    alive: { path: "/", by: (await answersHead(originOf(instances[0]), { ca, interrupt })) ? "HEAD" : "connecting" },
  });
  const [first, ...rest] = instances.map(originOf) as [string, ...string[]];
  return {
    system,
    instances: [first, ...rest],
    proxy: proxy === undefined ? undefined : originOf(proxy),
  };
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

interface Asking {
  ca: string | undefined;
  interrupt?: AbortSignal | undefined;
}

async function overNetwork<T>(
  { ca, interrupt }: Asking,
  work: (network: Network) => Promise<T>,
  more: { answerTimeoutMs?: number } = {},
): Promise<T> {
  const network = new Network({ ...more, interrupt, ...(ca === undefined ? {} : { ca }) });
  try {
    return await work(network);
  } finally {
    await network.close();
  }
}

const answerWithinMs = 2_000;

/** Some servers answer everything with a stream, which ends for nobody. */
const answersHead = (origin: string, asking: Asking): Promise<boolean> =>
  overNetwork(
    asking,
    async (network) => {
      const transcript = new Transcript(new Secrets(), 20);
      try {
        await new RestClient({ baseUrl: origin, network, transcript, label: "detect" }).request("HEAD", "/");
        return true;
      } catch (error) {
        if (error instanceof TimeoutError) return false;
        throw error;
      }
    },
    { answerTimeoutMs: answerWithinMs },
  );

/**
 * Whether the URL is a stream itself, as the flags may say; else it is a server that has streams as ours does. Throws
 * TargetError where the answer says that it is neither.
 */
const isStream = (url: string, isSaid: boolean, asking: Asking): Promise<boolean> =>
  overNetwork(asking, async (network) => {
    const refusal = await refusalOf(url, network, givenToken());
    if (refusal === undefined) return true;
    const { status = 0 } = refusal;
    const isRefused = status >= 300 && status < 500;
    if (isSaid && !isRefused) return true; // what is wrong with it the clauses say
    const own = urlBelow(url, streamPath(ownStream));
    const ownRefusal = isSaid ? refusal : await refusalOf(own, network, tokenOfTheRun());
    const isOwnRefused = ownRefusal !== undefined && (ownRefusal.status ?? 0) >= 300 && (ownRefusal.status ?? 0) < 500;
    if (!isOwnRefused) return false;
    // A base URL names no stream: what counts is what its streams answered.
    const isBase = !isSaid && pathOf(url) === "/";
    throw noStream(...(isBase && !isGuarded(status) ? ([own, ownRefusal] as const) : ([url, refusal] as const)));
  });

/** A head that does not come is one that waits for an event, as far as anybody can tell. */
async function refusalOf(url: string, network: Network, token: string | undefined): Promise<TargetError | undefined> {
  try {
    await findStream(url, network, token);
    return undefined;
  } catch (error) {
    if (error instanceof TimeoutError) return undefined;
    if (error instanceof TargetError) return error;
    throw error;
  }
}

const isGuarded = (status: number | undefined): boolean => status === 401 || status === 403;

function noStream(url: string, { message, status }: TargetError): TargetError {
  return new TargetError("refused", message, {
    ...(status === undefined ? {} : { status }),
    hint: hintOf(url, status),
  });
}

function hintOf(url: string, status: number | undefined): string {
  if (isGuarded(status))
    return givenToken() === undefined
      ? "The stream wants a credential: give its bearer token in the environment, ROLLCALL_SSE_TOKEN=… (never in the URL)"
      : "It does not take the token of ROLLCALL_SSE_TOKEN. Is it still good? It is sent as Authorization: Bearer";
  if (status !== undefined && status < 400)
    return "It leads elsewhere: name the stream's own URL. To a login? Then give a bearer token in ROLLCALL_SSE_TOKEN";
  if (status === 429) return "It limits us: try again later";
  return `Is this the stream's whole path? Try: curl -iN ${url}`;
}
