// A tab of a real Chromium, as a user has it. Talks and never judges; what the browser complains of – errors, and what
// the page's policy refused – is kept for the test.

import axe from "axe-core";
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";

/** For everything that a busy machine may delay. */
export const deadlineMs = 30_000;
const chromiumFlags = [
  "--disable-gpu",
  "--disable-features=LocalNetworkAccessChecks,HttpsUpgrades",
  "--no-proxy-server",
];

export const openBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: chromiumFlags,
    timeout: deadlineMs,
    // As on people's machines: without it a file whose name is no ASCII is saved as "download".
    env: { ...process.env, LC_ALL: "C.UTF-8" },
  });

/** Cookies and storage of its own: one user at one machine. */
export async function openPerson(browser: Browser, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const context = await browser.newContext({ locale: "en-US", viewport: { width: 1100, height: 800 }, ...options });
  context.setDefaultTimeout(deadlineMs);
  return context;
}

const networkChanged = "net::ERR_NETWORK_CHANGED";

export class Tab {
  readonly page: Page;
  /** What the browser put on its console as an error. */
  readonly errors: string[] = [];
  #hasNetworkChanged = false;

  constructor(page: Page) {
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

  static async open<T extends Tab>(
    this: new (page: Page) => T,
    person: BrowserContext,
    url: string,
    prepare?: (page: Page) => Promise<void>,
  ): Promise<T> {
    const tab = new this(await person.newPage());
    await prepare?.(tab.page);
    await tab.load(() => tab.page.goto(url));
    return tab;
  }

  async reload(): Promise<void> {
    await this.load(() => this.page.reload());
  }

  /** Docker's networks, which come and go beside a test, are a change of ours to Chromium: what it loads then fails. */
  protected async load(load: () => Promise<unknown>): Promise<void> {
    do {
      this.#hasNetworkChanged = false;
      await load().catch((error: unknown) => {
        if (!(error as Error).message.includes(networkChanged)) throw error;
        this.#hasNetworkChanged = true;
      });
    } while (this.#hasNetworkChanged);
  }

  /** What axe finds. Evaluated by the tool, not by a script element: the page's policy would not let one in. */
  async seriousViolations(): Promise<string[]> {
    const isThere = await this.page.evaluate(() => "axe" in globalThis);
    if (!isThere) await this.page.evaluate(axe.source);
    return await this.page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run: (options: object) => Promise<AxeResults> } };
      const { violations } = await axe.run({ resultTypes: ["violations"] });
      return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    });
  }
}

interface AxeResults {
  violations: { id: string; impact: string; nodes: { html: string }[] }[];
}
