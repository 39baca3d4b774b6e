// What does the chat page show, and how? In a real Chromium, on the embedded server or on the stack through Nginx.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { packageDir } from "../../deploy/images.ts";
import { newPerson, poll, twoPeople, urlOf, useChatPage } from "./chat-house.ts";
import { ChatTab, newName, password } from "./chat-page.ts";

useChatPage(["discodeit-1"]);

test("the wire panel shows frames, events and requests, without tokens, and filters them", async () => {
  const { ann, ben } = await twoPeople("discodeit-1");
  await ann.say("on the wire");
  await ben.message("on the wire").waitFor();
  const lines = ben.page.locator(".entry");
  await ben.showWire();
  for (const kind of ["stomp", "event", "rest"])
    await ben.page.locator(`.entry[data-kind="${kind}"]`).first().waitFor();
  await ben.page.getByLabel("Filter").fill("accept-version heart-beat");
  await lines.first().locator("summary").click();
  await lines.getByText("Authorization:Bearer …").waitFor();
  await ben.page.getByLabel("Filter").fill("message-id on the wire");
  await poll(() => lines.count()).toBe(1);
  await lines.getByText(/^age \d+/).waitFor();
  await lines.locator("summary").click();
  await lines.getByText('"content":"on the wire"').waitFor();
});

test("what the API refuses is said in words, and whoever speaks Korean reads Korean", async () => {
  const name = newName("ann", "discodeit-1");
  const url = urlOf("discodeit-1");
  const ann = await ChatTab.open(await newPerson(), url);
  await ann.page.getByLabel("User name").fill(name);
  await ann.page.getByLabel("Password").fill("wrong-horse-1!");
  await ann.loginButton.click();
  await ann.page.getByText("Unknown user name or wrong password.").waitFor();
  await ann.signUp(name);
  const korean = await ChatTab.open(await newPerson("ko-KR"), url);
  await korean.page.getByRole("button", { name: "회원가입" }).last().click();
  await korean.page.getByLabel("사용자 이름").fill(name);
  await korean.page.getByLabel("이메일").fill(`${name}@example.com`);
  await korean.page.getByLabel("비밀번호").fill(password);
  await korean.page.locator("form").getByRole("button", { name: "회원가입" }).click();
  await korean.page.getByText("이미 사용 중인 이름 또는 이메일입니다.").waitFor();
  await poll(() => korean.page.locator("html").getAttribute("lang")).toBe("ko");
});

test("the whole page is small, and nothing of it comes from elsewhere", async () => {
  const person = await newPerson();
  const asked: string[] = [];
  person.on("request", (request) => asked.push(new URL(request.url()).origin));
  const tab = await ChatTab.open(person, urlOf("discodeit-1"));
  await tab.loginButton.waitFor();
  expect(new Set(asked)).toEqual(new Set([new URL(urlOf("discodeit-1")).origin]));
  const dist = path.join(packageDir, "web/dist");
  const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const sizes = files.map(({ parentPath, name }) => gzipSync(readFileSync(path.join(parentPath, name))).length);
  expect(sizes.reduce((one, other) => one + other, 0)).toBeLessThan(150_000);
});

test("axe finds no serious violation, in either theme, wide and narrow", async () => {
  const { ann, ben } = await twoPeople("discodeit-1");
  await ann.say("hello");
  await ben.message("hello").waitFor();
  const entrance = await ChatTab.open(await newPerson(), urlOf("discodeit-1"));
  await entrance.loginButton.waitFor();
  expect(await entrance.seriousViolations()).toEqual([]);
  await ben.page.setViewportSize({ width: 1400, height: 850 });
  await ben.showWire();
  for (const colorScheme of ["light", "dark"] as const) {
    await ben.page.emulateMedia({ colorScheme });
    expect(await ben.seriousViolations()).toEqual([]);
  }
  await ben.page.getByRole("button", { name: "Notifications" }).click();
  expect(await ben.seriousViolations()).toEqual([]);
  await ben.page.keyboard.press("Escape");
  await ben.page.getByRole("button", { name: "New channel" }).first().click();
  expect(await ben.seriousViolations()).toEqual([]);
  await ben.page.keyboard.press("Escape");
  await ben.page.setViewportSize({ width: 390, height: 800 });
  await ben.page.getByRole("button", { name: "Close" }).click();
  expect(await ben.seriousViolations()).toEqual([]);
  await ben.page.getByRole("button", { name: "Menu" }).click();
  expect(await ben.seriousViolations()).toEqual([]);
});
