// A running stack as a target: instances by their own addresses, the proxy beside them, Kafka and Redis for the taps.

import type { Capability } from "../../contract/clause.ts";
import { demoAdmin } from "../../systems/discodeit/wire.ts";
import type { ServedSystem } from "../../systems/served/wire.ts";
import { ownCapabilities } from "../own.ts";
import { systems } from "../../systems/systems.ts";
import type { StackAddresses } from "./compose.ts";
import type { Target } from "../../systems/target.ts";

export function targetOfStack(stack: StackAddresses, name: ServedSystem): Target {
  const system = systems[name]!;
  const { appoint, remove } = system.accounts ?? {};
  return {
    name: "stack",
    system,
    instances: stack.instances[name] as [string, ...string[]],
    proxy: stack.proxy[name],
    tcp: stack.tcp,
    capabilities: new Set<Capability>([
      ...(appoint === undefined ? [] : (["admin"] as const)),
      ...ownCapabilities(system),
      "two-instances",
      "kafka-tap",
      "redis-tap",
      "proxy",
    ]),
    ...(appoint === undefined ? {} : { admin: demoAdmin }),
    kafka: { brokers: [stack.kafka], topicPrefix: name },
    redis: stack.redis,
    // Where nobody can be deleted, no book is kept of who is there.
    throwAway: remove === undefined,
  };
}
