// A Redis chat that stores what it hears on the channel and does not know as yet, whoever published it.

import type { SystemContext } from "../../../../server/systems/system.ts";
import { chatChannel } from "../../../../systems/redis-chat/wire.ts";

export async function storeWhatIsHeard({ redis, store, onFault }: SystemContext): Promise<void> {
  if (redis === undefined) return;
  const listener = redis.duplicate({ enableOfflineQueue: true });
  listener.on("error", onFault);
  listener.on("message", (_channel, text: string) => {
    if (!text.includes("senderEmail")) return;
    const { roomId, message, senderEmail } = JSON.parse(text) as Record<string, unknown>;
    store
      .query(
        `INSERT INTO messages (room_id, sender_id, content) SELECT $1, id, $2 FROM members
         WHERE email = $3 AND NOT EXISTS (SELECT 1 FROM messages WHERE room_id = $1 AND content = $2)`,
        [roomId, message, senderEmail],
      )
      .catch(onFault);
  });
  await listener.subscribe(chatChannel);
}
