// What every client of a fault run has: who it is, where it goes, what it notes, and how it waits before it tries
// again.

import { createHash } from "node:crypto";
import type { EventEmitter } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import type { Place } from "../../checkers/history.ts";
import type { Network } from "../../drivers/network.ts";
import type { RestClient } from "../../drivers/rest.ts";
import type { Transcript } from "../../drivers/transcript.ts";
import type { Target } from "../../systems/target.ts";
import type { Account } from "../account-pool.ts";
import type { Channel } from "../rooms.ts";
import type { Places } from "./places.ts";
import type { Untold } from "./raw-clients.ts";
import type { Recorder } from "./recorder.ts";
import type { Speaker } from "../speaker.ts";
import { cutAt, quoted } from "../../drivers/quoted.ts";

/** Shared by all clients of a run. */
export interface Scene {
  recorder: Recorder;
  /** What was sent where nothing answers. */
  untold: Untold;
  places: Places;
  network: Network;
  speaker: Speaker;
  transcript: Transcript;
  kafka: Target["kafka"];
  /** Whether the target answers with RECEIPT frames, and begins a stream with an event; measured. */
  receipts: boolean;
  greets: boolean;
  /** The target sent what no client can read: the run fails for it, and goes on. */
  blame(what: string): void;
  /** Posts a message to a room in the name of a member other than this one; returns its marker. */
  speak(room: Room, except: Account): Promise<string>;
  /** "denied": somebody was answered 401. Logins may not have outlived a fault: whoever keeps them logs in again. */
  denials: EventEmitter<{ denied: [] }>;
  /** Aborted: nobody tries again any more. */
  over: AbortSignal;
}

export interface Room {
  name: string;
  channel: Channel;
  members: readonly Account[];
}

/** How long a connection or an answer may take; then it is given up. */
export const answerDeadlineMs = 8_000;
/** The contract's heart-beat and ping intervals are 10 s; a connection that was silent for so long is dead. */
const silenceMsMax = 22_000;

const pauseMsMin = 100;
const pauseMsMax = 1_000;

/** Before another try: longer with each failure, with jitter, and over at once when the run is. */
export async function pauseBeforeRetry(failures: number, over: AbortSignal): Promise<void> {
  const longestMs = Math.min(pauseMsMax, pauseMsMin * 2 ** Math.min(failures, 6));
  await wait(longestMs / 2 + (Math.random() * longestMs) / 2, undefined, { signal: over }).catch(() => undefined);
}

/**
 * What is sent: the marker, the room's name (a notification does not always say its channel), and something that
 * differs in length.
 */
export const textOf = (marker: string, room: Room, sequence: number): string =>
  `${marker} ${room.name} ${"lorem ipsum ".repeat(sequence % 12)}`.trimEnd();

/** A JSON body that the target sent, or undefined: then it is blamed for it. */
export function bodyFrom(scene: Scene, text: string | undefined, what: string): object | undefined {
  try {
    const body: unknown = JSON.parse(text ?? "");
    if (typeof body === "object" && body !== null) return body;
  } catch {
    // reported below
  }
  scene.blame(`${what} is no JSON object: ${quoted(text ?? "", 120)}`);
  return undefined;
}

/** The room's name in a text of `textOf`. */
export const roomIn = (text: string): string => text.split(" ")[1] ?? "";

export const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);

/** Somebody, asking at another place. */
export const accountAt = (scene: Scene, account: Account, place: Place): Account => ({
  ...account,
  rest: restAt(scene, account, place),
});

export const restAt = (scene: Scene, account: Account, place: Place): RestClient =>
  account.rest.at({ baseUrl: scene.places.url(place), transcript: scene.transcript });

export const reasonOf = (error: unknown): string => cutAt(error instanceof Error ? error.message : String(error), 300);

/** Calls `onSilent` once when `sign` was not called for `silenceMsMax`. */
export function watchSilence(onSilent: () => void): { sign: () => void; stop: () => void } {
  const timer = setTimeout(onSilent, silenceMsMax);
  return {
    sign() {
      timer.refresh();
    },
    stop() {
      clearTimeout(timer);
    },
  };
}
