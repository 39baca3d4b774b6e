// An instance that is killed loses nobody a message. It has its own stack: others must not feel the kill.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Capability } from "../../contract/clause.ts";
import { demoAdmin } from "../../systems/discodeit/wire.ts";
import { openStack, type Stack } from "../../targets/compose/compose.ts";
import { logOf, makeEvents, readUntil } from "../contract/shared/replay.ts";
import { people } from "./people.ts";
import { discodeitSystems } from "../../systems/discodeit/definition.ts";

const run = promisify(execFile);
let stack: Stack;

beforeAll(async () => {
  stack = await openStack();
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
});

test("an instance that is killed loses nobody a message: an event stream resumes on the other", async () => {
  const target = {
    name: "stack",
    system: discodeitSystems["discodeit-1"],
    instances: stack.instances["discodeit-1"] as [string, ...string[]],
    proxy: stack.proxy["discodeit-1"],
    capabilities: new Set<Capability>(["two-instances"]),
    admin: demoAdmin,
    throwAway: true,
  };
  await people(target, "instances", async (world) => {
    const [alice, bob] = await world.accounts(2);
    // The survivor is the first instance: accounts and rooms live there. Alice reads on the second, which dies.
    const [reference, doomed] = await Promise.all([
      world.events(alice, { instance: 0 }),
      world.events(alice, { instance: 1 }),
    ]);
    const channels = await makeEvents(world, bob, alice, 3, 0);
    await readUntil(world, doomed, channels[2]!);
    const publishing = makeEvents(world, bob, alice, 20, 0);
    await run("docker", ["kill", "--signal", "KILL", stack.containers["server-2"]]);
    await doomed.closed;
    channels.push(...(await publishing));
    const read = logOf(world, doomed, channels);
    const resumed = await world.events(alice, { instance: 0, lastEventId: read.at(-1)!.id! });
    const [fence] = await makeEvents(world, bob, alice, 1, 0);
    channels.push(fence!);
    await Promise.all([reference, resumed].map((stream) => readUntil(world, stream, fence!)));
    const whole = [...read, ...logOf(world, resumed, channels)].map(({ id }) => id);
    expect(whole).toEqual(logOf(world, reference, channels).map(({ id }) => id));
    expect(whole).toHaveLength(24);
  });
});
