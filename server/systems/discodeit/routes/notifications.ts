// REST: notifications. Source: the Discodeit contract, "REST".

import { Router } from "express";
import type { Core } from "../domain/core.ts";
import { deleteNotification, listNotifications } from "../domain/notifications.ts";
import { idFrom, principalOf } from "./body.ts";

export function notificationRoutes(core: Core): Router {
  const router = Router();
  router.get(
    "/notifications",
    async (_, response) => void response.json(await listNotifications(core, principalOf(response))),
  );
  router.delete("/notifications/:notificationId", async (request, response) => {
    await deleteNotification(core, principalOf(response), idFrom(request.params.notificationId, "notificationId"));
    response.status(204).end();
  });
  return router;
}
