// What do people do on the chat page? In a real Chromium, on the embedded server or on the stack through Nginx.

import { expect, test } from "vitest";
import { pageBytesMax } from "../../drivers/limits.ts";
import { openRelay } from "../../drivers/relay.ts";
import { eventNames, systemNames, type SystemName } from "../../systems/discodeit/wire.ts";
import { newPerson, poll, twoNewPeople, twoPeople, urlOf, useChatPage } from "./chat-house.ts";
import { ChatTab, newName } from "./chat-page.ts";

useChatPage(systemNames);

/** Ann sends a file; both see when it is ready, and get it back whole. */
async function sendFile({ ann, ben }: { ann: ChatTab; ben: ChatTab }, system: SystemName): Promise<void> {
  const bytes = Buffer.from("the whole file");
  await ann.page
    .locator("input[type=file]")
    .setInputFiles([{ name: "보고서.txt", mimeType: "text/plain", buffer: bytes }]);
  await ann.say("see the file");
  for (const tab of [ann, ben]) {
    const file = tab.message("see the file").locator("[data-file]");
    await file.and(tab.page.locator('[data-state="ready"]')).waitFor();
    const [download] = await Promise.all([
      tab.page.waitForEvent("download"),
      file.getByRole("button", { name: "Download 보고서.txt" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("보고서.txt");
    const got = await (await download.createReadStream()).toArray();
    expect(Buffer.concat(got as Buffer[])).toEqual(bytes);
  }
  // The uploader was told, and did not have to ask.
  const { uploadEnded } = eventNames[system];
  await ann.showWire();
  await ann.page.locator('.entry[data-kind="event"] .what', { hasText: uploadEnded }).first().waitFor();
}

test.each(systemNames)(
  "two people with two tabs each talk on %s, each tab shows it once, a file goes up",
  async (system) => {
    const { ann, ben, benPerson } = await twoNewPeople(system);
    const benToo = await ChatTab.open(benPerson, ben.page.url());
    await benToo.connected();
    await ann.say("hello, Ben");
    for (const tab of [ann, ben, benToo]) await tab.message("hello, Ben").waitFor();
    await benToo.say("hello, Ann");
    await ann.say("안녕하세요");
    for (const tab of [ann, ben, benToo])
      await poll(async () => (await tab.heard()).toSorted()).toEqual(["hello, Ann", "hello, Ben", "안녕하세요"]);
    await sendFile({ ann, ben }, system);
    // Who was there meanwhile sees what who comes later sees.
    const later = await ChatTab.open(benPerson, ben.page.url());
    await poll(() => later.heard()).toEqual(await ann.heard());
    for (const tab of [ann, ben, benToo, later]) expect(tab.errors).toEqual([]);
  },
);

test.each(systemNames)(
  "on %s a reload keeps the login and everything, and a logout in one tab ends the other",
  async (system) => {
    const { ann, ben, annPerson } = await twoNewPeople(system);
    await ann.say("before");
    await ben.message("before").waitFor();
    await ann.reload();
    await ann.connected();
    await ann.message("before").waitFor();
    await ben.say("after");
    await ann.message("after").waitFor();
    const annToo = await ChatTab.open(annPerson, ann.page.url());
    await annToo.message("after").waitFor();
    await ann.logOut();
    for (const tab of [ann, annToo]) await tab.loginButton.waitFor();
    await poll(async () => (await annPerson.cookies()).filter(({ httpOnly }) => httpOnly)).toEqual([]);
    await annToo.reload();
    await annToo.loginButton.waitFor();
    for (const tab of [ann, annToo, ben]) expect(tab.errors).toEqual([]);
  },
);

test("whoever is elsewhere sees what is unread, and is notified", async () => {
  const system = "discodeit-2";
  const { ann, ben, benName } = await twoPeople(system);
  const carlName = newName("carl", system);
  const carl = await ChatTab.open(await newPerson(), urlOf(system));
  await carl.signUp(carlName);
  await ann.openPrivate(carlName);
  await ben.say("are you there?");
  await ann.channel(benName).getByRole("img", { name: "1 unread" }).waitFor();
  await ann.page.getByRole("button", { name: "Notifications (1)" }).click();
  await ann.page.locator(".popover").getByText("are you there?").waitFor();
  await poll(() => ann.page.title()).toBe("(1) Rollcall");
  await ann.page.getByRole("button", { name: "Dismiss" }).click();
  await ann.page.getByText("Nothing new").waitFor();
  await ann.page.keyboard.press("Escape");
  await ann.channel(benName).click();
  await ann.message("are you there?").waitFor();
  await ann.channel(benName).getByRole("img").waitFor({ state: "detached" });
  // It stays read and dismissed.
  await ann.reload();
  await ann.message("are you there?").waitFor();
  await ann.connected();
  await poll(() => ann.channel(benName).getByRole("img").count()).toBe(0);
  await poll(() => ann.page.title()).toBe("Rollcall");
  await ann.page.getByRole("listitem").filter({ hasText: carlName }).getByText("online").waitFor();
  for (const tab of [ann, ben, carl]) expect(tab.errors).toEqual([]);
});

test("where no WebSocket passes, SockJS falls back and messages come all the same", async () => {
  const { annName, benName } = { annName: newName("ann", "discodeit-1"), benName: newName("ben", "discodeit-1") };
  const url = urlOf("discodeit-1");
  const ben = await ChatTab.open(await newPerson(), url);
  await ben.signUp(benName);
  const ann = await ChatTab.open(await newPerson(), url, (page) =>
    page.routeWebSocket(/\/ws\//, (socket) => void socket.close({ code: 1_011 })),
  );
  await ann.signUp(annName);
  await ann.state.getByText(/^xhr/).waitFor();
  await ann.openPrivate(benName);
  await ben.channel(annName).click();
  await ann.say("by another way");
  await ben.message("by another way").waitFor();
  await ben.say("heard");
  await ann.message("heard").waitFor();
  await poll(() => ann.heard()).toEqual(["by another way", "heard"]);
});

test("a connection that breaks is said to be away, comes back, and nothing is lost or doubled", async () => {
  const url = urlOf("discodeit-1");
  await using relay = await openRelay(url, { bytesMax: pageBytesMax, onTooMuch: () => undefined });
  const { ann, ben } = await twoPeople("discodeit-1", `http://127.0.0.1:${relay.port}`);
  await ann.say("one");
  await ben.message("one").waitFor();
  relay.cut();
  await ben.state.getByText("Reconnecting…").waitFor();
  for (const text of ["two", "three"]) await ann.say(text);
  await ann.message("three").waitFor();
  relay.release();
  await ben.connected();
  await poll(() => ben.heard()).toEqual(["one", "two", "three"]);
  await ben.say("four");
  await poll(() => ann.heard()).toEqual(["one", "two", "three", "four"]);
});

test("history comes by scrolling, each message once and in order", async () => {
  const { ann, ben } = await twoPeople("discodeit-1");
  // Tall ones: a page of them is more than the screen shows and what is fetched ahead.
  const texts = Array.from({ length: 60 }, (_, at) => `message ${at + 1}\n\n\n\nend`);
  for (const text of texts) await ann.say(text);
  await ben.message("message 60").waitFor();
  await poll(() => ben.heard()).toEqual(texts);
  await ben.reload();
  await ben.message("message 60").waitFor();
  expect((await ben.heard()).length).toBeLessThan(60);
  const scrollUp = (): Promise<void> => ben.page.locator("#messages").evaluate((list) => list.scrollTo(0, 0));
  await poll(async () => {
    await scrollUp();
    return (await ben.heard()).length;
  }).toBe(60);
  expect(await ben.heard()).toEqual(texts);
  await ben.page.getByRole("button", { name: "To the newest messages" }).click();
  const belowPx = (): Promise<number> =>
    ben.page.locator("#messages").evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight);
  await poll(belowPx).toBeLessThan(1);
});
