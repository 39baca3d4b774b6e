// STOMP frames of thousands of connections, separated where they lie: only what an ear needs is read, and nothing is
// made of it. A frame ends at its NUL: what a load run says has none in it. Not a judge: drivers/codecs/stomp.ts is.

/** The first octet of what a server sends says which frame it is. */
export const frames = { message: 0x4d, receipt: 0x52, connected: 0x43, error: 0x45 } as const;

const [lf, cr, nul] = [0x0a, 0x0d, 0];
/** Of what is kept of a frame that came in several WebSocket messages. */
const restBytesMax = 1024 * 1024;

export interface FrameListener {
  /** A whole frame without its NUL; `octets` are valid during the call alone. */
  onFrame(socket: number, octets: Buffer, from: number, to: number): void;
}

/** Cuts what comes on many sockets into frames. */
export class FrameCutter {
  readonly #listener: FrameListener;
  /** Socket → what came of a frame that is not whole. Few servers cut frames. */
  readonly #rests = new Map<number, Buffer>();

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  /** False: it is longer than any frame that is taken. */
  take(socket: number, octets: Buffer, from: number, to: number): boolean {
    const rest = this.#rests.size === 0 ? undefined : this.#rests.get(socket);
    if (rest === undefined) return this.#cut(socket, octets, from, to);
    this.#rests.delete(socket);
    const whole = Buffer.concat([rest, octets.subarray(from, to)]);
    return this.#cut(socket, whole, 0, whole.length);
  }

  forget(socket: number): void {
    this.#rests.delete(socket);
  }

  #cut(socket: number, octets: Buffer, from: number, to: number): boolean {
    let at = from;
    for (;;) {
      while (at < to && (octets[at] === lf || octets[at] === cr)) at++; // heart-beats
      if (at === to) return true;
      const end = octets.indexOf(nul, at);
      if (end < 0 || end >= to) break;
      this.#listener.onFrame(socket, octets, at, end);
      at = end + 1;
    }
    if (to - at > restBytesMax) return false;
    this.#rests.set(socket, Buffer.from(octets.subarray(at, to)));
    return true;
  }
}

/** The value of a header, undefined when the frame has none; escapes stay. */
export function headerIn(octets: Buffer, from: number, to: number, name: string): string | undefined {
  const head = octets.toString("utf8", from, endOfHead(octets, from, to));
  for (const line of head.split("\n").slice(1))
    if (line.startsWith(`${name}:`)) return line.slice(name.length + 1).replace(/\r$/, "");
  return undefined;
}

function endOfHead(octets: Buffer, from: number, to: number): number {
  for (let at = from; at + 1 < to; at++)
    if (octets[at] === lf && (octets[at + 1] === lf || (octets[at + 1] === cr && octets[at + 2] === lf))) return at;
  return to;
}
