// What is known of each system whose page is the panel? Its definition, as the verifier has it; loaded when its page asks.

import type { SystemName } from "../../systems/discodeit/wire.ts";
import type { System } from "../../systems/define.ts";
import type { ServedSystem } from "../../systems/served/wire.ts";

type PanelSystem = Exclude<ServedSystem, SystemName>;

const definitions: Record<PanelSystem, () => Promise<System>> = {
  "study-room": async () => (await import("../../systems/study-room/definition.ts")).studyRoom,
  "redis-chat": async () => (await import("../../systems/redis-chat/definition.ts")).redisChat,
  "gateway-chat": async () => (await import("../../systems/gateway-chat/definition.ts")).gatewayChat,
  "gateway-chat-secure": async () => (await import("../../systems/gateway-chat/definition.ts")).gatewayChatSecure,
  stomp: async () => (await import("../../systems/stomp/definition.ts")).stompBroker,
  sse: async () => (await import("../../systems/sse/definition.ts")).sse,
};

/** Throws where there is none. */
export async function definitionOf(system: string): Promise<System> {
  const load = definitions[system as PanelSystem] as (() => Promise<System>) | undefined;
  if (load === undefined) throw new Error(`there is no definition of ${system}`);
  return await load();
}
