// The whole page: the login form or the chat, and what went wrong just now.

import type { JSX } from "preact";
import { app } from "../app.ts";
import { useSource } from "../source.ts";
import { say } from "../words.ts";
import { LoginForm } from "./login.tsx";
import { Shell } from "./shell.tsx";
import { Toasts } from "./toasts.tsx";

export function Page(): JSX.Element {
  useSource(app.changes);
  return (
    <>
      {app.chat === undefined ? <Entrance /> : <Shell key={app.chat.me.id} chat={app.chat} />}
      <Toasts />
    </>
  );
}

function Entrance(): JSX.Element {
  if (app.phase === "out") return <LoginForm />;
  return (
    <main class="waiting">
      <img src="/icon.svg" alt="" width="48" height="48" />
      <p role="status">{say(app.phase === "unreachable" ? "unreachable" : "starting")}</p>
    </main>
  );
}
