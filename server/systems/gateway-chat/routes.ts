// Over HTTP there is nothing but what a WebSocket or SockJS begins with.

import { Router, type Response } from "express";
import { rawEndpoint } from "../../../systems/gateway-chat/wire.ts";
import { errorAnswers } from "../answers.ts";
import type { SystemContext } from "../system.ts";

const bodyOf = (message: string): object => ({ success: false, message, data: null });
const say = (response: Response, status: number, message: string): void =>
  void response.status(status).json(bodyOf(message));

/** `hasRooms`: whether there are sockets of our own at `rawEndpoint`. */
export function gatewayChatRoutes(core: SystemContext, hasRooms: boolean): Router {
  const router = Router();
  if (hasRooms)
    router.get(rawEndpoint, (_, response) => {
      response.set({ Upgrade: "websocket", Connection: "Upgrade" });
      say(response, 426, "this is a WebSocket");
    });
  router.use((_, response) => say(response, 404, "no such endpoint"));
  router.use(errorAnswers(core, ({ message }) => bodyOf(message)));
  return router;
}
