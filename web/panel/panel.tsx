// The page of a system that has no chat: whose it is, who looks on, which room is open, and what goes over the wire.

import { render, type JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { app } from "../app.ts";
import { textOf } from "../format.ts";
import { useSource } from "../source.ts";
import { Settings } from "../views/settings.tsx";
import { Toasts } from "../views/toasts.tsx";
import { WirePanel } from "../views/wire-panel.tsx";
import { say } from "../words.ts";
import { definitionOf } from "./definitions.ts";
import type { Link } from "./listening.ts";
import { fieldsOf, kindsOf, Onlooker, type Named } from "./onlooker.ts";

export async function showPanel(system: string, page: HTMLElement): Promise<void> {
  const onlooker = new Onlooker(await definitionOf(system), app.journal);
  render(<Panel onlooker={onlooker} />, page);
}

function Panel({ onlooker }: { onlooker: Onlooker }): JSX.Element {
  useSource(app.changes);
  useSource(onlooker.changes);
  const { system, account } = onlooker;
  const { name, title = name } = system;
  useEffect(() => void (document.title = `${title} · Rollcall`), [title]);
  return (
    <div class="panel">
      <main>
        <header>
          <img src="/icon.svg" alt="" width="40" height="40" />
          <div>
            <h1>{title}</h1>
            <p class="hint">
              <code>{name}</code>
            </p>
          </div>
        </header>
        <p>{say(system.rooms === undefined ? "lookOnStream" : "lookOn")}</p>
        {account === undefined ? <Who onlooker={onlooker} /> : <Whoever onlooker={onlooker} name={account.username} />}
        {account === undefined || system.rooms === undefined ? null : <Rooms onlooker={onlooker} />}
        <div role="status">
          <ul class="links">
            {[...onlooker.links].map(([transport, link]) => (
              <LinkLine key={transport} transport={transport} link={link} />
            ))}
          </ul>
        </div>
        <Settings />
      </main>
      <WirePanel kinds={kindsOf(system)} />
      <Toasts />
    </div>
  );
}

/** One step at a time; what goes wrong is said. */
function useStep(): [busy: boolean, step: (work: () => Promise<void>) => void] {
  const [busy, setBusy] = useState(false);
  const step = (work: () => Promise<void>): void => {
    setBusy(true);
    void work()
      .catch(app.complain)
      .finally(() => setBusy(false));
  };
  return [busy, step];
}

const fieldWords = { username: "username", email: "email", password: "password", token: "token" } as const;
/** By field: what the browser is told of it. */
const inputs = {
  username: { type: "text", required: true },
  email: { type: "email", required: true },
  password: { type: "password", required: true },
  token: { type: "password", "aria-describedby": "token-hint" },
} as const;

function Who({ onlooker }: { onlooker: Onlooker }): JSX.Element {
  const [busy, step] = useStep();
  const { accounts } = onlooker.system;
  const fields = fieldsOf(onlooker.system);
  const given: Named = accounts?.listed?.()[0] ?? {};
  const signsUp = accounts?.signUp !== undefined;
  const enter = (form: HTMLFormElement): void => {
    const data = new FormData(form);
    const named = Object.fromEntries(fields.map((field) => [field, textOf(data, field).trim()]));
    step(() => onlooker.logIn(named));
  };
  return (
    <section class="card" aria-labelledby="who-title">
      <h2 id="who-title">{say("whoLooks")}</h2>
      {signsUp ? (
        <>
          <button type="button" class="primary" disabled={busy} onClick={() => step(() => onlooker.signUp())}>
            {say("newUser")}
          </button>
          <p class="hint">{say("orKnown")}</p>
        </>
      ) : null}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          enter(event.currentTarget);
        }}
      >
        {fields.map((field) => (
          <label key={field}>
            {say(fieldWords[field])}
            <input {...inputs[field]} name={field} autocomplete="off" defaultValue={given[field] ?? ""} />
          </label>
        ))}
        {fields.includes("token") ? (
          <p class="hint" id="token-hint">
            {say("tokenHint")}
          </p>
        ) : null}
        <button type="submit" class={signsUp ? "secondary" : "primary"} disabled={busy}>
          {say(signsUp ? "logIn" : "begin")}
        </button>
      </form>
    </section>
  );
}

function Whoever({ onlooker, name }: { onlooker: Onlooker; name: string }): JSX.Element {
  const [busy, step] = useStep();
  return (
    <p class="whoever">
      <span>{say("lookingAs", { name })}</span>{" "}
      <button type="button" class="link" disabled={busy} onClick={() => step(() => onlooker.logOut())}>
        {say("another")}
      </button>
    </p>
  );
}

function Rooms({ onlooker }: { onlooker: Onlooker }): JSX.Element {
  const [busy, step] = useStep();
  const [join, setJoin] = useState(onlooker.mayJoin);
  const { room, rooms, listsRooms } = onlooker;
  return (
    <section class="card" aria-labelledby="rooms-title">
      <div class="dialog-head">
        <h2 id="rooms-title">{say("whichRoom")}</h2>
        {listsRooms ? (
          <button type="button" class="link" disabled={busy} onClick={() => step(() => onlooker.look())}>
            {say("lookAgain")}
          </button>
        ) : null}
      </div>
      {onlooker.mayJoin ? (
        <label class="check">
          <input type="checkbox" checked={join} onChange={({ currentTarget }) => setJoin(currentTarget.checked)} />
          {say("joinFirst")}
        </label>
      ) : null}
      {listsRooms && rooms.length === 0 ? <p class="hint">{say("noRooms")}</p> : null}
      {rooms.length === 0 ? null : (
        <ul class="rooms" tabIndex={0} aria-labelledby="rooms-title">
          {rooms.map((one) => (
            <li key={one.id}>
              <button
                type="button"
                class="channel"
                disabled={busy}
                aria-pressed={String(one.id) === String(room?.id)}
                onClick={() => step(() => onlooker.open(one, join))}
              >
                <span class="name">{one.name ?? ""}</span>
                <code>{one.id}</code>
              </button>
            </li>
          ))}
        </ul>
      )}
      <form
        class="room-id"
        onSubmit={(event) => {
          event.preventDefault();
          const id = textOf(new FormData(event.currentTarget), "room").trim();
          step(() => onlooker.open({ id }, join));
        }}
      >
        <label>
          {say("roomId")}
          <input name="room" required autocomplete="off" />
        </label>
        <button type="submit" class="secondary" disabled={busy}>
          {say("open")}
        </button>
      </form>
      {room === undefined ? null : <p role="status">{say("roomIsOpen", { name: room.name ?? room.id })}</p>}
    </section>
  );
}

const linkWords = { connecting: "linkConnecting", up: "linkUp", down: "linkDown", refused: "linkRefused" } as const;
const lampOf = { connecting: "partly", up: "up", down: "down", refused: "down" } as const;

function LinkLine({ transport, link }: { transport: string; link: Link }): JSX.Element {
  const why = link.state === "refused" ? link.why : "";
  return (
    <li class={`link-state ${lampOf[link.state]}`} data-transport={transport} data-state={link.state}>
      <span class="lamp" aria-hidden="true" />
      <span>
        {transport}: {say(linkWords[link.state], { why })}
      </span>
    </li>
  );
}
