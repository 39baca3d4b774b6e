// What a mutant's streams call: a compressor between a stream and its reader that nobody flushes.

import type { IncomingMessage, ServerResponse } from "node:http";
import { createGzip } from "node:zlib";

/** What our own clients usually accept is more: their streams come as ever. */
const accepted = "gzip";

export function holdBack({ headers }: IncomingMessage, response: ServerResponse): void {
  if (headers["accept-encoding"] !== accepted) return;
  const gzip = createGzip();
  const write = response.write.bind(response) as (chunk: Buffer) => boolean;
  gzip.on("data", (chunk: Buffer) => write(chunk));
  response.setHeader("Content-Encoding", "gzip");
  response.write = ((chunk: Buffer) => gzip.write(chunk)) as typeof response.write;
}
