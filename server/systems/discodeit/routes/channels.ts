// REST: channels. Source: the Discodeit contract, "REST".

import { Router } from "express";
import {
  createPrivateChannel,
  createPublicChannel,
  deleteChannel,
  listChannels,
  updateChannel,
} from "../domain/channels.ts";
import type { Core } from "../domain/core.ts";
import { forbidden } from "../domain/problem.ts";
import { channelUpdateSchema, parse, privateChannelSchema, publicChannelSchema } from "../domain/validation.ts";
import { idFrom, jsonBody, principalOf } from "./body.ts";

export function channelRoutes(core: Core): Router {
  const router = Router();
  router.get("/channels", async (request, response) => {
    const principal = principalOf(response);
    if (idFrom(request.query["userId"], "userId") !== principal.userId)
      throw forbidden("Cannot list the channels: they are another user's");
    response.json(await listChannels(core, principal));
  });
  router.post("/channels/public", async (request, response) => {
    const { name, description } = parse(publicChannelSchema, await jsonBody(request, response));
    response.status(201).json(await createPublicChannel(core, principalOf(response), name, description ?? ""));
  });
  router.post("/channels/private", async (request, response) => {
    const { participantIds } = parse(privateChannelSchema, await jsonBody(request, response));
    response.status(201).json(await createPrivateChannel(core, principalOf(response), participantIds));
  });
  router.patch("/channels/:channelId", async (request, response) => {
    const id = idFrom(request.params.channelId, "channelId");
    const changes = parse(channelUpdateSchema, await jsonBody(request, response));
    response.json(await updateChannel(core, principalOf(response), id, changes));
  });
  router.delete("/channels/:channelId", async (request, response) => {
    await deleteChannel(core, principalOf(response), idFrom(request.params.channelId, "channelId"));
    response.status(204).end();
  });
  return router;
}
