// How is multipart/form-data read without trusting it? Text parts and files are held in memory within limits: bytes a
// file, files and fields a request, and one budget for all requests together. A JSON part may come with or without its
// own Content-Type or file name. Source: RFC 7578.

import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import busboy from "busboy";
import type { Request, Response } from "express";
import type { NewFile } from "../domain/files.ts";
import { invalid, Problem } from "../domain/problem.ts";
import { jsonBytesMax, parseJson, shareOf } from "./body.ts";

const fieldsMax = 20;
const fileNameMax = 255;
const formWithinMs = 45_000;
const mediaType = /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}$/;

export interface MultipartOptions {
  /** The names of the parts that are files; every other part is text, whatever it says of itself. */
  fileParts: readonly string[];
  filesMax: number;
  fileBytesMax: number;
}

export interface Form {
  fields: Map<string, string>;
  files: NewFile[];
}

/** The JSON of a text part. Throws Problem 400 when it is missing or no JSON. */
export function jsonPart(form: Form, name: string): unknown {
  const text = form.fields.get(name);
  if (text === undefined) throw invalid({ [name]: "is missing" });
  return parseJson(text);
}

/** Reads the form, does `work` with it, and gives its memory back. Throws Problem 400, 408, 413, 415, or BusyError. */
export async function withForm<T>(
  request: Request,
  response: Response,
  options: MultipartOptions,
  work: (form: Form) => Promise<T>,
): Promise<T> {
  if (!request.is("multipart/form-data"))
    throw new Problem(
      415,
      "UNSUPPORTED_MEDIA_TYPE",
      "Cannot read the body: its Content-Type is not multipart/form-data",
    );
  const share = shareOf(response);
  const holding = share.openUpload(options.filesMax * options.fileBytesMax);
  const hold = (byteCount: number): Promise<void> | undefined => {
    holding.take(byteCount);
    return share.nextPiece();
  };
  try {
    return await work(await readForm(request, request.headers, options, hold));
  } finally {
    holding.close();
  }
}

const tooLarge = (what: string): Problem => new Problem(413, "PAYLOAD_TOO_LARGE", `Cannot take the upload: ${what}`);
const tooSlow = (): Problem =>
  new Problem(408, "BODY_TOO_SLOW", `Cannot take the upload: it did not come within ${formWithinMs / 1_000} s`);
const malformed = (error: unknown): Problem =>
  new Problem(
    400,
    "MALFORMED_MULTIPART",
    `Cannot read the multipart body: ${error instanceof Error ? error.message : String(error)}`,
  );

/**
 * Reads all parts of `stream`. `hold` hears of every chunk before it is looked at, text and boundaries included, and
 * may throw, or say when the next one may come.
 */
export function readForm(
  stream: Readable,
  headers: IncomingHttpHeaders,
  options: MultipartOptions,
  hold: (byteCount: number) => Promise<void> | undefined,
): Promise<Form> {
  const { promise, resolve, reject } = Promise.withResolvers<Form>();
  const parser = openParser(headers, options);
  const keep = ({ length }: Buffer): void => {
    try {
      const turn = hold(length);
      if (turn) void pauseUntil(turn, stream, parser);
    } catch (error) {
      fail(error);
    }
  };
  const fail = (problem: unknown): void => {
    reject(problem);
    stream.off("data", keep);
    stream.unpipe(parser);
    // What is still to come is read and dropped, so that the client gets to read the answer.
    stream.resume();
    parser.destroy();
  };
  const fields = new Map<string, string>();
  const files: Promise<NewFile | undefined>[] = [];
  const texts: Promise<unknown>[] = [];
  const keepText = async (name: string, part: Readable): Promise<unknown> =>
    fields.set(name, (await collect(part, jsonBytesMax)).toString("utf8"));
  parser.on("field", (name, value, { valueTruncated }) =>
    valueTruncated ? fail(tooLarge(`part "${name}" is too long`)) : fields.set(name, value),
  );
  parser.on("file", (name, part, info) => {
    if (!options.fileParts.includes(name)) return void texts.push(watched(keepText(name, part), fail));
    if (files.length === options.filesMax) fail(tooLarge(`more than ${options.filesMax} files`));
    files.push(
      watched(
        collect(part, options.fileBytesMax).then((bytes) => fileOf(bytes, info)),
        fail,
      ),
    );
  });
  parser.on("filesLimit", () => fail(tooLarge("too many files")));
  parser.on("fieldsLimit", () => fail(tooLarge("too many parts")));
  parser.on("error", (error) => fail(malformed(error)));
  parser.on("close", () => {
    // After a failure `reject` has spoken already; the parts that it cut off must not speak again.
    Promise.all([Promise.all(files), Promise.all(texts)]).then(
      ([all]) => resolve({ fields, files: all.filter((file) => file !== undefined) }),
      fail,
    );
  });
  stream.on("error", (error) => fail(malformed(error)));
  // A request that was read to its end closes too, while the last part may still be on its way through the parser.
  stream.on("close", () => void (stream.readableEnded || fail(malformed("it ended early"))));
  const late = setTimeout(() => fail(tooSlow()), formWithinMs);
  stream.on("data", keep);
  stream.pipe(parser);
  return promise.finally(() => clearTimeout(late));
}

/** After a failure the stream goes on without the parser; one that has enough makes it go on by itself. */
async function pauseUntil(turn: Promise<void>, stream: Readable, parser: busboy.Busboy): Promise<void> {
  stream.pause();
  await turn;
  if (!parser.destroyed && !parser.writableNeedDrain) stream.resume();
}

/** The same promise; a failure is told at once, long before anybody awaits it. */
function watched<T>(promise: Promise<T>, onFailure: (error: unknown) => void): Promise<T> {
  promise.catch(onFailure);
  return promise;
}

/** undefined: a browser sends a nameless empty file for an input in which none was chosen. */
function fileOf(bytes: Buffer, { filename, mimeType }: busboy.FileInfo): NewFile | undefined {
  return filename || bytes.length > 0
    ? { fileName: safeName(filename), contentType: safeType(mimeType), bytes }
    : undefined;
}

function openParser(headers: IncomingHttpHeaders, { filesMax, fileBytesMax }: MultipartOptions): busboy.Busboy {
  // Text parts with a file name count as files, hence the addition.
  const limits = {
    fieldSize: jsonBytesMax,
    fields: fieldsMax,
    files: filesMax + fieldsMax,
    fileSize: Math.max(fileBytesMax, jsonBytesMax) + 1,
  };
  try {
    return busboy({ headers, defParamCharset: "utf8", limits });
  } catch (error) {
    throw malformed(error);
  }
}

async function collect(part: Readable, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  for await (const chunk of part as AsyncIterable<Buffer>) {
    byteCount += chunk.length;
    if (byteCount > bytesMax) throw tooLarge(`more than ${bytesMax} bytes in one part`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, byteCount);
}

function safeName(name: string | undefined): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what must go
  const clean = (name ?? "").replaceAll(/[\u0000-\u001f\u007f]/g, "");
  return clean === "" ? "file" : clean.slice(0, fileNameMax).toWellFormed();
}

const safeType = (type: string): string => (mediaType.test(type) ? type.toLowerCase() : "application/octet-stream");
