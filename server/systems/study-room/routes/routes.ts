// In which order is a request judged? The few routes without a login; the access token, from the header or else from the
// cookie; the others; 404. Source: the study-room contract, "REST".

import { Router, type RequestHandler } from "express";
import { apiPath } from "../../../../systems/study-room/wire.ts";
import { errorAnswers, tokenCheck } from "../../answers.ts";
import { Problem } from "../../problem.ts";
import { principalOf } from "../../request.ts";
import type { Core } from "../domain/core.ts";
import { authenticate, me } from "../domain/logins.ts";
import { tokenOf } from "../realtime.ts";
import { answer, refusalBody } from "./answers.ts";
import { authRoutes } from "./auth.ts";
import { notificationRoutes } from "./notifications.ts";
import { roomRoutes } from "./rooms.ts";

export function studyRoomRoutes(
  core: Core,
  events: RequestHandler,
  streams: () => ReadonlyMap<string, number>,
): Router {
  const api = Router();
  api.use((_, response, next) => {
    response.set("Cache-Control", "no-store");
    next();
  });
  api.use(authRoutes(core));
  api.use(tokenCheck(tokenOf, (token) => authenticate(core, token)));
  api.get("/users/me", async (_, response) => answer(response, await me(core, principalOf(response))));
  api.use(roomRoutes(core), notificationRoutes(core, events, streams));
  api.use(() => {
    throw new Problem(404, "ROUTE_NOT_FOUND", "no such endpoint");
  });
  api.use(errorAnswers(core, refusalBody));
  return Router().use(apiPath, api);
}
