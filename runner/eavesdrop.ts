// Somebody subscribes to what is not theirs: what the target makes of it, and what it delivers nevertheless.

import { TargetError, TimeoutError } from "../drivers/errors.ts";
import type { StompConnection } from "../drivers/stomp.ts";
import { answerDeadlineMs, hashOf, type Scene } from "./faults/client.ts";

interface Eavesdropping {
  subscription: string;
  user: string;
  destination: string;
  place: string;
}

/** Subscribes on a connection of its own and goes on listening. In the history it listens to no room at all. */
export async function eavesdrop(
  { recorder, speaker, receipts }: Scene,
  connection: StompConnection,
  { subscription, user, destination, place }: Eavesdropping,
): Promise<"refused" | "accepted" | "silent"> {
  recorder.note({ type: "subscription", subscription, user, rooms: [], transport: "websocket", ownMessages: true });
  recorder.note({ type: "open", subscription, epoch: 1, place });
  connection.inbox.onItem = (frame) => {
    const text = frame.command === "MESSAGE" ? speaker.heardIn(frame.body)?.text : undefined;
    const message = text === undefined ? undefined : recorder.markerIn(text);
    if (text === undefined || message === undefined) return;
    recorder.note({ type: "heard", subscription, epoch: 1, how: "pushed", message, hash: hashOf(text) });
  };
  try {
    if (!receipts) {
      connection.sendSubscribe(destination);
      return "silent";
    }
    await connection.subscribeWithReceipt(destination, answerDeadlineMs);
    return "accepted";
  } catch (error) {
    if (error instanceof TargetError) return "refused";
    if (error instanceof TimeoutError) return "silent";
    throw error;
  }
}
