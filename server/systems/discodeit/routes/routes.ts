// In which order is a request judged? Request id; CSRF; the few routes without a login; the bearer token; the others;
// 404. Source: the Discodeit contract, "REST" and "Rules".

import { randomBytes } from "node:crypto";
import { Router, type RequestHandler } from "express";
import { apiPath, eventsPath, requestIdHeader } from "../../../../systems/discodeit/wire.ts";
import type { Core } from "../domain/core.ts";
import { authenticate } from "../domain/logins.ts";
import { forbidden, Problem, unauthenticated } from "../domain/problem.ts";
import { csrfHoldsFor } from "../../../security/csrf.ts";
import { authRoutes, roleRoutes } from "./auth.ts";
import { bearerOf, shareOf } from "./body.ts";
import { channelRoutes } from "./channels.ts";
import { errorAnswers } from "./errors.ts";
import { fileRoutes } from "./files.ts";
import { messageRoutes } from "./messages.ts";
import { notificationRoutes } from "./notifications.ts";
import { readStatusRoutes } from "./reads.ts";
import type { Revision } from "../revision.ts";
import { signUpRoutes, userRoutes } from "./users.ts";

export function discodeitRoutes(core: Core, revision: Revision, events: RequestHandler): Router {
  const api = Router();
  api.use(markRequest, checkCsrf);
  api.use(authRoutes(core, revision), signUpRoutes(core));
  api.use(bearerCheck(core));
  api.get(eventsPath.slice(apiPath.length), events);
  api.use(roleRoutes(core), userRoutes(core), channelRoutes(core), messageRoutes(core));
  api.use(readStatusRoutes(core), fileRoutes(core), notificationRoutes(core));
  api.use(() => {
    throw new Problem(404, "ROUTE_NOT_FOUND", "Cannot answer: there is no such endpoint");
  });
  api.use(errorAnswers(core));
  const router = Router();
  router.use(apiPath, api);
  return router;
}

const markRequest: RequestHandler = (_, response, next) => {
  response.set({
    [requestIdHeader]: randomBytes(16).toString("hex"),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
  });
  next();
};

const checkCsrf: RequestHandler = (request, _, next) => {
  if (!csrfHoldsFor(request))
    throw forbidden("Cannot accept the request: header X-XSRF-TOKEN does not repeat cookie XSRF-TOKEN");
  next();
};

function bearerCheck(core: Core): RequestHandler {
  return async (request, response, next) => {
    const token = bearerOf(request);
    if (token === undefined) throw unauthenticated("Cannot accept the request: no bearer token");
    const principal = await authenticate(core, token);
    if (!principal)
      throw unauthenticated("Cannot accept the request: the token is bad or expired, or its login has ended");
    response.locals["principal"] = principal;
    shareOf(response).belongsTo(principal.userId);
    next();
  };
}
