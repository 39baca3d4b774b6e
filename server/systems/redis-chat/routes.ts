// REST, all of it: sign-up and login, then what needs a token, then 404. Most answers are empty. Source: the Redis chat
// contract, sections 2 and 6.

import { Router, type Request, type Response } from "express";
import { logInPath, signUpPath } from "../../../systems/redis-chat/wire.ts";
import type { Principal } from "../../realtime/ports.ts";
import { credentialsIn } from "../accounts.ts";
import { judgedRoutes } from "../answers.ts";
import type { Core } from "../core.ts";
import type { Problem } from "../problem.ts";
import { addressOf, bearerOf, jsonBody, principalOf, withBody } from "../request.ts";
import { roomIdIn } from "../rooms.ts";
import { parse } from "../validation.ts";
import { authenticate, logIn, members, signUp } from "./domain/members.ts";
import { history, markRead } from "./domain/messages.ts";
import { createGroup, groups, joinGroup, leaveGroup, myRooms, openPrivate } from "./domain/rooms.ts";
import { groupSchema, privateSchema, signUpSchema } from "./domain/validation.ts";

export const redisChatRoutes = (core: Core): Router =>
  judgedRoutes(core, {
    open: entryRoutes(core),
    tokenOf: bearerOf,
    authenticate: (token) => authenticate(core, token),
    signedIn: Router().use(memberRoutes(core)).use("/chat", chatRoutes(core)),
    refusalBody,
  });

function entryRoutes(core: Core): Router {
  const router = Router();
  router.post(signUpPath, async (request, response) => {
    const person = parse(signUpSchema, await jsonBody(request, response));
    response.status(201).json(await signUp(core, person, addressOf(request)));
  });
  router.post(logInPath, async (request, response) => {
    const credentials = await credentialsIn(request, response);
    response.json(await logIn(core, credentials, addressOf(request)));
  });
  return router;
}

const memberRoutes = (core: Core): Router =>
  Router().get("/member/list", async (_, response) => void response.json(await members(core)));

function chatRoutes(core: Core): Router {
  const router = Router();
  const ofRoom =
    (work: (core: Core, principal: Principal, roomId: number) => Promise<void>) =>
    async (request: Request<{ id: string }>, response: Response): Promise<void> => {
      await work(core, principalOf(response), roomIdIn(request));
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
    response.json(await history(core, principalOf(response), roomIdIn(request)));
  });
  return router;
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
