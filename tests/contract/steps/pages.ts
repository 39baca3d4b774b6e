// What the clauses about real pages share: a page of the target's own origin or of another, and what an unmodified
// client does in it.

import { BrowserPage, type HeardInPage } from "../../../drivers/browser.ts";
import { TimeoutError } from "../../../drivers/errors.ts";
import { urlBelow } from "../../../drivers/network.ts";
import { originOf } from "../../../drivers/page.ts";
import { RestClient } from "../../../drivers/rest.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { doorsOf, findOrigin, usualOrigins } from "../../../runner/origin.ts";
import { claim, Unsupported } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { rely } from "../../../runner/steps.ts";
import { holds } from "../../../runner/text.ts";
import type { EventKey, World } from "../../../runner/world.ts";
import { nameOfProbes } from "./event-name.ts";

/** Half of the official web client's patience; each side asks for one so often. */
const heartBeatMs = 10_000;

/** The target's own origin, or the one that is let in instead of it. */
export function ownOrigin(world: World): string {
  const { page } = world.network;
  rely("let pages in", page !== undefined, "every page is refused");
  return page === "own" ? originOf(world.instance()) : page;
}

/** An origin that is not the target's own and is let in. Throws Unsupported where there is none. */
export async function otherOrigin(world: World): Promise<string> {
  const own = originOf(world.instance());
  const { page } = world.network;
  if (page !== undefined && page !== "own" && page !== own) return page;
  for (const origin of usualOrigins.filter((usual) => usual !== own)) {
    const found = await findOrigin(doorsOf(world), world, origin);
    if (found.page === origin) return origin;
  }
  throw new Unsupported("other-origin");
}

/** Whether a page of this origin may read what it is answered: without CORS it has the WebSocket alone. */
export async function mayRead(world: World, origin: string): Promise<boolean> {
  const { aliveBy, alivePath } = world.speaker;
  if (origin === originOf(world.instance()) || aliveBy === undefined) return true;
  const { network, transcript } = world;
  const rest = new RestClient({ network, transcript, baseUrl: world.instance(), label: "page", origin });
  return (await rest.request(aliveBy, alivePath)).headers.has("access-control-allow-origin");
}

export async function openPage(
  world: World,
  origin: string,
  label: string,
  headers: Record<string, string> = {},
): Promise<BrowserPage> {
  const { browser, ca } = world.target;
  if (browser === undefined) throw new Unsupported("browser");
  const { transcript } = world;
  return world.track(
    await BrowserPage.open({
      browser,
      instance: world.instance(),
      origin,
      transcript,
      label,
      hasPrivateCa: ca !== undefined,
      headers,
    }),
  );
}

const isEnd = ({ kind }: HeardInPage): boolean => kind === "error" || kind === "closed";

/** Connects as the page's own script would. Resolves with what CONNECTED says of heart-beats. */
export async function connectIn(world: World, page: BrowserPage, headers: Record<string, string>): Promise<string> {
  rely(
    "connect",
    !world.baseline.guardedHandshake,
    "the WebSocket handshake needs a credential, and no page sends one",
  );
  await page.openStomp({ url: world.stompUrl(), headers, heartBeatMs });
  const first = await page.inbox.awaitItem(
    "CONNECTED in the page",
    (heard) => heard.kind === "connected" || isEnd(heard),
    2 * world.deadlineMs,
  );
  claim(first.kind === "connected", `in the page @stomp/stompjs was refused: ${first.text}`);
  return first.text;
}

/** Subscribes, and knows that it is live. */
async function subscribeIn(world: World, page: BrowserPage, account: Account, channel: Channel): Promise<void> {
  const receipt = world.baseline.receipts ? "page-subscribed" : undefined;
  await page.subscribe(channel.destination, receipt);
  if (receipt !== undefined) {
    await page.inbox.awaitItem("a receipt in the page", ({ kind }) => kind === "receipt", world.deadlineMs);
    return;
  }
  await untilHeard(world, async () => {
    const marker = world.marker("probe");
    await world.post(account, channel, marker);
    return ({ text }) => holds(text, marker);
  })(page);
}

/** Does something again and again until the page hears of it. */
const untilHeard =
  (world: World, cause: () => Promise<(heard: HeardInPage) => boolean>) =>
  async (page: BrowserPage): Promise<void> => {
    const untilMs = performance.now() + 2 * world.deadlineMs;
    for (let attempt = 0; ; attempt++) {
      const isIt = await cause();
      try {
        await page.inbox.awaitItem("a probe in the page", isIt, Math.min(world.deadlineMs, 500 * 2 ** attempt));
        return;
      } catch (error) {
        if (!(error instanceof TimeoutError) || performance.now() > untilMs) throw error;
      }
    }
  };

/** What is heard in the page, and how often. */
const countOf = ({ inbox }: BrowserPage, isIt: (heard: HeardInPage) => boolean): number =>
  inbox.items.filter(isIt).length;

/** Sends one message, and hears it once. */
export async function sendsAndHears(
  world: World,
  page: BrowserPage,
  account: Account,
  channel: Channel,
): Promise<void> {
  await subscribeIn(world, page, account, channel);
  const [marker, fence] = [world.marker(), world.marker("fence")];
  for (const text of [marker, fence]) await page.publish(world.speaker.sendOf(account, channel.room, text));
  for (const text of [marker, fence])
    await page.inbox.awaitItem("its own message in the page", (heard) => holds(heard.text, text), world.deadlineMs);
  await world.settle();
  const count = countOf(page, ({ kind, text }) => kind === "message" && holds(text, marker));
  claim(count === 1, `in the page @stomp/stompjs heard its message ${count} times`);
}

/** Connects in a page, sends and hears. */
export async function stompStory(world: World, origin: string): Promise<void> {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  const page = await openPage(world, origin, alice.label);
  await connectIn(world, page, world.speaker.connectHeaders(alice));
  await sendsAndHears(world, page, alice, channel);
}

/** Whether the page heard the event that tells of this. */
const tells =
  (world: World, { id }: EventKey) =>
  ({ kind, text }: HeardInPage): boolean => {
    const [, name = "", data = ""] = /^(\S+) \S* ?(.*)$/s.exec(text) ?? [];
    return kind === "event" && world.tellsOf({ name, data }, world.probeKind, id);
  };

/** An EventSource that is known to be live. */
async function liveEventsIn(world: World, origin: string, alice: Account, bob: Account): Promise<BrowserPage> {
  const { url, headers } = world.speaker.streamOf(alice);
  // An EventSource cannot name a token: the browser puts it in below the page.
  const page = await openPage(world, origin, alice.label, headers);
  await page.openEvents(urlBelow(world.instance(), url), [await nameOfProbes(world, alice, bob)]);
  await untilHeard(world, async () => tells(world, await world.causeEvent(bob, alice)))(page);
  return page;
}

async function hearsEachOnce(
  world: World,
  page: BrowserPage,
  keys: readonly EventKey[],
  waitMs: number,
): Promise<void> {
  for (const key of keys) await page.inbox.awaitItem("an event in the page", tells(world, key), waitMs);
  await world.settle();
  const counts = keys.map((key) => countOf(page, tells(world, key)));
  claim(
    counts.every((count) => count === 1),
    `in the page EventSource heard ${keys.length} events ${counts.join(", ")} times`,
  );
}

/** Hears events, and, with `resumes`, those that it missed while it was cut off. */
export async function eventsStory(world: World, origin: string, { resumes }: { resumes: boolean }): Promise<void> {
  const [alice, bob] = await world.accounts(2);
  const page = await liveEventsIn(world, origin, alice, bob);
  const before = await world.causeEvent(bob, alice);
  await hearsEachOnce(world, page, [before], 2 * world.deadlineMs);
  if (!resumes) return;
  page.cut();
  const missed = [await world.causeEvent(bob, alice), await world.causeEvent(bob, alice)];
  page.release();
  // It waits for some seconds between two attempts.
  await hearsEachOnce(world, page, [before, ...missed, await world.causeEvent(bob, alice)], 15_000 + world.deadlineMs);
}
