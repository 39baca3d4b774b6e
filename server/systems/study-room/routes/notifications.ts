// REST: event streams, and what is known of them here. Source: the study-room contract, "SSE".

import { Router, type RequestHandler } from "express";
import { apiPath, subscribePath } from "../../../../systems/study-room/wire.ts";
import { commit, enqueue } from "../../../bus/outbox.ts";
import type { Core } from "../../core.ts";
import { principalOf } from "../../request.ts";
import { notification, personOf } from "../domain/facts.ts";

export type Streams = () => ReadonlyMap<string, number>;

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
      await enqueue(tx, notification({ type: "TEST", actor, message: "test" }, [principal.userId]));
      return actor.providerId;
    });
    response.json({ success: true, providerId, connections: streams().get(principal.userId) ?? 0, message: "sent" });
  });
  return router;
}
