// REST: rooms. Source: the study-room contract, "REST".

import { Router, type Request, type Response } from "express";
import { Problem } from "../../problem.ts";
import { jsonBody, principalOf } from "../../request.ts";
import { idIn, parse } from "../../validation.ts";
import type { Core } from "../domain/core.ts";
import { history } from "../domain/messages.ts";
import { joinRoom, leaveRoom, listRooms, openRoom, participants, room } from "../domain/rooms.ts";
import { pageSchema, roomIdSchema, roomSchema, roomsPageSchema } from "../domain/validation.ts";
import { answer } from "./answers.ts";

/** A path that names no number names no room. */
function roomIdOf(request: Request<{ id: string }>): number {
  const id = idIn(request.params.id);
  if (id === undefined) throw new Problem(404, "ROOM_NOT_FOUND", "room not found");
  return id;
}

/** The body says the room once more. */
async function confirmedRoomId(request: Request<{ id: string }>, response: Response): Promise<number> {
  const id = roomIdOf(request);
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
  router.get("/rooms/:id", async (request, response) => answer(response, await room(core, roomIdOf(request))));
  router.post("/rooms/:id/join", async (request, response) =>
    answer(response, await joinRoom(core, principalOf(response), await confirmedRoomId(request, response))),
  );
  router.delete("/rooms/:id/leave", async (request, response) =>
    answer(response, await leaveRoom(core, principalOf(response), await confirmedRoomId(request, response))),
  );
  router.get("/rooms/:id/participants", async (request, response) =>
    answer(response, await participants(core, principalOf(response), roomIdOf(request))),
  );
  router.get("/rooms/:id/messages", async (request, response) => {
    const page = parse(pageSchema, request.query);
    answer(response, await history(core, principalOf(response), roomIdOf(request), page));
  });
  return router;
}
