// The chat page as a user has it: found and used by what a screen reader would say. Talks and never judges.

import type { Locator } from "playwright-core";
import type { SystemName } from "../../systems/discodeit/wire.ts";
import { Tab } from "./tab.ts";

export const password = "correct-horse-1!";

let nameCount = 0;
export const newName = (who: string, system: SystemName): string =>
  `${who}-${system.at(-1)}-${Date.now().toString(36)}${(nameCount += 1)}`;

export class ChatTab extends Tab {
  get state(): Locator {
    return this.page.locator(".link-state");
  }
  get messages(): Locator {
    return this.page.locator("[data-message] .content");
  }
  get field(): Locator {
    return this.page.locator(".composer textarea");
  }
  get loginButton(): Locator {
    return this.page.locator("form").getByRole("button", { name: "Log in" });
  }

  message(text: string): Locator {
    return this.page.locator("[data-message]").filter({ hasText: text });
  }
  channel(name: string): Locator {
    return this.page.getByRole("navigation", { name: "Channels" }).getByRole("link", { name });
  }

  async signUp(name: string): Promise<void> {
    await this.page.getByRole("button", { name: "Sign up" }).last().click();
    await this.page.getByLabel("User name").fill(name);
    await this.page.getByLabel("E-mail").fill(`${name}@example.com`);
    await this.page.getByLabel("Password").fill(password);
    await this.page.locator("form").getByRole("button", { name: "Sign up" }).click();
    await this.connected();
  }

  async logIn(name: string, secret = password): Promise<void> {
    await this.page.getByLabel("User name").fill(name);
    await this.page.getByLabel("Password").fill(secret);
    await this.loginButton.click();
    await this.connected();
  }

  /** Messages and events come. */
  async connected(): Promise<void> {
    await this.page.locator('.link-state[data-messages="up"][data-events="up"]').waitFor();
  }

  async openPrivate(...names: string[]): Promise<void> {
    await this.page.getByRole("button", { name: "New channel" }).first().click();
    const dialog = this.page.getByRole("dialog");
    await dialog.getByRole("radio", { name: "Private channel" }).check();
    for (const name of names) await dialog.getByRole("checkbox", { name }).check();
    await dialog.getByRole("button", { name: "Create" }).click();
    await dialog.waitFor({ state: "hidden" });
    await this.entered(names[0] ?? "");
  }

  /** The channel is the one that is shown. */
  async entered(name: string): Promise<void> {
    await this.page.getByRole("heading", { level: 1, name }).waitFor();
  }

  async openPublic(name: string): Promise<void> {
    await this.page.getByRole("button", { name: "New channel" }).first().click();
    const dialog = this.page.getByRole("dialog");
    await dialog.getByLabel("Name").fill(name);
    await dialog.getByRole("button", { name: "Create" }).click();
    await this.entered(name);
  }

  async say(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press("Enter");
  }

  /** All that is shown and has been confirmed, in the order of the page. */
  async heard(): Promise<string[]> {
    return await this.messages.allTextContents();
  }

  async showWire(): Promise<void> {
    await this.page.getByRole("button", { name: "On the wire" }).click();
  }

  async logOut(): Promise<void> {
    await this.page.locator(".corner summary").click();
    await this.page.getByRole("button", { name: "Log out" }).click();
  }
}
