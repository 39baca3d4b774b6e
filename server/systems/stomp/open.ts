// A STOMP broker and nothing around it: users that are configured, topics and queues in the memory of this instance.
// Nothing is stored, and nothing crosses to another instance: a deployment sends everybody to one of them.

import { Router, type Response } from "express";
import { nativeEndpoint, sockJsEndpoint } from "../../../systems/stomp/wire.ts";
import { panelRoutes } from "../../page.ts";
import type { RealtimePorts } from "../../realtime/ports.ts";
import { Exchange } from "../../stomp/exchange.ts";
import type { OpenSystem, SystemContext } from "../system.ts";
import { Logins } from "./logins.ts";

export const open: OpenSystem = (context) =>
  Promise.resolve({
    realtime: realtimePorts(context),
    routes: () => Router().use(panelRoutes(context.name), (_, response) => void notThere(response)),
    close: () => Promise.resolve(),
  });

const notThere = (response: Response): Response => response.status(404).type("text").send("no such endpoint\n");

function realtimePorts(context: SystemContext): RealtimePorts {
  const logins = new Logins(context);
  return {
    profile: {
      endpoint: sockJsEndpoint,
      nativeEndpoint,
      sockJs: true,
      applicationPrefix: "",
      greeting: { name: "connected", data: "" },
      logIn: (login, passcode, address) => logins.logIn(login, passcode, address),
      exchange: new Exchange(),
    },
    // The passcode is the only credential.
    authenticate: () => Promise.resolve(undefined),
    // Whoever is refused is noted there.
    noteRefusedConnect: () => undefined,
    endedLogins: () => Promise.resolve([]),
    // Never asked: the exchange knows.
    maySubscribe: () => Promise.resolve(false),
    send: () => Promise.reject(new Error("SEND is the exchange's")),
    mayReadNow: () => Promise.resolve(false),
    announceOnline: () => Promise.resolve(),
  };
}
