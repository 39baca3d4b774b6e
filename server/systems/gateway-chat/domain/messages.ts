// What was said in a room? A message is stored, and with it, in the same transaction, a record for each of the two
// destinations on which it is heard: what is not stored is broadcast to nobody. Source: the gateway chat contract,
// sections 2 and 3.

import { v7 as newId } from "uuid";
import { roomAlias, roomDestination } from "../../../../systems/gateway-chat/wire.ts";
import { enqueueAll } from "../../../bus/outbox.ts";
import type { Delivery } from "../../../bus/records.ts";
import type { SystemContext } from "../../system.ts";
import type { ChatRequest } from "./validation.ts";

/** Anybody may write, and nobody deletes: of all rooms together the newest are kept. */
const keptMessages = 100_000;
const sweepEvery = 1_000;

/** As raw sockets hear it: all but the one that it came from. */
export interface Said extends Delivery {
  /** The raw socket. */
  from?: string;
}

/** Resolves after the commit. */
export async function say(core: Pick<SystemContext, "store" | "outbox">, request: ChatRequest, from?: string) {
  const { roomId, sender, content, clientMsgId } = request;
  const id = newId();
  const timestamp = new Date();
  const body = JSON.stringify({ id, roomId, sender, content, timestamp, clientMsgId });
  const heardAt = (destination: string, recordId: string): Said => ({
    topic: "messages",
    id: recordId,
    channelId: roomId,
    destination,
    body,
    createdAtMs: timestamp.getTime(),
    ...(from === undefined ? {} : { from }),
  });
  await core.store.transaction(async (tx) => {
    const [stored] = await tx.query<{ number: number }>(
      `INSERT INTO messages (id, room_id, sender, content, created_at) VALUES ($1, $2, $3, $4, $5)
       RETURNING number`,
      [id, roomId, sender, content, timestamp.toISOString()],
    );
    const number = Number(stored?.number);
    if (number % sweepEvery === 0) await tx.query("DELETE FROM messages WHERE number <= $1", [number - keptMessages]);
    await enqueueAll(tx, [heardAt(roomDestination(roomId), id), heardAt(roomAlias(roomId), newId())]);
  });
  core.outbox.kick();
}
