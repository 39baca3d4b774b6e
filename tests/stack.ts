// The Compose stack of a test run: brought up once before the first test of the project `stack`, removed after the last.

import { inject } from "vitest";
import type { TestProject } from "vitest/node";
import type { Capability } from "../contract/clause.ts";
import { demoAdmin, type SystemName } from "../contract/wire.ts";
import { openStack, type StackAddresses } from "../targets/compose.ts";
import type { Target } from "../targets/target.ts";

declare module "vitest" {
  interface ProvidedContext {
    stack: StackAddresses;
  }
}

/** Vitest calls it once a run. Fails at once, naming the command that helps, when Docker or an image is missing. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = await openStack({ onStep: (text) => process.stderr.write(`${text}\n`) });
  project.provide("stack", { proxy: stack.proxy, instances: stack.instances, kafka: stack.kafka, containers: stack.containers });
  return async () => {
    await stack[Symbol.asyncDispose]();
  };
}

/** The running stack as a target: instances by their own addresses, the proxy beside them. */
export function stackTarget(system: SystemName): Target {
  const stack = inject("stack");
  return {
    name: "stack",
    system,
    instances: stack.instances[system] as [string, ...string[]],
    proxy: stack.proxy[system],
    capabilities: new Set<Capability>(["admin", "two-instances", "kafka-tap", "proxy"]),
    admin: demoAdmin,
    kafka: { brokers: [stack.kafka], topicPrefix: system },
    ours: true,
  };
}
