// Notifications: a bell with their number, and a list below it.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Chat } from "../chat.ts";
import { timeText } from "../format.ts";
import { say } from "../words.ts";
import type { NotificationDto } from "../wire.ts";
import { Icon } from "./icons.tsx";

export function Notifications({ chat }: { chat: Chat }): JSX.Element {
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const onKey = ({ key }: KeyboardEvent): void => {
      if (key === "Escape") setOpen(false);
    };
    const onClick = ({ target }: Event): void => {
      if (!place.current?.contains(target as Node)) setOpen(false);
    };
    addEventListener("keydown", onKey);
    addEventListener("pointerdown", onClick);
    return () => {
      removeEventListener("keydown", onKey);
      removeEventListener("pointerdown", onClick);
    };
  }, [open]);
  const { notifications } = chat;
  const count = notifications.length;
  const dismissAll = async (): Promise<void> => {
    for (const { id } of notifications) await chat.dismiss(id);
  };
  return (
    <div class="bell" ref={place}>
      <button
        type="button"
        class="plain"
        aria-expanded={open}
        aria-label={count === 0 ? say("notifications") : `${say("notifications")} (${count})`}
        title={say("notifications")}
        onClick={() => setOpen(!open)}
      >
        <Icon name="inbox" />
        {count === 0 ? null : (
          <span class="badge" aria-hidden="true">
            {count > 99 ? "99+" : count}
          </span>
        )}
      </button>
      {open ? (
        <section class="card popover" aria-labelledby="notifications-title">
          <div class="dialog-head">
            <h2 id="notifications-title">{say("notifications")}</h2>
            {count > 1 ? (
              <button type="button" class="link" onClick={() => void dismissAll().catch(chat.complain)}>
                {say("dismissAll")}
              </button>
            ) : null}
          </div>
          {count === 0 ? <p class="hint">{say("noNotifications")}</p> : null}
          <ul>
            {notifications.map((one) => (
              <Row key={one.id} chat={chat} notification={one} />
            ))}
          </ul>
        </section>
      ) : null}
    </div>
  );
}

function Row({ chat, notification }: { chat: Chat; notification: NotificationDto }): JSX.Element {
  const { id, title, content, createdAt, targetId } = notification;
  const isChannel = chat.channels.some((channel) => channel.id === targetId);
  return (
    <li>
      <div>
        <p class="by">
          <strong>{isChannel ? <a href={`#/channels/${targetId}`}>{title}</a> : title}</strong>
          <time dateTime={createdAt}>{timeText(createdAt)}</time>
        </p>
        <p class="content">{content}</p>
      </div>
      <button
        type="button"
        class="plain"
        aria-label={say("dismiss")}
        title={say("dismiss")}
        onClick={() => void chat.dismiss(id).catch(chat.complain)}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}
