// Is every parser of the server linear in its input? Time per byte of the STOMP, SockJS and multipart parsers at 16 KiB
// and at 1 MiB, for the worst inputs that we know and for pieces of several sizes; wanted: a ratio of at most 2. `node
// tests/bench/parsers.ts` Both sizes run in turn, several times, and the best of each counts: a noisy machine makes the
// rest slower, never faster.

import { Readable } from "node:stream";
import { performance } from "node:perf_hooks";
import { SseParser } from "../../drivers/codecs/sse.ts";
import { parseClientMessages } from "../../server/sockjs/frames.ts";
import { FrameError, FrameParser } from "../../server/stomp/codec.ts";
import { readForm } from "../../server/systems/discodeit/routes/multipart.ts";

const small = 16 * 1024;
const large = 1024 * 1024;
const rounds = 7;

type Parse = (bytes: Buffer) => unknown;

/** All frames, in pieces of so many bytes. */
const stomp =
  (pieceBytes: number): Parse =>
  (bytes) => {
    const parser = new FrameParser();
    try {
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        parser.push(bytes.subarray(at, at + pieceBytes));
        while (parser.next());
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
    }
  };

const sse =
  (pieceBytes: number): Parse =>
  (bytes) => {
    const parser = new SseParser();
    for (let at = 0; at < bytes.length; at += pieceBytes) parser.push(bytes.toString("latin1", at, at + pieceBytes));
  };

const form: Parse = (bytes) => {
  const options = { fileParts: ["file"], filesMax: 10, fileBytesMax: 10 * large };
  const pieces = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, index) =>
    bytes.subarray(index * 65_536, (index + 1) * 65_536),
  );
  return readForm(
    Readable.from(pieces, { objectMode: false }),
    { "content-type": "multipart/form-data; boundary=bb" },
    options,
    () => undefined,
  ).catch(() => undefined);
};

const repeated =
  (unit: string) =>
  (byteCount: number): Buffer =>
    Buffer.from(unit.repeat(Math.ceil(byteCount / unit.length)).slice(0, byteCount));
const part = (content: (byteCount: number) => Buffer) => (byteCount: number) =>
  Buffer.concat([
    Buffer.from('--bb\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'),
    content(byteCount),
    Buffer.from("\r\n--bb--\r\n"),
  ]);
const list = (item: string) => (byteCount: number) =>
  Buffer.from(`[${`${item},`.repeat(byteCount / (item.length + 1))}""]`);

const cases: [string, (byteCount: number) => Buffer, Parse][] = [
  ["STOMP, line feeds", repeated("\n"), stomp(large)],
  ["STOMP, line feeds, in pieces of 64", repeated("\n"), stomp(64)],
  ["STOMP, tiny frames", repeated("A\n\n\0"), stomp(large)],
  ["STOMP, frames of 60 KiB in pieces of 64", repeated(`SEND\n\n${"x".repeat(60_000)}\0`), stomp(64)],
  ["STOMP, frames of 100 octets", repeated(`SEND\nx:y\n\n${"x".repeat(89)}\0`), stomp(large)],
  ["STOMP, octet by octet", repeated(`SEND\nx:y\n\n${"x".repeat(89)}\0`), stomp(1)],
  ["SockJS, line feeds", list('"\\n"'), (bytes) => parseClientMessages(bytes.toString(), false)?.join("")],
  [
    "SockJS, escapes",
    list('"\\u0000\\ud83d\\ude42"'),
    (bytes) => parseClientMessages(bytes.toString(), false)?.join(""),
  ],
  ["multipart, one file", part(repeated("x")), form],
  ["multipart, almost boundaries", part(repeated("\r\n--b")), form],
  ["multipart, dashes", part(repeated("-")), form],
  ["events, comments", repeated(":\n"), sse(large)],
  [
    "events, one data line in pieces of 64",
    (byteCount) => Buffer.from(`data:${"x".repeat(byteCount - 7)}\n\n`),
    sse(64),
  ],
  ["events, data lines", repeated("data:x\n"), sse(large)],
];

/** Nanoseconds per byte of the fastest round, over about the same number of bytes for each size. */
async function nsPerByte(bytes: Buffer, parse: Parse): Promise<number> {
  const times = Math.max(1, Math.round(large / bytes.length));
  const from = performance.now();
  for (let count = 0; count < times; count += 1) await parse(bytes);
  return ((performance.now() - from) * 1e6) / (times * bytes.length);
}

let failed = 0;
for (const [name, make, parse] of cases) {
  const inputs = [make(small), make(large)];
  const best = [Infinity, Infinity];
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, bytes] of inputs.entries())
      best[index] = Math.min(best[index] ?? Infinity, await nsPerByte(bytes, parse));
  }
  const [smallNs, largeNs] = best as [number, number];
  const ratio = largeNs / smallNs;
  if (ratio > 2) failed += 1;
  console.log(
    `${name.padEnd(42)} 16 KiB ${smallNs.toFixed(2).padStart(8)} ns/byte · 1 MiB ${largeNs.toFixed(2).padStart(8)} ns/byte · ratio ${ratio.toFixed(2)}`,
  );
}
console.log(failed === 0 ? "linear: every ratio is at most 2" : `${failed} of ${cases.length} are above 2`);
process.exitCode = failed === 0 ? 0 : 1;
