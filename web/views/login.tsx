// Logging in and signing up: one form, because both end in the same place.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { limits } from "../../systems/discodeit/wire.ts";
import { textOf } from "../format.ts";
import { app } from "../app.ts";
import { errorText, say } from "../words.ts";
import { Settings } from "./settings.tsx";

export function LoginForm(): JSX.Element {
  const [isNew, setNew] = useState(false);
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), [isNew]);
  useEffect(() => void (document.title = "Rollcall"), []);

  const submit = async (form: HTMLFormElement): Promise<void> => {
    const data = new FormData(form);
    const field = (name: string): string => textOf(data, name);
    const [username, email, password] = [field("username").trim(), field("email").trim(), field("password")];
    setBusy(true);
    setError("");
    try {
      await (isNew ? app.signUp(username, email, password) : app.logIn(username, password));
    } catch (error) {
      setError(errorText(error));
      setBusy(false);
    }
  };

  return (
    <main class="entrance">
      <section class="pitch">
        <img src="/icon.svg" alt="" width="56" height="56" />
        <p class="brand">Rollcall</p>
        <h1>{say("welcome")}</h1>
        <p>{say("welcomeMore")}</p>
      </section>
      <section class="card" aria-labelledby="entrance-title">
        <h2 id="entrance-title">{say(isNew ? "signUp" : "logIn")}</h2>
        {app.ended && error === "" ? (
          <p class="notice" role="status">
            {say("sessionEnded")}
          </p>
        ) : null}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void submit(event.currentTarget);
          }}
        >
          <label>
            {say("username")}
            <input
              ref={first}
              name="username"
              autocomplete="username"
              required
              {...(isNew ? { minLength: limits.usernameMin, maxLength: limits.usernameMax } : {})}
            />
          </label>
          {isNew ? (
            <label>
              {say("email")}
              <input name="email" type="email" autocomplete="email" required maxLength={limits.emailMax} />
            </label>
          ) : null}
          <label>
            {say("password")}
            <input
              name="password"
              type="password"
              required
              autocomplete={isNew ? "new-password" : "current-password"}
              {...(isNew ? { minLength: limits.passwordMin, "aria-describedby": "password-hint" } : {})}
            />
          </label>
          {isNew ? (
            <p class="hint" id="password-hint">
              {say("passwordHint")}
            </p>
          ) : null}
          <p class="error" role="alert">
            {error}
          </p>
          <button type="submit" class="primary" disabled={busy}>
            {say(isNew ? "signUp" : "logIn")}
          </button>
        </form>
        <p class="other">
          {say(isNew ? "knownHere" : "newHere")}{" "}
          <button
            type="button"
            class="link"
            onClick={() => {
              setNew(!isNew);
              setError("");
            }}
          >
            {say(isNew ? "logIn" : "signUp")}
          </button>
        </p>
      </section>
      <Settings />
    </main>
  );
}
