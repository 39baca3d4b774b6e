// What `rollcall stack up` prints of a stack that is up: where everything is, and what to do next.

import { demoAdmin, systemNames } from "../../systems/discodeit/wire.ts";
import { servedSystems, type ServedSystem } from "../../systems/served/wire.ts";
import type { StackAddresses } from "../../targets/compose/compose.ts";

export function describe(stack: StackAddresses): string {
  const row = (name: string, text: string): string => `${name.padEnd(12)} ${text}`;
  const { proxy, instances, kafka, redis } = stack;
  return `${[
    ...servedSystems.map((name) => row(name, `${proxy[name]}  (instances ${instances[name].join(", ")})`)),
    row("kafka", kafka),
    row("redis", `${redis.host}:${redis.port}  (password ${redis.password})`),
    row("admin", `${demoAdmin.username} / ${demoAdmin.password}`),
    "",
    ...servedSystems.map((name) => `next: ${verifyCommand(stack, name)}`),
    "or:   npx rollcall stack down",
  ].join("\n")}\n`;
}

/** The whole command: both instances, the proxy, and whatever else has clauses of its own in the system. */
function verifyCommand({ proxy, instances, tcp, kafka, redis }: StackAddresses, name: ServedSystem): string {
  const verify = ["npx rollcall verify", ...instances[name], "--system", name, "--proxy", proxy[name]].join(" ");
  if (name === "redis-chat")
    return `ROLLCALL_REDIS_PASSWORD=${redis.password} ${verify} --redis ${redis.host}:${redis.port}`;
  if (name === "stomp") return `ROLLCALL_STOMP_TCP=${tcp} ${verify}`;
  return systemNames.some((one) => one === name) ? `${verify} --kafka ${kafka}` : verify;
}
