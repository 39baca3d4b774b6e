// REST: read statuses. Source: the Discodeit contract, "REST".

import { Router } from "express";
import type { Core } from "../domain/core.ts";
import { forbidden } from "../domain/problem.ts";
import { createReadStatus, listReadStatuses, updateReadStatus } from "../domain/reads.ts";
import { parse, readStatusSchema, readStatusUpdateSchema } from "../domain/validation.ts";
import { idFrom, jsonBody, principalOf } from "./body.ts";

export function readStatusRoutes(core: Core): Router {
  const router = Router();
  router.get("/readStatuses", async (request, response) => {
    const principal = principalOf(response);
    if (idFrom(request.query["userId"], "userId") !== principal.userId)
      throw forbidden("Cannot list the read statuses: they are another user's");
    response.json(await listReadStatuses(core, principal));
  });
  router.post("/readStatuses", async (request, response) => {
    const status = parse(readStatusSchema, await jsonBody(request, response));
    response.status(201).json(await createReadStatus(core, principalOf(response), status));
  });
  router.patch("/readStatuses/:readStatusId", async (request, response) => {
    const id = idFrom(request.params.readStatusId, "readStatusId");
    const changes = parse(readStatusUpdateSchema, await jsonBody(request, response));
    response.json(await updateReadStatus(core, principalOf(response), id, changes));
  });
  return router;
}
