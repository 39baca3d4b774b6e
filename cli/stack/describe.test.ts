import { expect, test } from "vitest";
import { servedSystems, type ServedSystem } from "../../systems/served/wire.ts";
import type { StackAddresses } from "../../targets/compose/compose.ts";
import { describe } from "./describe.ts";

const bySystem = <T>(make: (at: number) => T): Record<ServedSystem, T> =>
  Object.fromEntries(servedSystems.map((name, at) => [name, make(at)])) as Record<ServedSystem, T>;

const stack: StackAddresses = {
  proxy: bySystem((at) => `http://127.0.0.1:30${at}`),
  instances: bySystem((at) => [`http://127.0.0.1:10${at}`, `http://127.0.0.1:20${at}`]),
  tcp: "tcp://127.0.0.1:61613",
  kafka: "127.0.0.1:9092",
  redis: { host: "127.0.0.1", port: 6379, password: "secret" },
  containers: {} as StackAddresses["containers"],
};

test("describe() prints for each system the command that verifies all of it", () => {
  const commands = describe(stack)
    .split("\n")
    .filter((line) => line.startsWith("next: "));
  expect(commands).toHaveLength(servedSystems.length);
  expect(commands[0]).toBe(
    "next: npx rollcall verify http://127.0.0.1:100 http://127.0.0.1:200 --system discodeit-1 --proxy http://127.0.0.1:300 --kafka 127.0.0.1:9092",
  );
  const at = servedSystems.indexOf("redis-chat");
  expect(commands[at]).toBe(
    `next: ROLLCALL_REDIS_PASSWORD=secret npx rollcall verify http://127.0.0.1:10${at} http://127.0.0.1:20${at} --system redis-chat --proxy http://127.0.0.1:30${at} --redis 127.0.0.1:6379`,
  );
});
