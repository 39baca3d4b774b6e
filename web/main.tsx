// The page: draws the chat into index.html and starts it; on the port of a system without one, the panel of that system,
// which is loaded only there.

import { render } from "preact";
import { app } from "./app.ts";
import { Page } from "./views/page.tsx";
import { applyTheme } from "./theme.ts";
import { language, say, setLanguage } from "./words.ts";

applyTheme();
setLanguage(language);
const page = document.querySelector<HTMLElement>("#page")!;
const { system } = page.dataset;
if (system === undefined) {
  render(<Page />, page);
  void app.start();
} else {
  const again = (): void => {
    render(<p role="alert">{say("unreachable")}</p>, page);
    setTimeout(() => location.reload(), 3_000);
  };
  import("./panel/panel.tsx").then(({ showPanel }) => showPanel(system, page)).catch(again);
}
