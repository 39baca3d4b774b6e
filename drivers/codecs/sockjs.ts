// SockJS frames: "o" open, "h" heart-beat, a["…"] messages, c[code,"reason"] close. Pure; strict.
// Source: sockjs-protocol 0.3.3, "Framing".

export type SockjsFrame =
  | { kind: "open" }
  | { kind: "heart-beat" }
  | { kind: "messages"; texts: string[] }
  | { kind: "close"; code: number; reason: string };

/** Reads one frame (without the line end of the streaming transports). Throws SyntaxError when it is none. */
export function readSockjsFrame(text: string): SockjsFrame {
  if (text === "o") return { kind: "open" };
  if (text === "h") return { kind: "heart-beat" };
  if (text.startsWith("a")) {
    const texts: unknown = JSON.parse(text.slice(1));
    if (Array.isArray(texts) && texts.every((item) => typeof item === "string")) return { kind: "messages", texts };
  }
  if (text.startsWith("c")) {
    const close: unknown = JSON.parse(text.slice(1));
    if (Array.isArray(close) && typeof close[0] === "number" && typeof close[1] === "string")
      return { kind: "close", code: close[0], reason: close[1] };
  }
  throw new SyntaxError(
    `Cannot read a SockJS frame: ${JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)}`,
  );
}
