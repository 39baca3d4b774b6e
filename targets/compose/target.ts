// A running stack as a target: instances by their own addresses, the proxy beside them, Kafka for the tap.

import type { Capability } from "../../contract/clause.ts";
import { demoAdmin, type SystemName } from "../../systems/discodeit/wire.ts";
import type { StackAddresses } from "./compose.ts";
import type { Target } from "../../systems/target.ts";
import { discodeitSystems } from "../../systems/discodeit/definition.ts";

export function targetOfStack(stack: StackAddresses, system: SystemName): Target {
  return {
    name: "stack",
    system: discodeitSystems[system],
    instances: stack.instances[system] as [string, ...string[]],
    proxy: stack.proxy[system],
    capabilities: new Set<Capability>(["admin", "two-instances", "kafka-tap", "proxy"]),
    admin: demoAdmin,
    kafka: { brokers: [stack.kafka], topicPrefix: system },
    throwAway: false,
  };
}
