// Every message accounted for while instances, brokers and networks fail: each scenario once, on one stack. What
// happens to the stack happens to the traffic of all its systems at the same time, and each must keep what it promises.
// One after the other, but for half-open clients, who take their time: they are found beside the faults of clients.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Verdict } from "../../checkers/verdict.ts";
import { servedSystems, type ServedSystem } from "../../systems/served/wire.ts";
import { openStack, type Stack } from "../../targets/compose/compose.ts";
import { targetOfStack } from "../../targets/compose/target.ts";
import { SharedOutage, stopped } from "../../targets/outages.ts";
import { people } from "../e2e/people.ts";
import { runScenario } from "../../runner/faults/run-scenarios.ts";
import { scenarios, type Scenario, type ScenarioId } from "../../runner/faults/scenarios.ts";

const slow: ScenarioId = "half-open";
/** Where there are no rooms, there is no traffic; and the instances of a bare broker are brokers of their own. */
const talking = servedSystems.filter((system) => system !== "sse" && system !== "stomp");
/** Between two messages of a sender: of these three as in a run of their own, of the others less often. */
const everyMsOf = (system: ServedSystem): number =>
  ["discodeit-1", "study-room", "redis-chat"].includes(system) ? 150 : 900;

let stack: Stack;

beforeAll(async () => {
  stack = await openStack();
});

afterAll(async () => {
  await (stack as Stack | undefined)?.[Symbol.asyncDispose]();
});

const never = new AbortController().signal;

function expectKept(verdict: Verdict): void {
  expect(
    verdict.kind,
    [verdict.because, ...(verdict.measured ?? []), ...(verdict.stories?.[0] ?? [])]
      .filter((line) => line !== undefined)
      .join("\n"),
  ).toBe("pass");
}

const byClients = async (id: ScenarioId): Promise<void> => {
  const scenario = scenarios.find((one) => one.id === id)!;
  expectKept(
    await runScenario(scenario, {
      target: targetOfStack(stack, "discodeit-1"),
      outageOf: () => undefined,
      signal: never,
    }),
  );
};

const ofClients = scenarios.filter(({ clients, id }) => clients !== undefined && id !== slow).map(({ id }) => id);

test(`${slow}, and beside it ${ofClients.join(", ")}`, async () => {
  await Promise.all([
    byClients(slow),
    (async () => {
      for (const id of ofClients) await byClients(id);
    })(),
  ]);
});

/** The scenario through all systems at once. */
function together(scenario: Scenario): Map<ServedSystem, Promise<Verdict>> {
  const shared = new SharedOutage(scenario.outage!(stack), talking.length);
  return new Map(
    talking.map((system) => {
      const share = shared.share();
      const target = targetOfStack(stack, system);
      const run = runScenario(scenario, { target, outageOf: () => share, signal: never, everyMs: everyMsOf(system) });
      const verdict = run.finally(() => share[Symbol.dispose]());
      verdict.catch(() => undefined); // reported by the system's test
      return [system, verdict];
    }),
  );
}

describe.each(
  scenarios.filter(({ outage }) => outage !== undefined).map((scenario) => [scenario.id, scenario] as const),
)("%s", (_id, scenario) => {
  let verdicts: Map<ServedSystem, Promise<Verdict>>;
  beforeAll(() => void (verdicts = together(scenario)));
  afterAll(async () => void (await Promise.allSettled(verdicts.values())));

  test.each(talking)("%s keeps what it promises", async (system) => {
    expectKept(await verdicts.get(system)!);
  });
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
