// A new channel: a public one for managers, a private one with the people that are chosen.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { limits } from "../../systems/discodeit/wire.ts";
import type { Chat } from "../chat.ts";
import { textOf } from "../format.ts";
import { errorText, say } from "../words.ts";
import { Avatar } from "./avatar.tsx";
import { Icon } from "./icons.tsx";

export function NewChannel({ chat, onDone }: { chat: Chat; onDone: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [kind, setKind] = useState<"public" | "private">(chat.mayManage ? "public" : "private");
  const [error, setError] = useState("");
  useEffect(() => dialog.current?.showModal(), []);
  const create = async (form: HTMLFormElement): Promise<void> => {
    const data = new FormData(form);
    const text = (name: string): string => textOf(data, name).trim();
    try {
      if (kind === "public") await chat.createPublic(text("name"), text("description"));
      else await chat.createPrivate(data.getAll("member").map(String));
      onDone();
    } catch (error) {
      setError(errorText(error));
    }
  };
  return (
    <dialog ref={dialog} class="card" aria-labelledby="new-channel-title" onClose={onDone}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void create(event.currentTarget);
        }}
      >
        <div class="dialog-head">
          <h2 id="new-channel-title">{say("newChannel")}</h2>
          <button type="button" class="plain" aria-label={say("close")} onClick={() => dialog.current?.close()}>
            <Icon name="close" />
          </button>
        </div>
        <fieldset class="choice">
          <legend class="hidden">{say("newChannel")}</legend>
          {(["public", "private"] as const).map((one) => (
            <label key={one}>
              <input
                type="radio"
                name="kind"
                checked={kind === one}
                disabled={one === "public" && !chat.mayManage}
                onChange={() => setKind(one)}
              />
              <span>{say(one === "public" ? "newPublic" : "newPrivate")}</span>
            </label>
          ))}
        </fieldset>
        {chat.mayManage ? null : <p class="hint">{say("onlyManagers")}</p>}
        {kind === "public" ? <PublicFields /> : <Members chat={chat} />}
        <p class="error" role="alert">
          {error}
        </p>
        <div class="buttons">
          <button type="button" class="secondary" onClick={() => dialog.current?.close()}>
            {say("cancel")}
          </button>
          <button type="submit" class="primary">
            {say("create")}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function PublicFields(): JSX.Element {
  return (
    <>
      <label>
        {say("channelName")}
        <input name="name" required minLength={limits.channelNameMin} maxLength={limits.channelNameMax} />
      </label>
      <label>
        {say("channelDescription")}
        <input name="description" maxLength={limits.descriptionMax} />
      </label>
    </>
  );
}

/** More people than fit on the screen. */
const searchedFrom = 10;

function Members({ chat }: { chat: Chat }): JSX.Element {
  const [text, setText] = useState("");
  const others = chat.people.filter(({ id }) => id !== chat.me.id);
  return (
    <fieldset class="members">
      <legend>{say("chooseMembers")}</legend>
      {others.length > searchedFrom ? (
        <input
          type="search"
          placeholder={say("filter")}
          aria-label={say("filter")}
          onInput={(event) => setText(event.currentTarget.value.toLowerCase())}
        />
      ) : null}
      {others.map(({ id, username, online }) => (
        <label key={id} hidden={!username.toLowerCase().includes(text)}>
          <input type="checkbox" name="member" value={id} />
          <Avatar name={username} online={online === true} />
          <span class="name">{username}</span>
        </label>
      ))}
    </fieldset>
  );
}
