// How much may a target make us hold? A target may be broken or hostile; it must cost bounded memory. Over a limit the
// connection or the request is closed, and whoever waits gets a TargetError "malformed" that says which limit it was.
// Eight proofs run at a time: all limits together keep a run below 350 MiB.

const kibi = 1_024;
const mebi = 1_024 * kibi;

/** One HTTP body, decoded. Uploads of the contract have at most 10 MiB; no list of a small run comes near. */
export const bodyBytesMax = 16 * mebi;

/** One line of an event stream. A chat event is a few KiB; browsers and proxies cut far below this. */
export const lineCharsMax = mebi;

/** One event, all its data lines together. */
export const eventCharsMax = 2 * mebi;

/**
 * One WebSocket message, SockJS frame or STOMP frame. Spring's default for a whole send buffer is 512 KiB; the contract
 * sends 1 MiB and expects it refused.
 */
export const messageBytesMax = 4 * mebi;

/** Fragments of one WebSocket message: each has its own buffer, however short. */
export const fragmentsMax = 4_096;

/** What one connection brought, as it is kept: texts and about 200 per object. A burst of a proof is some 100 KiB. */
export const inboxCharsMax = 4 * mebi;

/** The same of an event stream, of which a proof may have several: some ten thousand comments, or a thousand events. */
export const streamCharsMax = 2 * mebi;

/** The newest items that an inbox keeps whose items are taken as they come: for hours, in a run with faults. */
export const takenItemsKept = 2_000;

/** What the verdict of one clause may show, and keeps until the end of the run: some 290 clauses may fail. */
export const transcriptCharsMax = 192 * kibi;

/** `16 MiB`, `192 KiB`. */
export const sizeText = (bytes: number): string =>
  bytes >= mebi ? `${Math.round(bytes / mebi)} MiB` : `${Math.round(bytes / kibi)} KiB`;

/**
 * The beginning of a text, as a copy. V8's own slices keep the whole text alive: a line of evidence would hold a body
 * of 16 MiB.
 */
export function beginningOf(text: string, charsMax: number): string {
  const beginning = text.slice(0, charsMax);
  // eslint-disable-next-line no-control-regex -- one octet a character where that is enough
  const encoding = /^[\u0000-\u00FF]*$/.test(beginning) ? "latin1" : "utf16le";
  return Buffer.from(beginning, encoding).toString(encoding);
}

/**
 * All that a real page may be sent: a browser's own buffers, and what it reports of each piece, are not ours to bound.
 */
export const pageBytesMax = 16 * 1024 * 1024;
