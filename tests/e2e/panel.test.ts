// What does the page of a system without a chat show? In a real Chromium, on the embedded server or on the stack through
// Nginx. Somebody else talks, by the same definition.

import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { buildPage } from "../../deploy/page.ts";
import { findChromium } from "../../drivers/chromium.ts";
import type { World } from "../../runner/world.ts";
import type { ServedSystem } from "../../systems/served/wire.ts";
import { systems } from "../../systems/systems.ts";
import type { Target } from "../../systems/target.ts";
import { startServer, type ServerProcess } from "../../targets/embedded.ts";
import { stackTarget } from "../stack.ts";
import { PanelTab } from "./panel-page.ts";
import { people } from "./people.ts";
import { deadlineMs, openBrowser, openPerson } from "./tab.ts";

const withPanel = ["study-room", "redis-chat", "gateway-chat", "gateway-chat-secure", "stomp", "sse"] as const;
const chromium = findChromium();
const onStack = inject("targetName") === "stack";
let server: ServerProcess | undefined;
let browser: Browser;
const persons: BrowserContext[] = [];

beforeAll(async () => {
  if (chromium === undefined) return;
  const startOne = (): Promise<ServerProcess> => startServer({ environment: { SYSTEMS: withPanel.join(",") } });
  [browser, server] = await Promise.all([openBrowser(chromium), onStack ? undefined : startOne(), buildPage()]);
});
beforeEach(({ skip }) => skip(chromium === undefined, "there is no Chromium; next: npx rollcall doctor"));
afterEach(async () => {
  await Promise.all(persons.splice(0).map((person) => person.close()));
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

function targetOf(name: ServedSystem): Target {
  if (onStack) return stackTarget(name);
  const instances: Target["instances"] = [server!.urls[name]];
  return { name: "embedded", system: systems[name]!, instances, capabilities: new Set(), throwAway: true };
}

async function openPanel(system: ServedSystem, locale = "en-US"): Promise<PanelTab> {
  const { proxy, instances } = targetOf(system);
  const person = await openPerson(browser, { locale });
  persons.push(person);
  return await PanelTab.open(person, proxy ?? instances[0]);
}

/** Two who talk in a room of their own. */
async function talkers(world: World) {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  return { id: channel.id, say: (text: string) => world.post(alice, channel, text) };
}

const inWorld = (system: ServedSystem, tell: (world: World) => Promise<void>): Promise<void> =>
  people(targetOf(system), onStack ? "proxy" : "instances", tell);

/** Nothing that a frame of a reader does not say. */
const readersCommands = new Set(["CONNECT", "SUBSCRIBE", "UNSUBSCRIBE", "DISCONNECT"]);

async function expectOnlyRead(tab: PanelTab): Promise<void> {
  expect(tab.sent.filter((command) => !readersCommands.has(command))).toEqual([]);
  expect(await tab.seriousViolations()).toEqual([]);
  expect(tab.errors).toEqual([]);
}

test.each([
  ["study-room", ["STOMP", "SSE"], 1],
  ["redis-chat", ["STOMP"], 1],
  // By both of its destinations, and bare.
  ["gateway-chat", ["STOMP", "WebSocket"], 2],
  ["gateway-chat-secure", ["STOMP"], 2],
  ["stomp", ["STOMP"], 1],
] as const)("the panel opens a room of %s read-only by its definition", async (system, transports, frames) => {
  await inWorld(system, async (world) => {
    const { id, say } = await talkers(world);
    const tab = await openPanel(system);
    await tab.page.getByRole("heading", { level: 1, name: systems[system]!.title! }).waitFor();
    await tab.begin();
    await (systems[system]!.rooms?.list === undefined ? tab.openNamed(id) : tab.openListed(id));
    for (const transport of transports) await tab.listening(transport);
    const text = world.marker("hello");
    await say(text);
    await tab.filter(text);
    await expect.poll(() => tab.heard("stomp", "MESSAGE").count(), { timeout: deadlineMs }).toBe(frames);
    if (system === "gateway-chat") await tab.heard("socket", id).waitFor();
    expect(tab.sent).toContain("SUBSCRIBE");
    await expectOnlyRead(tab);
  });
});

test("the panel opens the event stream by its definition", async () => {
  await inWorld("sse", async (world) => {
    const [alice] = await world.accounts(1);
    const tab = await openPanel("sse");
    await tab.begin();
    await tab.listening("SSE");
    const text = world.marker("hello");
    await world.publishText(alice, text);
    await tab.filter(text);
    const event = tab.heard("event", "message");
    await event.getByText(/^age \d+/).waitFor();
    await event.locator("summary").click();
    await event.getByText(text).waitFor();
    await expectOnlyRead(tab);
  });
});

test("who has an account may look on, joins a study room for that, and leaves it with the room", async () => {
  await inWorld("study-room", async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const { id } = await world.privateChannel(alice, bob);
    const tab = await openPanel("study-room");
    await tab.logIn(carol);
    await tab.openListed(id);
    await tab.listening("STOMP");
    await tab.page.getByRole("button", { name: "Somebody else" }).click();
    await tab.page.getByRole("button", { name: "A new user" }).waitFor();
    await tab.filter("leave");
    await tab.page.locator(".entry").getByText(`DELETE /api/rooms/${id}/leave`).waitFor();
    expect(tab.errors).toEqual([]);
  });
});

test("what a system refuses is said in words", async () => {
  const tab = await openPanel("stomp");
  await tab.page.getByLabel("Password").fill("wrong");
  await tab.begin();
  await tab.openNamed("somewhere");
  await tab.page.locator('[data-transport="STOMP"][data-state="refused"]').waitFor();
  expect(await tab.seriousViolations()).toEqual([]);
});

test("axe finds no serious violation in the panel, in either theme, narrow, and in Korean", async () => {
  const tab = await openPanel("redis-chat", "ko-KR");
  await tab.page.getByRole("button", { name: "새 사용자" }).click();
  await tab.page.getByText("이름으로 지켜보는 중입니다").waitFor();
  for (const colorScheme of ["light", "dark"] as const) {
    await tab.page.emulateMedia({ colorScheme });
    expect(await tab.seriousViolations()).toEqual([]);
  }
  await tab.page.setViewportSize({ width: 390, height: 800 });
  expect(await tab.seriousViolations()).toEqual([]);
  expect(tab.errors).toEqual([]);
});
