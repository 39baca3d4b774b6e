// The world of the tests of the chat page: a real Chromium, the embedded server or the stack through Nginx, and people,
// whose browsers are closed after each test.

import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject } from "vitest";
import { buildPage } from "../../deploy/page.ts";
import { findChromium } from "../../drivers/chromium.ts";
import type { SystemName } from "../../systems/discodeit/wire.ts";
import { startServers } from "../../targets/embedded.ts";
import { stackTarget } from "../stack.ts";
import { ChatTab, newName } from "./chat-page.ts";
import { knownPair } from "./chat-people.ts";
import { deadlineMs, openBrowser, openPerson } from "./tab.ts";

const chromium = findChromium();
const onStack = inject("targetName") === "stack";
let server: Awaited<ReturnType<typeof startServers>> | undefined;
let browser: Browser;
const persons: BrowserContext[] = [];

/** For a file of tests: what they need is there before the first of them. */
export function useChatPage(systems: readonly SystemName[]): void {
  beforeAll(async () => {
    if (chromium === undefined) return;
    // Once for all tests, before the clock of any of them runs: a fresh clone has no page as yet.
    const starting = onStack ? undefined : startServers(systems);
    [browser, server] = await Promise.all([openBrowser(chromium), starting, buildPage()]);
  });
  beforeEach(({ skip }) => skip(chromium === undefined, "there is no Chromium; next: npx rollcall doctor"));
  afterEach(async () => {
    await Promise.all(persons.splice(0).map((person) => person.close()));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });
}

export const urlOf = (system: SystemName): string => (onStack ? stackTarget(system).proxy! : server!.urls[system]);

export async function newPerson(locale = "en-US"): Promise<BrowserContext> {
  const person = await openPerson(browser, { locale });
  persons.push(person);
  return person;
}

/** Two people who sign up on the page and open a private channel there, each with a tab. */
export async function twoNewPeople(system: SystemName) {
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

/** Two people who were there before, in a private channel, each with a tab. */
export async function twoPeople(system: SystemName, urlOfBen = urlOf(system)) {
  const [annName, benName] = [newName("ann", system), newName("ben", system)];
  const pair = [
    { name: annName, url: urlOf(system) },
    { name: benName, url: urlOfBen },
  ] as const;
  const { persons: both, channelId } = await knownPair(browser, system, pair);
  persons.push(...both);
  const [annPerson, benPerson] = both;
  const openAt = (person: BrowserContext, url: string): Promise<ChatTab> =>
    ChatTab.open(person, `${url}/#/channels/${channelId}`);
  const [ann, ben] = await Promise.all([openAt(annPerson, urlOf(system)), openAt(benPerson, urlOfBen)]);
  await Promise.all([ann.connected(), ben.connected(), ann.entered(benName), ben.entered(annName)]);
  return { ann, ben, annName, benName, annPerson, benPerson };
}

export const poll = <T>(ask: () => Promise<T>) => expect.poll(ask, { timeout: deadlineMs });
