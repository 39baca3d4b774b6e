// When does each side of a STOMP session have to show that it lives? Terms: each direction beats at the larger of both
// sides' wishes, and only if neither said 0. Any data counts as a sign of life. Source: STOMP 1.2 "Heart-beating";
// lenience: a client is dead after twice its promise plus a second, not after once.

import { heartBeatMs } from "../../systems/discodeit/wire.ts";

export interface HeartBeatTerms {
  /** We write at least this often; 0 = never. */
  sendEveryMs: number;
  /** The client promised to write at least this often; 0 = it did not. */
  hearEveryMs: number;
}

/** setTimeout's largest delay; a client that wants fewer beats than one in 24 days gets none. */
const timerMsMax = 2 ** 31 - 1;

/**
 * Reads the client's header: "its own promise, its wish", or undefined when it is malformed. A missing header is 0,0.
 */
export function negotiateHeartBeat(header: string | undefined): HeartBeatTerms | undefined {
  const match = /^(\d{1,10}),(\d{1,10})$/.exec(header ?? "0,0");
  if (!match) return undefined;
  return { sendEveryMs: larger(Number(match[2])), hearEveryMs: larger(Number(match[1])) };
}

function larger(clientMs: number): number {
  if (clientMs === 0) return 0;
  const agreedMs = Math.max(clientMs, heartBeatMs);
  return agreedMs * 3 > timerMsMax ? 0 : agreedMs;
}

export class HeartBeat {
  #beat: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;
  #wrote = true;
  #heardAtMs = performance.now();
  #deaf = false;

  constructor(terms: HeartBeatTerms, sendBeat: () => void, onSilence: () => void) {
    if (terms.sendEveryMs > 0) {
      // Ticking at a bit less than half the interval and beating after an idle tick keeps each gap within the interval.
      this.#beat = setInterval(() => {
        if (!this.#wrote) sendBeat();
        this.#wrote = false;
      }, terms.sendEveryMs * 0.45);
    }
    if (terms.hearEveryMs > 0) this.#awaitSilence(terms.hearEveryMs * 2 + 1_000, onSilence);
  }

  /** One timer that is set again when it goes off, not with each read: reads are many. */
  #awaitSilence(silenceMsMax: number, onSilence: () => void): void {
    if (this.#deaf) this.noteRead();
    const leftMs = this.#heardAtMs + silenceMsMax - performance.now();
    if (leftMs <= 0) onSilence();
    else this.#silence = setTimeout(() => this.#awaitSilence(silenceMsMax, onSilence), leftMs);
  }

  noteWrite(): void {
    this.#wrote = true;
  }

  noteRead(): void {
    this.#heardAtMs = performance.now();
  }

  /** While nothing is read, nothing can be heard: that is not the client's silence. */
  pauseHearing(): void {
    this.#deaf = true;
  }

  resumeHearing(): void {
    this.#deaf = false;
    this.noteRead();
  }

  stop(): void {
    clearInterval(this.#beat);
    clearTimeout(this.#silence);
  }
}
