// The user's own: language and theme.

import type { JSX } from "preact";
import { app } from "../app.ts";
import { setTheme, theme, themes, type Theme } from "../theme.ts";
import { language, say, setLanguage, type Language } from "../words.ts";

const themeWords = { auto: "themeAuto", light: "themeLight", dark: "themeDark" } as const;

export function Settings(): JSX.Element {
  return (
    <div class="settings">
      <label>
        <span>{say("language")}</span>
        <select
          value={language}
          onChange={(event) => {
            setLanguage(event.currentTarget.value as Language);
            app.changes.changed();
          }}
        >
          <option value="en">English</option>
          <option value="ko">한국어</option>
        </select>
      </label>
      <label>
        <span>{say("theme")}</span>
        <select
          value={theme()}
          onChange={(event) => {
            setTheme(event.currentTarget.value as Theme);
            app.changes.changed();
          }}
        >
          {themes.map((one) => (
            <option key={one} value={one}>
              {say(themeWords[one])}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
