// How does a fact become a record? It gets the id that it keeps wherever it goes, and the JSON that is delivered.

import { v7 as newId } from "uuid";
import type { Delivery, EventRecord } from "./records.ts";

/** All of a room is in one order: the room is the key. */
export const newDelivery = (
  roomId: number,
  destination: string,
  body: object,
  createdAtMs: number = Date.now(),
): Delivery => ({
  topic: "messages",
  id: newId(),
  channelId: String(roomId),
  destination,
  body: JSON.stringify(body),
  createdAtMs,
});

/** Nobody hears it; the subscriptions of the user are checked where it stands in the room's order. */
export const rightsChanged = (roomId: number, userId: string): Delivery => ({
  ...newDelivery(roomId, "", {}),
  rightsOf: userId,
});

/** `channelId`: the room that one must be in, now and at replay, to read the event. */
export const newEvent = (
  name: string,
  data: unknown,
  receivers: EventRecord["receivers"],
  channelId?: string,
): EventRecord => ({
  topic: "events",
  id: newId(),
  name,
  data: JSON.stringify(data),
  receivers,
  ...(channelId === undefined ? {} : { channelId }),
  createdAtMs: Date.now(),
});
