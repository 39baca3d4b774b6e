// REST: messages. Source: the Discodeit contract, "REST".

import { Router } from "express";
import type { Core } from "../domain/core.ts";
import { deleteMessage, listMessages, postMessage, updateMessage } from "../domain/messages.ts";
import { messageSchema, messageUpdateSchema, pageSchema, parse } from "../domain/validation.ts";
import { idFrom, jsonBody, principalOf } from "./body.ts";
import { jsonPart, withForm } from "./multipart.ts";

const attachmentsMax = 10;

export function messageRoutes(core: Core): Router {
  const router = Router();
  const form = { fileParts: ["attachments"], filesMax: attachmentsMax, fileBytesMax: core.config.uploadBytesMax };
  router.get("/messages", async (request, response) => {
    response.json(await listMessages(core, principalOf(response), parse(pageSchema, request.query)));
  });
  router.post("/messages", async (request, response) => {
    const message = await withForm(request, response, form, (read) =>
      postMessage(
        core,
        principalOf(response),
        parse(messageSchema, jsonPart(read, "messageCreateRequest")),
        read.files,
      ),
    );
    response.status(201).json(message);
  });
  router.patch("/messages/:messageId", async (request, response) => {
    const id = idFrom(request.params.messageId, "messageId");
    const { newContent } = parse(messageUpdateSchema, await jsonBody(request, response));
    response.json(await updateMessage(core, principalOf(response), id, newContent));
  });
  router.delete("/messages/:messageId", async (request, response) => {
    await deleteMessage(core, principalOf(response), idFrom(request.params.messageId, "messageId"));
    response.status(204).end();
  });
  return router;
}
