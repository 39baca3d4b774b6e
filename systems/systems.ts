// The systems that are built in, by name, and how each family of them is known.

import type { Network } from "../drivers/network.ts";
import type { System } from "./define.ts";
import { discodeitSystems } from "./discodeit/definition.ts";
import { detectDiscodeit } from "./discodeit/detect.ts";
import { gatewayChat, gatewayChatSecure } from "./gateway-chat/definition.ts";
import { detectGatewayChat } from "./gateway-chat/detect.ts";
import { redisChat } from "./redis-chat/definition.ts";
import { detectRedisChat } from "./redis-chat/detect.ts";
import { sse } from "./sse/definition.ts";
import { detectSse, detectStream } from "./sse/detect.ts";
import { studyRoom } from "./study-room/definition.ts";
import { detectStudyRoom } from "./study-room/detect.ts";
import { stompBroker } from "./stomp/definition.ts";
import { detectStomp } from "./stomp/detect.ts";

export const systems: Readonly<Record<string, System>> = {
  ...discodeitSystems,
  [studyRoom.name]: studyRoom,
  [redisChat.name]: redisChat,
  [gatewayChat.name]: gatewayChat,
  [gatewayChatSecure.name]: gatewayChatSecure,
  [stompBroker.name]: stompBroker,
  [sse.name]: sse,
};

export const systemNames: readonly string[] = Object.keys(systems);

/** Undefined: none of that name is built in. */
export const systemNamed = (name: string): System | undefined =>
  Object.hasOwn(systems, name) ? systems[name] : undefined;

/** The other systems in which a login says something: where nobody signs up, the server is not asked who may log in. */
export const othersWithLogins = (than: string): System[] =>
  Object.values(systems).filter(({ name, accounts }) => name !== than && accounts?.signUp !== undefined);

export type Detector = (baseUrl: string, network: Network) => Promise<{ system: string; how: string }>;

/** Asked before all others: a server of streams may answer everything with one, and that answer never ends. */
export const firstDetector: Detector = detectStream;

/** Each throws TargetError that says what it saw when the URL speaks no system of the family. */
export const detectors: readonly Detector[] = [
  detectDiscodeit,
  detectStudyRoom,
  detectRedisChat,
  detectGatewayChat,
  detectStomp,
  detectSse,
];
