// Answers as a browser asks for them: compressed, if the server likes. Terms: decoder – gives out what came so far with
// each piece, so that a compressed event stream is read as it is flushed, and one that holds events back shows as late.

import { pipeline, type Readable, type Transform } from "node:stream";
import { constants, createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { TargetError } from "./errors.ts";

export const acceptEncoding = "gzip, deflate, br";

const zlibOptions = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
const brotliOptions = { flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH };

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(zlibOptions),
  "x-gzip": () => createGunzip(zlibOptions),
  deflate: () => createInflate(zlibOptions),
  br: () => createBrotliDecompress(brotliOptions),
};

/**
 * A body, decoded. The body itself when it is not encoded. Throws TargetError "malformed" on an encoding that nobody
 * asked for.
 */
export function decoded(body: Readable, contentEncoding: string | undefined, what: string): Readable {
  let stream = body;
  const names = (contentEncoding ?? "").split(",").map((name) => name.trim().toLowerCase());
  for (const name of names.toReversed()) {
    if (name === "" || name === "identity") continue;
    const decoder = decoders[name]?.();
    if (decoder === undefined)
      throw new TargetError("malformed", `Cannot read ${what}: its Content-Encoding is ${JSON.stringify(name)}`);
    // An error of either one ends both; whoever reads the last one hears of it.
    stream = pipeline(stream, decoder, () => {});
  }
  return stream;
}

/** Whether an error says that a body is not what its Content-Encoding says. */
export const isDecodingError = (error: unknown): boolean =>
  /^(Z_|ERR_.*(ZLIB|BROTLI|FORMAT))/.test((error as NodeJS.ErrnoException).code ?? "");
