// Which system a URL speaks, when nobody said so: each family of systems asks in its own way.

import { HarnessError, TargetError, TimeoutError } from "../../drivers/errors.ts";
import type { Network } from "../../drivers/network.ts";
import type { System } from "../../systems/define.ts";
import { detectors, firstDetector, systems, type Detector } from "../../systems/systems.ts";

export interface Detection {
  system: System;
  /** How it knew, for people. */
  how: string;
}

/**
 * Throws TargetError that says what was seen, and which systems it is not, when it is none of the built-in ones. A
 * server that leaves one question unanswered is asked all others at once.
 */
export async function detectSystem(baseUrl: string, network: Network): Promise<Detection> {
  const attempt = async (detect: Detector): Promise<Detection | Error> => {
    try {
      const { system, how } = await detect(baseUrl, network);
      return { system: systems[system]!, how };
    } catch (error) {
      if (network.interrupt?.aborted === true) {
        const { hint } = error instanceof HarnessError ? error : {};
        throw new HarnessError(`Cannot tell what ${baseUrl} speaks: interrupted`, { cause: error, hint });
      }
      return error as Error;
    }
  };
  const stream = await attempt(firstDetector);
  if (!(stream instanceof Error)) return stream;
  const failures: Error[] = [];
  const queue = [...detectors];
  while (queue.length > 0) {
    const isSilent = [stream, ...failures].some((error) => error instanceof TimeoutError);
    for (const answer of await Promise.all(queue.splice(0, isSilent ? queue.length : 1).map(attempt))) {
      if (!(answer instanceof Error)) return answer;
      failures.push(answer);
    }
    if (failures.some((error) => error instanceof TargetError && error.code === "unreachable")) break;
  }
  throw noneOf(baseUrl, failures[0]!, stream);
}

/** What none of them is: `first` is what the most usual one saw, `stream` what came where a stream was asked for. */
function noneOf(url: string, first: Error, stream: Error): Error {
  const isStatus = stream instanceof TargetError && (stream.status === 401 || stream.status === 403);
  const isBase = new URL(url).pathname === "/";
  if (first instanceof TimeoutError && stream instanceof TimeoutError)
    return new TimeoutError(first.message, first.received, {
      cause: first,
      hint: "It answers nothing that it was asked. If it is an event stream that says nothing before its first event: --system sse",
    });
  if (!(first instanceof TargetError) || first.code !== "refused") return first;
  return new TargetError(
    "refused",
    `${first.message.replace(/[^.?!]$/, "$&.")} It was asked for ${Object.keys(systems).join(", ")} and speaks none of them as far as it answered.`,
    {
      cause: first,
      hint:
        isStatus && !isBase
          ? `GET answered ${stream.status}. If it is an event stream: --system sse, and its token in ROLLCALL_SSE_TOKEN`
          : first.hint,
    },
  );
}
