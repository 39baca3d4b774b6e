// The panel of a system without a chat page, as a user has it: found and used by what a screen reader would say.

import type { Locator, Page } from "playwright-core";
import { Tab } from "./tab.ts";

export class PanelTab extends Tab {
  /** The command of each STOMP frame that the page sent, heart-beats left out, or the text of another frame. */
  readonly sent: string[] = [];

  constructor(page: Page) {
    super(page);
    page.on("websocket", (socket) =>
      socket.on("framesent", ({ payload }) => {
        for (const text of textsIn(String(payload))) if (text.trim() !== "") this.sent.push(text.split("\n", 1)[0]!);
      }),
    );
  }

  /** As whom the definition gives: a new user, the demo's, or nobody in particular. */
  async begin(): Promise<void> {
    await this.page.getByRole("button", { name: /^(A new user|Begin)$/ }).click();
    await this.page.getByText("You look on as").waitFor();
  }

  async logIn({ username, email, password }: { username: string; email: string; password: string }): Promise<void> {
    await this.page.getByLabel("User name").fill(username);
    await this.page.getByLabel("E-mail").fill(email);
    await this.page.getByLabel("Password").fill(password);
    await this.page.getByRole("button", { name: "Log in" }).click();
    await this.page.getByText(`You look on as ${username}.`).waitFor();
  }

  async openListed(id: string): Promise<void> {
    await this.page
      .getByRole("list", { name: "Which room?" })
      .getByRole("button")
      .getByText(id, { exact: true })
      .click();
  }

  async openNamed(id: string): Promise<void> {
    await this.page.getByLabel("Id of the room").fill(id);
    await this.page.getByRole("button", { name: "Open" }).click();
  }

  /** Nothing that comes by this way is missed from now on. */
  async listening(transport: string): Promise<void> {
    await this.page.locator(`[data-transport="${transport}"][data-state="up"]`).waitFor();
  }

  /** What came, of those kinds, and holds the text. */
  heard(kind: string, text: string): Locator {
    return this.page.locator(`.entry[data-way="in"][data-kind="${kind}"]`).filter({ hasText: text });
  }

  async filter(words: string): Promise<void> {
    await this.page.getByLabel("Filter").fill(words);
  }
}

/** SockJS wraps what it carries in an array. */
function textsIn(payload: string): string[] {
  return payload.startsWith("[") ? (JSON.parse(payload) as string[]) : [payload];
}
