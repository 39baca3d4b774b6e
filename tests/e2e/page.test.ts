// What do people do on the chat page? In a real Chromium, on the embedded server or on the stack through Nginx.

import { createRequire } from "node:module";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { buildPage } from "../../deploy/page.ts";
import { findChromium } from "../../drivers/chromium.ts";
import { demoAdmin, systemNames, type SystemName } from "../../systems/discodeit/wire.ts";
import { startServers } from "../../targets/embedded.ts";
import { stackTarget } from "../stack.ts";
import { ChatTab, deadlineMs, newName, openBrowser, openPerson } from "./chat-page.ts";

const chromium = findChromium();
const onStack = inject("targetName") === "stack";
let server: Awaited<ReturnType<typeof startServers>> | undefined;
let browser: Browser;
const persons: BrowserContext[] = [];

beforeAll(async () => {
  if (chromium === undefined) return;
  // Once for all tests, before the clock of any of them runs: a fresh clone has no page as yet.
  if (!onStack) [server] = await Promise.all([startServers(systemNames), buildPage()]);
  browser = await openBrowser(chromium);
});
afterEach(async () => {
  await Promise.all(persons.splice(0).map((person) => person.close()));
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const urlOf = (system: SystemName): string => (onStack ? stackTarget(system).proxy! : server!.urls[system]);

async function newPerson(locale?: string): Promise<BrowserContext> {
  const person = await openPerson(browser, locale);
  persons.push(person);
  return person;
}

/** Two people in a private channel, each with a tab. */
async function twoPeople(system: SystemName) {
  const [annName, benName] = [newName("ann", system), newName("ben", system)];
  const [annPerson, benPerson] = [await newPerson(), await newPerson()];
  const [ann, ben] = await Promise.all([
    ChatTab.open(annPerson, urlOf(system)),
    ChatTab.open(benPerson, urlOf(system)),
  ]);
  await Promise.all([ann.signUp(annName), ben.signUp(benName)]);
  await ann.openPrivate(benName);
  await ben.channel(annName).click();
  return { ann, ben, annName, benName, annPerson, benPerson };
}

const poll = <T>(ask: () => Promise<T>) => expect.poll(ask, { timeout: deadlineMs });
const testOnPage = test.skipIf(chromium === undefined);

testOnPage.each(systemNames)("two people with two tabs each talk on %s, and each tab shows it once", async (system) => {
  const { ann, ben, benPerson } = await twoPeople(system);
  const benToo = await ChatTab.open(benPerson, ben.page.url());
  await benToo.connected();
  await ann.say("hello, Ben");
  for (const tab of [ann, ben, benToo]) await tab.message("hello, Ben").waitFor();
  await benToo.say("hello, Ann");
  await ann.say("안녕하세요");
  for (const tab of [ann, ben, benToo])
    await poll(async () => (await tab.heard()).toSorted()).toEqual(["hello, Ann", "hello, Ben", "안녕하세요"]);
  // Who was there meanwhile sees what who comes later sees.
  const later = await ChatTab.open(benPerson, ben.page.url());
  await poll(() => later.heard()).toEqual(await ann.heard());
  for (const tab of [ann, ben, benToo, later]) expect(tab.errors).toEqual([]);
});
