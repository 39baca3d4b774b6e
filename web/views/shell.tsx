// The chat: channels and people on the left, messages in the middle, what goes over the wire on the right. On a narrow
// screen the left side is a drawer, and the right one takes the whole width.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Chat } from "../chat.ts";
import { channelName } from "../format.ts";
import { say } from "../words.ts";
import { Composer } from "./composer.tsx";
import { Icon } from "./icons.tsx";
import { LinkBadge } from "./link-badge.tsx";
import { Messages } from "./messages.tsx";
import { NewChannel } from "./new-channel.tsx";
import { Notifications } from "./notifications.tsx";
import { Sidebar } from "./sidebar.tsx";
import { WirePanel } from "./wire-panel.tsx";

const wireKey = "rollcall.wire";
const wideEnough = "(min-width: 75rem)";

export function Shell({ chat }: { chat: Chat }): JSX.Element {
  const [drawer, setDrawer] = useState(false);
  const [creating, setCreating] = useState(false);
  const [wire, setWire] = useState(
    () => (localStorage.getItem(wireKey) ?? String(matchMedia(wideEnough).matches)) === "true",
  );
  const showWire = (next: boolean): void => {
    localStorage.setItem(wireKey, String(next));
    setWire(next);
  };
  const { openId, notifications } = chat;
  useEffect(() => setDrawer(false), [openId]);
  const count = notifications.length;
  useEffect(() => void (document.title = count === 0 ? "Rollcall" : `(${count}) Rollcall`), [count]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape") setDrawer(false);
      if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown"))
        step(chat, event.key === "ArrowUp" ? -1 : 1);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [chat]);
  return (
    <div class={`shell${drawer ? " with-drawer" : ""}${wire ? " with-wire" : ""}`}>
      <a class="skip" href="#messages" onClick={focusMessages}>
        {say("skip")}
      </a>
      <Sidebar chat={chat} onCreate={() => setCreating(true)} />
      <button type="button" class="veil" tabIndex={-1} aria-hidden="true" onClick={() => setDrawer(false)} />
      <main class="room">
        <header class="bar">
          <button
            type="button"
            class="plain only-narrow"
            aria-label={say("menu")}
            aria-expanded={drawer}
            onClick={() => setDrawer(!drawer)}
          >
            <Icon name="menu" />
          </button>
          <Title chat={chat} />
          <LinkBadge chat={chat} />
          <NotifyMe chat={chat} />
          <Notifications chat={chat} />
          <button
            type="button"
            class="plain"
            aria-label={say("onTheWire")}
            title={say("onTheWire")}
            aria-pressed={wire}
            onClick={() => showWire(!wire)}
          >
            <Icon name="wire" />
          </button>
        </header>
        {openId === undefined ? (
          <div class="empty">
            <p>{say("noChannels")}</p>
            <p>{say("noChannelsMore")}</p>
            <button type="button" class="primary" onClick={() => setCreating(true)}>
              {say("newChannel")}
            </button>
          </div>
        ) : (
          <>
            <Messages key={openId} chat={chat} channelId={openId} />
            <Composer key={`composer-${openId}`} chat={chat} channelId={openId} />
          </>
        )}
      </main>
      {creating ? <NewChannel chat={chat} onDone={() => setCreating(false)} /> : null}
      {wire ? <WirePanel onClose={() => showWire(false)} /> : null}
    </div>
  );
}

function focusMessages(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>("#messages")?.focus();
}

function step({ channels, openId }: Chat, by: number): void {
  const at = channels.findIndex(({ id }) => id === openId);
  const next = channels[(at + by + channels.length) % channels.length];
  if (next !== undefined) location.hash = `#/channels/${next.id}`;
}

function Title({ chat }: { chat: Chat }): JSX.Element {
  const channel = chat.openChannel;
  if (channel === undefined)
    return (
      <div class="title">
        <h1>Rollcall</h1>
      </div>
    );
  const about =
    channel.type === "PUBLIC"
      ? channel.description || say("publicChannel")
      : say("members", { count: channel.participants.length });
  return (
    <div class="title">
      <h1>
        {channel.type === "PUBLIC" ? <span class="hash">#</span> : <Icon name="lock" />}
        {channelName(channel, chat.me)}
      </h1>
      <p>{about}</p>
    </div>
  );
}

function NotifyMe({ chat }: { chat: Chat }): JSX.Element | null {
  const { openId } = chat;
  if (openId === undefined) return null;
  const isOn = chat.reads.get(openId)?.notificationEnabled === true;
  return (
    <button
      type="button"
      class="plain"
      aria-label={say("notifyMe")}
      title={say("notifyMe")}
      aria-pressed={isOn}
      onClick={() => void chat.setNotified(openId, !isOn).catch(chat.complain)}
    >
      <Icon name={isOn ? "bell" : "bellOff"} />
    </button>
  );
}
