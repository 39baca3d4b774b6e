// REST, all of it: sign-up and login, then what needs a token, then 404. Most answers are empty. Source: the Redis chat
// contract, sections 2 and 6.

import { Router, type Request, type Response } from "express";
import { logInPath, signUpPath } from "../../../systems/redis-chat/wire.ts";
import type { Principal } from "../../realtime/ports.ts";
import { errorAnswers, tokenCheck } from "../answers.ts";
import { Problem } from "../problem.ts";
import { addressOf, bearerOf, jsonBody, principalOf, withBody } from "../request.ts";
import { credentialsSchema, idIn, parse } from "../validation.ts";
import type { Core } from "./domain/core.ts";
import { authenticate, logIn, members, signUp } from "./domain/members.ts";
import { history, markRead } from "./domain/messages.ts";
import { createGroup, groups, joinGroup, leaveGroup, myRooms, openPrivate, roomNotFound } from "./domain/rooms.ts";
import { groupSchema, privateSchema, signUpSchema } from "./domain/validation.ts";

export function redisChatRoutes(core: Core): Router {
  const router = Router();
  router.use((_, response, next) => {
    response.set("Cache-Control", "no-store");
    next();
  });
  router.post(signUpPath, async (request, response) => {
    const person = parse(signUpSchema, await jsonBody(request, response));
    response.status(201).json(await signUp(core, person, addressOf(request)));
  });
  router.post(logInPath, async (request, response) => {
    const credentials = parse(credentialsSchema, await jsonBody(request, response));
    response.locals["triedName"] = credentials.email;
    response.json(await logIn(core, credentials, addressOf(request)));
  });
  router.use(tokenCheck(bearerOf, (token) => authenticate(core, token)));
  router.get("/member/list", async (_, response) => void response.json(await members(core)));
  router.use("/chat", chatRoutes(core));
  router.use(() => {
    throw new Problem(404, "ROUTE_NOT_FOUND", "no such endpoint");
  });
  router.use(errorAnswers(core, refusalBody));
  return router;
}

function chatRoutes(core: Core): Router {
  const router = Router();
  const ofRoom =
    (work: (core: Core, principal: Principal, roomId: number) => Promise<void>) =>
    async (request: Request<{ id: string }>, response: Response): Promise<void> => {
      await work(core, principalOf(response), roomIdOf(request));
      response.end();
    };
  router.post("/room/group/create", async (request, response) => {
    const { roomName } = parse(groupSchema, await parameters(request, response));
    await createGroup(core, principalOf(response), roomName);
    response.end();
  });
  router.post("/room/private/create", async (request, response) => {
    const { otherMemberId } = parse(privateSchema, await parameters(request, response));
    response.json(await openPrivate(core, principalOf(response), otherMemberId));
  });
  router.get("/room/group/list", async (_, response) => void response.json(await groups(core)));
  router.post("/room/group/:id/join", ofRoom(joinGroup));
  router.delete("/room/group/:id/leave", ofRoom(leaveGroup));
  router.post("/room/:id/read", ofRoom(markRead));
  router.get("/my/rooms", async (_, response) => void response.json(await myRooms(core, principalOf(response))));
  router.get("/history/:id", async (request, response) => {
    response.json(await history(core, principalOf(response), roomIdOf(request)));
  });
  return router;
}

/** A path that names no number names no room. */
function roomIdOf({ params: { id } }: Request<{ id: string }>): number {
  const roomId = idIn(id);
  if (roomId === undefined) throw roomNotFound();
  return roomId;
}

/** In the query or in a form: clients do either. */
async function parameters(request: Request, response: Response): Promise<object> {
  if (!request.is("application/x-www-form-urlencoded")) return request.query;
  const form = await withBody(request, response, (text) => Object.fromEntries(new URLSearchParams(text)));
  return { ...form, ...request.query };
}

const refusalBody = ({ status, code, message }: Problem, request: Request): object => ({
  status,
  error: code,
  message,
  timestamp: new Date(),
  path: request.originalUrl,
});
