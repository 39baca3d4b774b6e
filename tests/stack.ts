// The Compose stack of a test run: brought up once before the first test of the project `stack`, removed after the
// last.

import { inject } from "vitest";
import type { TestProject } from "vitest/node";
import type { ServedSystem } from "../systems/served/wire.ts";
import { targetOfStack } from "../targets/compose/target.ts";
import { openStack, type StackAddresses } from "../targets/compose/compose.ts";
import type { Target } from "../systems/target.ts";

declare module "vitest" {
  interface ProvidedContext {
    stack: StackAddresses;
  }
}

/** What a caller may have in the environment for something else: none of it may reach the stack. */
const ofTheCaller = {
  ADMIN_PASSWORD: "of-the-caller-1!",
  POSTGRES_PASSWORD: "not/for@a:url",
  BALANCE: "ip_hash",
  ROLLCALL_BIND: "0.0.0.0",
};

/** Vitest calls it once a run. Fails at once, naming the command that helps, when Docker or an image is missing. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  Object.assign(process.env, ofTheCaller);
  const stack = await openStack({ onStep: (text) => process.stderr.write(`${text}\n`) });
  project.provide("stack", {
    proxy: stack.proxy,
    instances: stack.instances,
    tcp: stack.tcp,
    kafka: stack.kafka,
    redis: stack.redis,
    containers: stack.containers,
  });
  return async () => {
    await stack[Symbol.asyncDispose]();
  };
}

/** The running stack as a target. */
export const stackTarget = (system: ServedSystem): Target => targetOfStack(inject("stack"), system);
