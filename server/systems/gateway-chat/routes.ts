// Over HTTP there is nothing but what a WebSocket or SockJS begins with.

import { Router, type ErrorRequestHandler, type Response } from "express";
import { rawEndpoint } from "../../../systems/gateway-chat/wire.ts";
import { noteFailure, problemOf } from "../problem.ts";
import type { SystemContext } from "../system.ts";

const say = (response: Response, status: number, message: string): void =>
  void response.status(status).json({ success: false, message, data: null });

/** `hasRooms`: whether there are sockets of our own at `rawEndpoint`. */
export function gatewayChatRoutes(core: SystemContext, hasRooms: boolean): Router {
  const router = Router();
  if (hasRooms)
    router.get(rawEndpoint, (_, response) => {
      response.set({ Upgrade: "websocket", Connection: "Upgrade" });
      say(response, 426, "this is a WebSocket");
    });
  router.use((_, response) => say(response, 404, "no such endpoint"));
  // Express knows an error handler by its four parameters.
  const answerError: ErrorRequestHandler = (error: unknown, request, response, _next) => {
    const { status, message } = problemOf(error);
    if (status >= 500) noteFailure(core, error, request);
    if (response.headersSent) return void response.destroy();
    say(response, status, message);
  };
  router.use(answerError);
  return router;
}
