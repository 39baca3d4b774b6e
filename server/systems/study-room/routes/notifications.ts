// REST: event streams, and what is known of them here. Source: the study-room contract, "SSE".

import { Router, type RequestHandler } from "express";
import { apiPath, subscribePath } from "../../../../systems/study-room/wire.ts";
import { enqueueAll } from "../../../bus/outbox.ts";
import { principalOf } from "../../request.ts";
import { commit, type Core } from "../domain/core.ts";
import { notification } from "../domain/facts.ts";
import { personOf } from "../domain/rooms.ts";

type Streams = () => ReadonlyMap<string, number>;

export function notificationRoutes(core: Core, events: RequestHandler, streams: Streams): Router {
  const router = Router();
  router.get(subscribePath.slice(apiPath.length), events);
  router.get("/notifications/status", (_, response) => {
    const counts = streams();
    const totalConnections = [...counts.values()].reduce((sum, count) => sum + count, 0);
    // Of the users nobody is named but who asks: the others are none of its business.
    const { userId } = principalOf(response);
    const connectedUsers = counts.has(userId) ? [userId] : [];
    response.json({ totalConnections, uniqueUsers: counts.size, connectedUsers });
  });
  router.post("/notifications/test", async (_, response) => {
    const principal = principalOf(response);
    const providerId = await commit(core, async (tx) => {
      const actor = await personOf(tx, principal);
      const receivers = [principal.userId];
      await enqueueAll(tx, [notification({ type: "TEST", roomId: undefined, actor, message: "test", receivers })]);
      return actor.providerId;
    });
    response.json({ success: true, providerId, connections: streams().get(principal.userId) ?? 0, message: "sent" });
  });
  return router;
}
