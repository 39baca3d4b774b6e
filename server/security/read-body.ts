// How is a request's body read without trusting it? Bounded in bytes, in time, and by what its sender may make us keep;
// whatever is not read is left to the answer's end (see `settleRequest` in server/http.ts).

import type { IncomingMessage } from "node:http";
import type { Holding } from "./budget.ts";

/** The body is too long, came too slowly, or ended early. The message is safe to show. */
export class BodyError extends Error {
  override readonly name = "BodyError";
  readonly status: 400 | 408 | 413;

  constructor(status: 400 | 408 | 413, message: string) {
    super(message);
    this.status = status;
  }
}

export interface BodyLimits {
  bytesMax: number;
  /** For the whole of it. */
  withinMs: number;
  /** Counts what is kept; the caller closes it when it has done with the bytes. */
  holding: Holding;
}

/** @throws BodyError, and BusyError when too much is under way. */
export async function readBody(request: IncomingMessage, { bytesMax, withinMs, holding }: BodyLimits): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) throw tooLong(bytesMax);
  if (request.destroyed) throw endedEarly();
  const chunks: Buffer[] = [];
  let byteCount = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const take = (chunk: Buffer): void => {
    byteCount += chunk.length;
    if (byteCount > bytesMax) return reject(tooLong(bytesMax));
    try {
      holding.take(chunk.length);
      chunks.push(chunk);
    } catch (error) {
      reject(error);
    }
  };
  // A body that was read to its end closes, too.
  const onEarlyEnd = (): void => void (request.readableEnded || reject(endedEarly()));
  const timer = setTimeout(
    () => reject(new BodyError(408, `Cannot read the body: it did not come within ${withinMs / 1_000} s`)),
    withinMs,
  );
  request.on("data", take).once("end", resolve).once("error", onEarlyEnd).once("close", onEarlyEnd);
  try {
    await promise;
    return Buffer.concat(chunks, byteCount);
  } finally {
    clearTimeout(timer);
    request.off("data", take).off("end", resolve).off("close", onEarlyEnd);
  }
}

const endedEarly = (): BodyError => new BodyError(400, "Cannot read the body: it ended early");
const tooLong = (bytesMax: number): BodyError =>
  new BodyError(413, `Cannot read the body: it has more than ${bytesMax} bytes`);
