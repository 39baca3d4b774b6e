// A STOMP broker and nothing around it: users that are configured, topics and queues in the memory of this instance.
// Nothing is stored, and nothing crosses to another instance: a deployment sends everybody to one of them.

import { createHash, timingSafeEqual } from "node:crypto";
import { Router } from "express";
import { nativeEndpoint, sockJsEndpoint, type usersIn } from "../../../systems/stomp/wire.ts";
import type { Principal, RealtimePorts } from "../../realtime/ports.ts";
import { Exchange } from "../../stomp/exchange.ts";
import type { OpenSystem, SystemContext } from "../system.ts";

type User = ReturnType<typeof usersIn>[number];

/** As long for a wrong passcode as for a right one. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));

const principalOf = ({ name }: User): Principal => ({ userId: name, username: name, role: "USER", loginId: name });

export const open: OpenSystem = (context) =>
  Promise.resolve({
    realtime: realtimePorts(context),
    routes: () => Router().use((_, response) => void response.status(404).type("text").send("no such endpoint\n")),
    close: () => Promise.resolve(),
  });

function realtimePorts({ config, trace }: SystemContext): RealtimePorts {
  return {
    profile: {
      endpoint: sockJsEndpoint,
      nativeEndpoint,
      sockJs: true,
      applicationPrefix: "",
      greeting: { name: "connected", data: "" },
      logIn: (login, passcode) => Promise.resolve(logIn(config.stompUsers, login, passcode)),
      exchange: new Exchange(),
    },
    // The passcode is the only credential.
    authenticate: () => Promise.resolve(undefined),
    noteRefusedConnect: (_, from) => trace.refused({ kind: "connect", what: "CONNECT", from }),
    endedLogins: () => Promise.resolve([]),
    // Never asked: the exchange knows.
    maySubscribe: () => Promise.resolve(false),
    send: () => Promise.reject(new Error("SEND is the exchange's")),
    mayReadNow: () => Promise.resolve(false),
    announceOnline: () => Promise.resolve(),
  };
}

function logIn(users: readonly User[], login: string | undefined, passcode: string | undefined): Principal | undefined {
  if (login === undefined || passcode === undefined) return undefined;
  const user = users.find(({ name }) => name === login);
  return isSame(passcode, user?.password ?? "") && user !== undefined ? principalOf(user) : undefined;
}
