// The chat page: draws the app into index.html and starts it.

import { render } from "preact";
import { app } from "./app.ts";
import { Page } from "./views/page.tsx";
import { applyTheme } from "./theme.ts";
import { language, setLanguage } from "./words.ts";

applyTheme();
setLanguage(language);
render(<Page />, document.querySelector("#page")!);
void app.start();
