// REST: rooms. Source: the study-room contract, "REST".

import { Router, type Request, type Response } from "express";
import type { Core } from "../../core.ts";
import { Problem } from "../../problem.ts";
import { jsonBody, principalOf } from "../../request.ts";
import { roomIdIn } from "../../rooms.ts";
import { parse } from "../../validation.ts";
import { history } from "../domain/messages.ts";
import { joinRoom, leaveRoom, listRooms, openRoom, participants, room } from "../domain/rooms.ts";
import { pageSchema, roomIdSchema, roomSchema, roomsPageSchema } from "../domain/validation.ts";
import { answer } from "./answers.ts";

/** The body says the room once more. */
async function confirmedRoomId(request: Request<{ id: string }>, response: Response): Promise<number> {
  const id = roomIdIn(request);
  const { roomId } = parse(roomIdSchema, await jsonBody(request, response));
  if (roomId !== id) throw new Problem(400, "ROOM_MISMATCH", "roomId: is not the path's");
  return id;
}

export function roomRoutes(core: Core): Router {
  const router = Router();
  router.post("/rooms", async (request, response) =>
    answer(response, await openRoom(core, principalOf(response), parse(roomSchema, await jsonBody(request, response)))),
  );
  router.get("/rooms", async (request, response) =>
    answer(response, await listRooms(core, parse(roomsPageSchema, request.query))),
  );
  router.get("/rooms/:id", async (request, response) => answer(response, await room(core, roomIdIn(request))));
  router.post("/rooms/:id/join", async (request, response) =>
    answer(response, await joinRoom(core, principalOf(response), await confirmedRoomId(request, response))),
  );
  router.delete("/rooms/:id/leave", async (request, response) =>
    answer(response, await leaveRoom(core, principalOf(response), await confirmedRoomId(request, response))),
  );
  router.get("/rooms/:id/participants", async (request, response) =>
    answer(response, await participants(core, principalOf(response), roomIdIn(request))),
  );
  router.get("/rooms/:id/messages", async (request, response) =>
    answer(response, await history(core, principalOf(response), roomIdIn(request), parse(pageSchema, request.query))),
  );
  return router;
}
