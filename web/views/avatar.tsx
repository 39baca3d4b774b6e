// A user as a circle with an initial; a dot says who is online.

import type { JSX } from "preact";
import { hueOf } from "../format.ts";

export function Avatar({ name, online }: { name: string; online?: boolean }): JSX.Element {
  const initial = String.fromCodePoint(name.trim().codePointAt(0) ?? 63).toUpperCase();
  return (
    <span class="avatar" style={{ "--hue": String(hueOf(name)) }} aria-hidden="true">
      {initial}
      {online === undefined ? null : <span class={online ? "dot online" : "dot"} />}
    </span>
  );
}
