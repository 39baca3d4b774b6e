// The chat page as a user has it: a tab of a real Chromium, found and used by what a screen reader would say. Talks and
// never judges; what the browser complains of – errors, and what the page's policy refused – is kept for the test.

import { chromium, type Browser, type BrowserContext, type Locator, type Page } from "playwright-core";
import type { SystemName } from "../../systems/discodeit/wire.ts";

/** For everything that a busy machine may delay. */
export const deadlineMs = 30_000;
const chromiumFlags = [
  "--disable-gpu",
  "--disable-features=LocalNetworkAccessChecks,HttpsUpgrades",
  "--no-proxy-server",
];
export const password = "correct-horse-1!";

export const openBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: chromiumFlags,
    timeout: deadlineMs,
    // As on people's machines: without it a file whose name is no ASCII is saved as "download".
    env: { ...process.env, LC_ALL: "C.UTF-8" },
  });

/** Cookies and storage of its own: one user at one machine. */
export async function openPerson(browser: Browser, locale = "en-US"): Promise<BrowserContext> {
  const context = await browser.newContext({ locale, viewport: { width: 1100, height: 800 } });
  context.setDefaultTimeout(deadlineMs);
  return context;
}

let nameCount = 0;
export const newName = (who: string, system: SystemName): string =>
  `${who}-${system.at(-1)}-${Date.now().toString(36)}${(nameCount += 1)}`;

const networkChanged = "net::ERR_NETWORK_CHANGED";

export class ChatTab {
  readonly page: Page;
  /** What the browser put on its console as an error. */
  readonly errors: string[] = [];
  #hasNetworkChanged = false;

  private constructor(page: Page) {
    this.page = page;
    page.on("requestfailed", (request) => {
      const { errorText = "" } = request.failure() ?? {};
      const isPart = ["document", "script", "stylesheet"].includes(request.resourceType());
      if (errorText === networkChanged || (isPart && errorText !== "net::ERR_ABORTED")) this.#hasNetworkChanged = true;
    });
    page.on("console", (message) => {
      const line = `${message.text()} ${message.location().url}`;
      if (message.type() === "error" && !line.includes(networkChanged)) this.errors.push(line);
    });
    page.on("pageerror", (error) => this.errors.push(String(error)));
  }

  static async open(person: BrowserContext, url: string, prepare?: (page: Page) => Promise<void>): Promise<ChatTab> {
    const page = await person.newPage();
    const tab = new ChatTab(page);
    await prepare?.(page);
    await tab.#load(() => page.goto(url));
    return tab;
  }

  async reload(): Promise<void> {
    await this.#load(() => this.page.reload());
  }

  /** Docker's networks, which come and go beside a test, are a change of ours to Chromium: what it loads then fails. */
  async #load(load: () => Promise<unknown>): Promise<void> {
    do {
      this.#hasNetworkChanged = false;
      await load().catch((error: unknown) => {
        if (!(error as Error).message.includes(networkChanged)) throw error;
        this.#hasNetworkChanged = true;
      });
    } while (this.#hasNetworkChanged);
  }

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
