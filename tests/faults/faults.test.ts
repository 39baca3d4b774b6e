// Every message accounted for while instances, brokers and networks fail: each scenario once, on its own stack.
// One after the other, but for half-open clients, who take their time: they are found beside the faults that leave
// instances, PostgreSQL and Redis alone.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { ServedSystem } from "../../systems/served/wire.ts";
import { openStack, type Stack } from "../../targets/compose/compose.ts";
import { targetOfStack } from "../../targets/compose/target.ts";
import { stopped } from "../../targets/outages.ts";
import { people } from "../e2e/people.ts";
import { runScenario } from "../../runner/faults/run-scenarios.ts";
import { scenarios, type Scenario, type ScenarioId } from "../../runner/faults/scenarios.ts";

const slow: ScenarioId = "half-open";
const beside: readonly ScenarioId[] = [
  "slow-reader",
  "poison-records",
  "reconnect-storm",
  "kafka-restarted",
  "kafka-killed",
];

let stack: Stack;

beforeAll(async () => {
  stack = await openStack();
});

afterAll(async () => {
  await (stack as Stack | undefined)?.[Symbol.asyncDispose]();
});

const never = new AbortController().signal;

async function expectKept(scenario: Scenario, system: ServedSystem = "discodeit-1"): Promise<void> {
  const verdict = await runScenario(scenario, {
    target: targetOfStack(stack, system),
    outageOf: ({ outage }) => outage?.(stack),
    signal: never,
  });
  expect(
    verdict.kind,
    [verdict.because, ...(verdict.measured ?? []), ...(verdict.stories?.[0] ?? [])]
      .filter((line) => line !== undefined)
      .join("\n"),
  ).toBe("pass");
}

const scenarioOf = (id: ScenarioId): Scenario => scenarios.find((scenario) => scenario.id === id)!;

test(`${slow}, and beside it ${beside.join(", ")}`, async () => {
  await Promise.all([
    expectKept(scenarioOf(slow)),
    (async () => {
      for (const id of beside) await expectKept(scenarioOf(id));
    })(),
  ]);
});

test.each(
  scenarios.filter(({ id }) => id !== slow && !beside.includes(id)).map((scenario) => [scenario.id, scenario] as const),
)("%s", async (_id, scenario) => {
  await expectKept(scenario);
});

// By SEND alone, with cookies, and presence in Redis.
test.each(["instance-killed", "redis-killed"] as const)("study-room: %s", async (id) => {
  await expectKept(scenarioOf(id), "study-room");
});

// What Redis missed is in the history alone.
test.each(["instance-killed", "redis-killed"] as const)("redis-chat: %s", async (id) => {
  await expectKept(scenarioOf(id), "redis-chat");
});

test("what was written while Kafka was away arrives once and in order, though Kafka does not take as much at once", async () => {
  await people(targetOfStack(stack, "discodeit-1"), "instances", async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const subscription = await world.subscribe(await world.stomp(bob, { instance: 1 }), channel);
    const markers: string[] = [];
    const outage = stopped(stack, "kafka");
    try {
      await outage.begin();
      // Some 12 kB each on the topic, all in one partition; a batch of more than 1 MiB is refused.
      for (let count = 0; count < 150; count++) {
        const marker = world.marker("long");
        markers.push(marker);
        await world.post(alice, channel, marker.padEnd(1_900, "…"));
      }
    } finally {
      await outage.end();
    }
    await world.hear(subscription, markers.at(-1)!, 60_000);
    const heard = subscription.messages().map((frame) => world.messageOf(frame).text);
    expect(heard.map((content) => markers.findIndex((marker) => content.startsWith(marker)))).toEqual(
      markers.map((_, at) => at),
    );
  });
});
