// An instance that is killed loses nobody a message, on the chat page or by an event stream. It has its own stack:
// others must not feel the kill.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Capability } from "../../contract/clause.ts";
import { demoAdmin } from "../../systems/discodeit/wire.ts";
import { openStack, type Stack } from "../../targets/compose/compose.ts";
import { logOf, makeEvents, readUntil } from "../contract/shared/replay.ts";
import { findChromium } from "../../drivers/chromium.ts";
import { ChatTab, newName } from "./chat-page.ts";
import { people } from "./people.ts";
import { deadlineMs, openBrowser, openPerson } from "./tab.ts";
import { discodeitSystems } from "../../systems/discodeit/definition.ts";

const run = promisify(execFile);
let stack: Stack;

beforeAll(async () => {
  stack = await openStack();
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
});

/** What the tab said of its connection, from now on. */
const watchState = ({ page }: ChatTab): Promise<void> =>
  page.evaluate(() => {
    const seen: string[] = [];
    (globalThis as unknown as { seen: string[] }).seen = seen;
    const element = document.querySelector<HTMLElement>(".link-state")!;
    new MutationObserver(() => seen.push(`${element.dataset["messages"]} ${element.dataset["events"]}`)).observe(
      element,
      { attributes: true },
    );
  });
const statesOf = ({ page }: ChatTab): Promise<string[]> =>
  page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);

test("an instance that is killed while tabs are open: they say so, come back, and show each message once", async ({
  skip,
}) => {
  const chromium = findChromium();
  skip(chromium === undefined, "there is no Chromium; next: npx rollcall doctor");
  await using browser = await openBrowser(chromium!);
  const url = stack.proxy["discodeit-1"];
  const [annName, benName] = [newName("ann", "discodeit-1"), newName("ben", "discodeit-1")];
  const [annPerson, benPerson] = [await openPerson(browser), await openPerson(browser)];
  const [ann, ben] = [await ChatTab.open(annPerson, url), await ChatTab.open(benPerson, url)];
  await Promise.all([ann.signUp(annName), ben.signUp(benName)]);
  await ann.openPrivate(benName);
  await ben.channel(annName).click();
  await ann.say("before");
  await ben.message("before").waitFor();
  // Six connections, in turn on both instances.
  const benToo = await ChatTab.open(benPerson, ben.page.url());
  const tabs = [ann, ben, benToo];
  for (const tab of tabs) {
    await tab.connected();
    await watchState(tab);
  }
  const texts = Array.from({ length: 12 }, (_, at) => `message ${at + 1}`);
  for (const [at, text] of texts.entries()) {
    if (at === 4) await run("docker", ["kill", "--signal", "KILL", stack.containers["server-2"]]);
    await ann.say(text);
  }
  for (const tab of tabs) await tab.connected();
  // Whoever is asked whether to send it again does; history has confirmed what had arrived.
  const doubtful = ann.page.locator("[data-unsent]");
  await expect
    .poll(
      async () => {
        const again = doubtful.getByRole("button", { name: "Send again" });
        if ((await again.count()) > 0) await again.first().click();
        return await doubtful.count();
      },
      { timeout: deadlineMs },
    )
    .toBe(0);
  for (const tab of tabs)
    await expect
      .poll(async () => (await tab.heard()).toSorted(), { timeout: deadlineMs })
      .toEqual(["before", ...texts].toSorted());
  expect((await Promise.all(tabs.map(statesOf))).flat().join(", ")).toContain("down");
  await run("docker", ["start", stack.containers["server-2"]]);
  const ready = `${stack.instances["discodeit-1"][1]}/readyz`;
  await expect
    .poll(
      () =>
        fetch(ready).then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 60_000 },
    )
    .toBe(200);
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
