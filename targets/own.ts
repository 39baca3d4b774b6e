// What our own server offers beside what is measured: a run that does not find it has found a fault.

import type { Capability } from "../contract/clause.ts";
import type { System } from "../systems/define.ts";

export function ownCapabilities({ features }: System): Capability[] {
  return (["acks", "transactions", "queues", "tcp"] as const).filter((name) => features.has(name));
}
