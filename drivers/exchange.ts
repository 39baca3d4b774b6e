// One request and its whole answer over HTTP: a deadline for all of it, a limit for its body, decoded as a browser
// would, and errors that say what came.

import { Headers, request, type Dispatcher, type FormData } from "undici";
import { decoded, isDecodingError } from "./encoding.ts";
import { HarnessError, TargetError, TimeoutError } from "./errors.ts";
import { hintFor } from "./hints.ts";
import { bodyBytesMax, sizeText } from "./limits.ts";
import { closedWhileIdle, type Network } from "./network.ts";

export interface Question {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | FormData | null;
}

interface Exchange {
  status: number;
  headers: Headers;
  /** The body, decoded. */
  bytes: Buffer;
  /** Octets of the body on the wire. */
  receivedBytes: number;
}

/** What came so far, for whoever gives up. */
interface Progress {
  response?: Dispatcher.ResponseData;
  bytes: number;
  pieces: Buffer[];
}

/** RFC 9110 9.2.2: to send these twice is to send them once. */
const idempotent = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

const changesNothing = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Sends a request and reads the whole answer, whatever its status. Throws TargetError "unreachable", "closed",
 * "malformed" (the body is too large or cannot be decoded), TimeoutError after `network.answerTimeoutMs`, HarnessError
 * when the run was interrupted.
 */
export async function exchange(network: Network, question: Question): Promise<Exchange> {
  try {
    return await exchangeOver(network, network.dispatcher, question);
  } catch (error) {
    // The server closed an idle connection while the request was on its way. A browser asks again, too.
    if (!closedWhileIdle((error as Error).cause) || !idempotent.has(question.method)) throw error;
  }
  const dispatcher = network.openDispatcher();
  try {
    return await exchangeOver(network, dispatcher, question);
  } finally {
    await network.closeDispatcher(dispatcher);
  }
}

async function exchangeOver(network: Network, dispatcher: Dispatcher, question: Question): Promise<Exchange> {
  const { method, url } = question;
  const progress: Progress = { bytes: 0, pieces: [] };
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), network.answerTimeoutMs);
  // An abort of earlier stops nobody: what is asked afterwards tidies up.
  const ends = changesNothing.has(method) ? network.interrupt : network.interruptOfChange;
  const interrupt = network.interrupt?.aborted === true ? undefined : ends;
  try {
    const signal = interrupt === undefined ? late.signal : AbortSignal.any([late.signal, interrupt]);
    return await readAnswer(network, question, dispatcher, signal, progress);
  } catch (error) {
    if (error instanceof TargetError) throw error;
    if (interrupt?.aborted === true) throw new HarnessError(`Cannot ${method} ${url}: interrupted`, { cause: error });
    if (late.signal.aborted || /^UND_ERR_(HEADERS|BODY)_TIMEOUT$/.test((error as NodeJS.ErrnoException).code ?? ""))
      throw lateError(question, network.answerTimeoutMs, progress, error);
    throw await brokenError(question, network, error as NodeJS.ErrnoException);
  } finally {
    clearTimeout(timer);
  }
}

async function readAnswer(
  network: Network,
  question: Question,
  dispatcher: Dispatcher,
  signal: AbortSignal,
  progress: Progress,
): Promise<Exchange> {
  const { method, url, headers, body } = question;
  const what = `the answer to ${method} ${url}`;
  const response = await request(url, { method, headers, body, dispatcher, signal });
  network.answering.add(new URL(url).host);
  progress.response = response;
  let receivedBytes = 0;
  response.body.on("data", (piece: Buffer) => (receivedBytes += piece.length));
  response.body.pause();
  const encoding = response.headers["content-encoding"]?.toString();
  // Nothing follows the head of HEAD, 204 and 304, whatever it says.
  const isEmpty = method === "HEAD" || response.statusCode === 204 || response.statusCode === 304;
  const source = isEmpty ? response.body : decoded(response.body, encoding, what);
  try {
    for await (const piece of source as AsyncIterable<Buffer>) {
      progress.bytes += piece.length;
      if (progress.bytes > bodyBytesMax) throw tooLarge(question, what);
      progress.pieces.push(piece);
    }
  } catch (error) {
    if (!isDecodingError(error)) throw error;
    const why = `its body is not what its Content-Encoding says (${encoding ?? "none"}): ${(error as Error).message}`;
    throw new TargetError("malformed", `Cannot read ${what}: ${why}`, { cause: error });
  }
  const received = new Headers();
  for (const [name, value] of Object.entries(response.headers))
    for (const item of [value ?? []].flat()) received.append(name, item);
  return { status: response.statusCode, headers: received, bytes: Buffer.concat(progress.pieces), receivedBytes };
}

/** One reason for all who ask there. */
function tooLarge({ method, url }: Question, what: string): TargetError {
  const size = sizeText(bodyBytesMax);
  return new TargetError("malformed", `Cannot read ${what}: the body is larger than ${size}`, {
    hint: `${method} ${new URL(url).pathname} is answered with more than ${size}: no client can hold that`,
  });
}

function lateError({ method, url }: Question, waitedMs: number, progress: Progress, cause: unknown): TimeoutError {
  const { response, bytes, pieces } = progress;
  const beginning = Buffer.concat(pieces).toString("utf8", 0, 1_000);
  const came = response === undefined ? "no head came" : `status ${response.statusCode} and ${bytes} octets came`;
  return new TimeoutError(
    `Cannot ${method} ${url}: no whole answer within ${waitedMs} ms, ${came}`,
    response === undefined ? [] : [{ status: response.statusCode, headers: response.headers, text: beginning }],
    { cause },
  );
}

async function brokenError(
  { method, url }: Question,
  network: Network,
  error: NodeJS.ErrnoException,
): Promise<TargetError> {
  const name = error.code ?? error.name;
  const isUnreachable = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT.*)$/.test(name);
  const why = error.message.includes(name) ? error.message : `${name} ${error.message}`.trimEnd();
  return new TargetError(isUnreachable ? "unreachable" : "closed", `Cannot ${method} ${url}: ${why}`, {
    cause: error,
    hint: isUnreachable ? undefined : await hintFor(url, error, network),
  });
}
