// Whether a URL is an event stream itself, or speaks as our own event streams do. It asks as whoever has the token.

import { within } from "../../drivers/deadline.ts";
import { HarnessError, TargetError, TimeoutError } from "../../drivers/errors.ts";
import { urlBelow, type Network } from "../../drivers/network.ts";
import { EventStream, type StreamHead } from "../../drivers/sse.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import { givenToken, tokenOfTheRun } from "./definition.ts";
import { ownStream, streamPath } from "./wire.ts";

const headWithinMs = 3_000;

/** Whether there is an event stream at a URL. Throws TargetError that says what it saw instead, and its status. */
export async function findStream(url: string, network: Network, token: string | undefined): Promise<void> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const transcript = new Transcript(new Secrets(), 20);
  await using stream = new EventStream(url, { network, transcript, label: "detect", headers });
  const { interrupt } = network;
  const onInterrupt = (): void => stream.close();
  interrupt?.addEventListener("abort", onInterrupt, { once: true });
  try {
    const { headers: answered } = await within(headWithinMs, stream.head, () => {
      throw new TimeoutError(`Cannot tell what ${url} speaks: no head came within ${headWithinMs} ms`);
    });
    const type = answered["content-type"] ?? "";
    if (/^text\/event-stream\b/i.test(type)) return;
    const saw = `it answered 200 with ${JSON.stringify(type)}`;
    throw new TargetError("refused", `Cannot tell what ${url} speaks: ${saw}`, { status: 200 });
  } catch (error) {
    if (interrupt?.aborted === true) throw new HarnessError(`Cannot open ${url}: interrupted`, { cause: error });
    const { head } = error as { head?: StreamHead };
    if (head === undefined) throw error;
    const { status } = head;
    const to = head.headers.location === undefined ? "" : `, to ${head.headers.location}`;
    throw new TargetError("refused", `Cannot open ${url}: answered ${status}${to}`, { status, cause: error });
  } finally {
    interrupt?.removeEventListener("abort", onInterrupt);
  }
}

/** Throws TargetError, TimeoutError that say what it saw instead. */
export async function detectStream(url: string, network: Network): Promise<{ system: string; how: string }> {
  await findStream(url, network, givenToken());
  return { system: "sse", how: "it is an event stream itself" };
}

/** Throws TargetError that says what it saw instead. Leaves nothing behind. */
export async function detectSse(baseUrl: string, network: Network): Promise<{ system: string; how: string }> {
  const path = streamPath(ownStream);
  await findStream(urlBelow(baseUrl, path), network, tokenOfTheRun());
  return { system: "sse", how: `${path} is an event stream` };
}
