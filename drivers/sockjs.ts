// A SockJS session as a text transport, over websocket, xhr-streaming or xhr-polling. Our own, so that bytes can be
// judged. Terms: receiving request – the GET/POST on which the server writes frames; at most one is open. Source:
// sockjs-protocol 0.3.3.

import { randomBytes, randomInt } from "node:crypto";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { request, type Dispatcher } from "undici";
import { readSockjsFrame, type SockjsFrame } from "./codecs/sockjs.ts";
import { within } from "./deadline.ts";
import { decoded } from "./encoding.ts";
import { TargetError, TimeoutError } from "./errors.ts";
import { messageBytesMax, sizeText } from "./limits.ts";
import { webSocketUrl, withHeaders, type Network } from "./network.ts";
import { describeClose, hintForClose, type CloseInfo, type TextTransport } from "./transport.ts";
import { browserHeaders, closeOf, openWebSocket, readTexts } from "./websocket.ts";

export type SockjsTransportName = "sockjs-websocket" | "xhr-streaming" | "xhr-polling";

/** `<endpoint>/<server>/<session>`, made as sockjs-client makes it. */
export const sockjsSessionUrl = (endpointUrl: string): string =>
  `${endpointUrl}/${String(randomInt(1_000)).padStart(3, "0")}/${randomBytes(6).toString("base64url").replace(/[-_]/g, "x")}`;

/** Frames in, texts out; shared by all transports. */
class Session {
  readonly closed: Promise<CloseInfo>;
  readonly opened: Promise<void>;
  isClosed = false;
  #isOpen = false;
  #listener: ((text: string) => void) | undefined;
  /** Texts that came before anybody listened. */
  readonly #early: string[] = [];
  #earlyChars = 0;
  #resolveOpened!: () => void;
  #rejectOpened!: (error: Error) => void;
  #resolveClosed!: (info: CloseInfo) => void;

  readonly onFrame: ((frame: string) => void) | undefined;

  constructor(onFrame: ((frame: string) => void) | undefined) {
    this.onFrame = onFrame;
    this.opened = new Promise((resolve, reject) => {
      this.#resolveOpened = resolve;
      this.#rejectOpened = reject;
    });
    this.opened.catch(() => {}); // whoever opens awaits it
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
  }

  take(frame: SockjsFrame): void {
    if (frame.kind === "open") this.#open();
    else if (frame.kind === "close") this.end({ code: frame.code, reason: frame.reason });
    else if (frame.kind === "messages") for (const text of frame.texts) this.#hear(text);
  }

  /**
   * A second time: whoever answers does not know the session and began another one, as after a restart. sockjs-client
   * takes that for the end, too.
   */
  #open(): void {
    if (this.#isOpen) this.end({ code: 1006, reason: "the server lost the session" });
    this.#isOpen = true;
    this.#resolveOpened();
  }

  #hear(text: string): void {
    if (this.#listener !== undefined) {
      this.#listener(text);
      return;
    }
    this.#early.push(text);
    this.#earlyChars += text.length + 1;
    if (this.#earlyChars > messageBytesMax)
      this.fail(
        new TargetError("malformed", `the target sent more than ${sizeText(messageBytesMax)} before anybody listened`),
      );
  }

  fail(error: TargetError): void {
    this.#rejectOpened(error);
    const malformed = error.code === "malformed" ? { malformed: error.message } : {};
    this.end({ code: 1006, reason: error.message, ...malformed });
  }

  end(info: CloseInfo): void {
    this.isClosed = true;
    this.#rejectOpened(
      new TargetError(
        info.malformed === undefined ? "closed" : "malformed",
        `Cannot open the SockJS session: ${describeClose(info)}`,
        { hint: hintForClose(info) },
      ),
    );
    this.#resolveClosed(info);
  }

  listen(listener: (text: string) => void): void {
    this.#listener = listener;
    for (const text of this.#early.splice(0)) listener(text);
  }
}

export interface SockjsOptions {
  network: Network;
  headers?: Record<string, string>;
  /** As WebSocketOptions'. */
  origin?: string | null | undefined;
  openTimeoutMs?: number;
  sessionUrl?: string;
  /** Over websocket: what is sent goes out as it is, and not as a text in an array. */
  asIs?: true;
  /** Hears each frame as it came, before it is read. */
  onFrame?: (frame: string) => void;
}

/**
 * Opens a session and waits for its `o` frame. Throws TargetError "refused" when the transport is answered with an
 * error status, TimeoutError.
 */
export async function openSockjs(
  endpointUrl: string,
  transport: SockjsTransportName,
  options: SockjsOptions,
): Promise<TextTransport> {
  const session = new Session(options.onFrame);
  const sessionUrl = options.sessionUrl ?? sockjsSessionUrl(endpointUrl);
  const opened =
    transport === "sockjs-websocket"
      ? await overWebSocket(session, sessionUrl, options)
      : overXhr(session, sessionUrl, transport, options);
  const deadlineMs = options.openTimeoutMs ?? 5_000;
  try {
    await within(deadlineMs, session.opened, () => {
      throw new TimeoutError(`Cannot open ${sessionUrl} over ${transport}: no open frame within ${deadlineMs} ms`);
    });
    return opened;
  } catch (error) {
    opened.terminate();
    throw error;
  }
}

async function overWebSocket(
  session: Session,
  sessionUrl: string,
  { network, headers = {}, origin, asIs }: SockjsOptions,
): Promise<TextTransport> {
  const socket = await openWebSocket(`${webSocketUrl(sessionUrl)}/websocket`, { network, headers, origin });
  void closeOf(socket).then((info) => session.end(info));
  void session.closed.then(({ malformed }) => {
    if (malformed !== undefined) socket.terminate(); // it may pour on
  });
  readTexts(socket, (text) => takeText(session, text));
  return {
    kind: "sockjs-websocket",
    send: (text) => socket.send(asIs === true ? text : JSON.stringify([text])),
    onText: (listener) => session.listen(listener),
    closed: session.closed,
    close: () => socket.close(1000),
    terminate: () => socket.terminate(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
}

function takeText(session: Session, text: string): void {
  session.onFrame?.(text);
  try {
    session.take(readSockjsFrame(text));
  } catch (error) {
    session.fail(new TargetError("malformed", (error as Error).message));
  }
}

/** Whether the reader may go on; closed, it makes the reader wait, and the server's buffers fill. */
class Gate {
  #closed: Promise<void> | undefined;
  #open: (() => void) | undefined;

  passed(): Promise<void> {
    return this.#closed ?? Promise.resolve();
  }

  close(): void {
    this.#closed ??= new Promise((resolve) => (this.#open = resolve));
  }

  open(): void {
    this.#open?.();
    this.#closed = undefined;
  }
}

function overXhr(
  session: Session,
  sessionUrl: string,
  kind: "xhr-streaming" | "xhr-polling",
  options: SockjsOptions,
): TextTransport {
  const abort = new AbortController();
  const gate = new Gate();
  // A receiving request is open for as long as the server likes; what is sent is answered at once.
  const call = (path: string, body?: string): Promise<Dispatcher.ResponseData> =>
    request(`${sessionUrl}/${path}`, {
      method: "POST",
      dispatcher: options.network.dispatcher,
      signal: abort.signal,
      headersTimeout: body === undefined ? 0 : options.network.answerTimeoutMs,
      bodyTimeout: body === undefined ? 0 : options.network.answerTimeoutMs,
      headers: withHeaders(
        { "content-type": "text/plain;charset=UTF-8" },
        browserHeaders(options, { method: "POST", url: sessionUrl }),
      ),
      ...(body === undefined ? {} : { body }),
    });
  const lost = (error: Error): void =>
    error instanceof TargetError ? session.fail(error) : session.end({ code: 1006, reason: error.message });
  receiveAll(session, () => call(kind === "xhr-streaming" ? "xhr_streaming" : "xhr"), gate, sessionUrl).catch(lost);
  // One send at a time: the order of the frames is the order of the requests.
  let sending: Promise<void> = Promise.resolve();
  const send = (text: string): void => {
    sending = sending.then(() => sendOne(session, () => call("xhr_send", JSON.stringify([text])), sessionUrl));
    sending.catch(lost);
  };
  const end = (code: number) => (): void => {
    session.end({ code, reason: "" });
    abort.abort();
  };
  return {
    kind,
    send,
    onText: (listener) => session.listen(listener),
    closed: session.closed,
    close: end(1000),
    terminate: end(1006),
    pause: () => gate.close(),
    resume: () => gate.open(),
  };
}

async function receiveAll(
  session: Session,
  receive: () => Promise<Dispatcher.ResponseData>,
  gate: Gate,
  sessionUrl: string,
): Promise<void> {
  while (!session.isClosed) {
    const response = await receive();
    if (response.statusCode !== 200) {
      discard(response.body);
      session.fail(new TargetError("refused", `Cannot receive from ${sessionUrl}: answered ${response.statusCode}`));
      return;
    }
    const encoding = response.headers["content-encoding"]?.toString();
    await readFrames(session, decoded(response.body, encoding, sessionUrl), gate, sessionUrl);
  }
}

/** Frames end with LF. The one whose end has not come is kept in pieces: searched once, joined once. */
async function readFrames(session: Session, body: Readable, gate: Gate, sessionUrl: string): Promise<void> {
  const decoder = new StringDecoder("utf8");
  let pending: string[] = [];
  let pendingChars = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    await gate.passed();
    if (session.isClosed) return;
    const lines = decoder.write(chunk).split("\n");
    const rest = lines.pop()!;
    for (const end of lines) {
      const line = [...pending, end].join("");
      [pending, pendingChars] = [[], 0];
      if (line !== "" && !/^h{2048}$/.test(line)) takeText(session, line);
    }
    if (rest !== "") pending.push(rest);
    pendingChars += rest.length;
    if (pendingChars > messageBytesMax) {
      const size = sizeText(messageBytesMax);
      session.fail(new TargetError("malformed", `Cannot receive from ${sessionUrl}: a frame is larger than ${size}`));
      return;
    }
  }
}

async function sendOne(
  session: Session,
  post: () => Promise<Dispatcher.ResponseData>,
  sessionUrl: string,
): Promise<void> {
  if (session.isClosed) return;
  const response = await post();
  if (response.statusCode === 204) {
    await response.body.dump();
    return;
  }
  discard(response.body);
  session.fail(new TargetError("refused", `Cannot send over ${sessionUrl}/xhr_send: answered ${response.statusCode}`));
}

/** Nobody reads it, however long it is. */
function discard(body: Readable): void {
  body.on("error", () => {}); // it was cut off by us
  body.destroy();
}
