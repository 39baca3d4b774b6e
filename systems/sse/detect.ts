// Whether a URL speaks as our own event streams do, or is an event stream itself. It asks as whoever has the token.

import { within } from "../../drivers/deadline.ts";
import { TargetError, TimeoutError } from "../../drivers/errors.ts";
import { urlBelow, type Network } from "../../drivers/network.ts";
import { EventStream } from "../../drivers/sse.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import { givenToken, tokenOfTheRun } from "./definition.ts";
import { ownStream, streamPath } from "./wire.ts";

const headWithinMs = 3_000;

/** Whether there is an event stream at a URL. Throws TargetError that says what it saw instead. */
export async function findStream(url: string, network: Network, token: string | undefined): Promise<void> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const transcript = new Transcript(new Secrets(), 20);
  await using stream = new EventStream(url, { network, transcript, label: "detect", headers });
  const head = await within(headWithinMs, stream.head, () => {
    throw new TimeoutError(`Cannot tell what ${url} speaks: no head came within ${headWithinMs} ms`);
  });
  const type = head.headers["content-type"] ?? "";
  if (!/^text\/event-stream\b/i.test(type))
    throw new TargetError("refused", `Cannot tell what ${url} speaks: it answered 200 with ${JSON.stringify(type)}`);
}

/** Throws TargetError that says what it saw instead. Leaves nothing behind. */
export async function detectSse(baseUrl: string, network: Network): Promise<{ system: string; how: string }> {
  const path = streamPath(ownStream);
  try {
    await findStream(baseUrl, network, givenToken());
    return { system: "sse", how: "it is an event stream itself" };
  } catch (error) {
    if (!(error instanceof TargetError || error instanceof TimeoutError)) throw error;
    await findStream(urlBelow(baseUrl, path), network, tokenOfTheRun()).catch(() => {
      throw error;
    });
    return { system: "sse", how: `${path} is an event stream` };
  }
}
