// What went wrong just now, in words.

import type { JSX } from "preact";
import { app } from "../app.ts";
import { say } from "../words.ts";
import { Icon } from "./icons.tsx";

export const Toasts = (): JSX.Element => (
  <div class="toasts" role="status" aria-live="polite">
    {app.toasts.map(({ key, text }) => (
      <div class="toast" key={key}>
        <span>{text}</span>
        <button type="button" class="plain" aria-label={say("close")} onClick={() => app.dismiss(key)}>
          <Icon name="close" />
        </button>
      </div>
    ))}
  </div>
);
