// Which routes are there? Source: the study-room contract, "REST".

import { Router, type RequestHandler } from "express";
import { apiPath } from "../../../../systems/study-room/wire.ts";
import { judgedRoutes } from "../../answers.ts";
import type { Core } from "../../core.ts";
import { authenticate } from "../domain/logins.ts";
import { tokenOf } from "../realtime.ts";
import { refusalBody } from "./answers.ts";
import { authRoutes, meRoutes } from "./auth.ts";
import { notificationRoutes, type Streams } from "./notifications.ts";
import { roomRoutes } from "./rooms.ts";

export function studyRoomRoutes(core: Core, events: RequestHandler, streams: Streams): Router {
  const api = judgedRoutes(core, {
    open: authRoutes(core),
    tokenOf,
    authenticate: (token) => authenticate(core, token),
    signedIn: Router().use(meRoutes(core), roomRoutes(core), notificationRoutes(core, events, streams)),
    refusalBody,
  });
  return Router().use(apiPath, api);
}
