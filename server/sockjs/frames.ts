// How are messages framed in SockJS? o = open, h = heart-beat, a[…] = messages, c[code,"reason"] = close.
// Some code points are mangled or dropped by browsers and proxies, so they always travel escaped.
// Source: sockjs-protocol, JSONEncoding and the framing section.

// Surrogates travel escaped as well: a lone one cannot be said in UTF-8. Bytes that were UTF-8 hold none, pairs stay as
// they are.
const unsafe =
  // oxlint-disable-next-line no-control-regex, no-misleading-character-class
  /[\u0000-\u001f\u007f-\u009f\u00ad\u0300-\u036f\u0600-\u0604\u070f\u17b4\u17b5\u200c-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff0-\uffff]/g;

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** A string as JSON with everything escaped that does not survive every browser and proxy. */
export const quoteForSockJs = (text: string): string => JSON.stringify(text).replaceAll(unsafe, escapeUnit);

export const openFrame = "o";
export const heartBeatFrame = "h";
export const closeFrame = (code: number, reason: string): string => `c[${code},${quoteForSockJs(reason)}]`;

/**
 * The messages of a client's payload, or undefined when it is not a JSON array of strings (or, on WebSocket, one
 * string).
 */
export function parseClientMessages(payload: string, single: boolean): string[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (single && typeof value === "string") return [value];
  return Array.isArray(value) && value.every((item): item is string => typeof item === "string") ? value : undefined;
}
