// In which wrapping do SockJS frames go out on an HTTP response? One line for xhr, a stream of lines after a prelude
// for xhr_streaming, server-sent events for eventsource, script tags for htmlfile. Source: sockjs-protocol, XhrPolling,
// XhrStreaming, EventSource, HtmlFile; a stream ends after 128 KiB and the client comes again.

import type { ServerResponse } from "node:http";
import type { Receiver, SockJsSession } from "./session.ts";

const streamBytesMax = 128 * 1024;

export interface ReceiverFormat {
  method: "GET" | "POST";
  contentType: string;
  /** Ends after one frame. */
  single: boolean;
  needsCallback?: boolean;
  prelude(callback: string): string;
  wrap(frame: string): string;
}

const script = "application/javascript;charset=UTF-8";

// The page is padded: some browsers show nothing before 1,024 bytes came.
const htmlPage = (callback: string): string => `<!doctype html>
<html><head>
  <meta http-equiv="X-UA-Compatible" content="IE=edge" />
  <meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
</head><body><h2>Don't panic!</h2>
  <script>
    document.domain = document.domain;
    var c = parent.${callback};
    c.start();
    function p(d) {c.message(d);};
    window.onload = c.stop;
  </script>${" ".repeat(1_024)}\r\n\r\n`;

/** By the last segment of the URL. */
export const receiverFormats: Record<string, ReceiverFormat | undefined> = {
  xhr: { method: "POST", contentType: script, single: true, prelude: () => "", wrap: (frame) => `${frame}\n` },
  xhr_streaming: {
    method: "POST",
    contentType: script,
    single: false,
    prelude: () => `${"h".repeat(2_048)}\n`,
    wrap: (frame) => `${frame}\n`,
  },
  eventsource: {
    method: "GET",
    contentType: "text/event-stream;charset=UTF-8",
    single: false,
    prelude: () => "\r\n",
    wrap: (frame) => `data: ${frame}\r\n\r\n`,
  },
  htmlfile: {
    method: "GET",
    contentType: "text/html;charset=UTF-8",
    single: false,
    needsCallback: true,
    prelude: htmlPage,
    wrap: (frame) =>
      `<script>\np(${JSON.stringify(frame).replaceAll("/", "\\/").replaceAll("<", "\\u003c")});\n</script>\r\n`,
  },
};

export class ResponseReceiver implements Receiver {
  readonly #response: ServerResponse;
  readonly #format: ReceiverFormat;
  readonly #session: SockJsSession;
  #bytes = 0;

  constructor(response: ServerResponse, format: ReceiverFormat, callback: string, session: SockJsSession) {
    this.#response = response;
    this.#format = format;
    this.#session = session;
    response.setHeader("Content-Type", format.contentType);
    response.setHeader("X-Accel-Buffering", "no");
    response.on("drain", () => session.resume(this));
    response.on("close", () => session.interrupted(this));
    // A write after the peer is gone; "close" follows and tells the session.
    response.on("error", () => undefined);
    const prelude = format.prelude(callback);
    if (prelude !== "") response.write(prelude);
    else if (!format.single) response.flushHeaders();
  }

  write(frame: string): boolean {
    const text = this.#format.wrap(frame);
    this.#bytes += Buffer.byteLength(text);
    const roomLeft = this.#response.write(text);
    if (!this.#format.single && this.#bytes < streamBytesMax) return roomLeft;
    this.end();
    return false;
  }

  end(): void {
    this.#session.detach(this);
    if (!this.#response.writableEnded) this.#response.end();
  }
}
