// Channels, people, and the user's own corner.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { app } from "../app.ts";
import type { Chat } from "../chat.ts";
import { channelName } from "../format.ts";
import { language, say } from "../words.ts";
import type { ChannelDto } from "../wire.ts";
import { Avatar } from "./avatar.tsx";
import { Icon } from "./icons.tsx";
import { Settings } from "./settings.tsx";

export function Sidebar({ chat, onCreate }: { chat: Chat; onCreate: () => void }): JSX.Element {
  const ofType = (type: ChannelDto["type"]): ChannelDto[] => chat.channels.filter((channel) => channel.type === type);
  return (
    <div class="sidebar">
      <div class="brand-row">
        <img src="/icon.svg" alt="" width="28" height="28" />
        <span class="brand">Rollcall</span>
        <button type="button" class="plain" aria-label={say("newChannel")} title={say("newChannel")} onClick={onCreate}>
          <Icon name="plus" />
        </button>
      </div>
      <nav aria-label={say("channels")}>
        <ChannelList chat={chat} title={say("publicChannels")} channels={ofType("PUBLIC")} />
        <ChannelList chat={chat} title={say("privateChannels")} channels={ofType("PRIVATE")} />
      </nav>
      <People chat={chat} />
      <div class="corner">
        <details>
          <summary>
            <Avatar name={chat.me.username} online={chat.messagesLink === "up"} />
            <span class="name">{chat.me.username}</span>
          </summary>
          <Settings />
          <button type="button" class="secondary" onClick={() => void app.logOut()}>
            <Icon name="out" />
            {say("logOut")}
          </button>
        </details>
      </div>
    </div>
  );
}

interface ListProps {
  chat: Chat;
  title: string;
  channels: readonly ChannelDto[];
}

function ChannelList({ chat, title, channels }: ListProps): JSX.Element | null {
  if (channels.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <ul>
        {channels.map((channel) => (
          <ChannelRow key={channel.id} chat={chat} channel={channel} />
        ))}
      </ul>
    </section>
  );
}

function ChannelRow({ chat, channel }: { chat: Chat; channel: ChannelDto }): JSX.Element {
  const isUnread = chat.isUnread(channel);
  const count = chat.unread.get(channel.id) ?? 0;
  return (
    <li>
      <a
        class={isUnread ? "channel unread" : "channel"}
        href={`#/channels/${channel.id}`}
        {...(channel.id === chat.openId ? { "aria-current": "page" as const } : {})}
      >
        {channel.type === "PUBLIC" ? <span class="hash">#</span> : <Icon name="lock" />}
        <span class="name">{channelName(channel, chat.me)}</span>
        {isUnread ? (
          <span
            class={count === 0 ? "mark bare" : "mark"}
            aria-label={say("unreadCount", { count: count || "" })}
            role="img"
          >
            {count === 0 ? "" : count > 99 ? "99+" : count}
          </span>
        ) : null}
      </a>
    </li>
  );
}

/** Whoever looks for somebody else finds them in the form for a new channel. */
const peopleMax = 200;

function People({ chat }: { chat: Chat }): JSX.Element {
  return useMemo(() => <PeopleList chat={chat} />, [chat, chat.people, language]);
}

function PeopleList({ chat }: { chat: Chat }): JSX.Element {
  const isOnline = (online: boolean | null): number => (online === true ? 0 : 1);
  const people = chat.people.toSorted(
    (one, other) => isOnline(one.online) - isOnline(other.online) || one.username.localeCompare(other.username),
  );
  const onlineCount = people.filter(({ online }) => online).length;
  return (
    <section class="people" aria-labelledby="people-title">
      <h2 id="people-title">
        {say("people")} <span class="count">{`${onlineCount} ${say("online")}`}</span>
      </h2>
      <ul tabIndex={0} aria-labelledby="people-title">
        {people.slice(0, peopleMax).map(({ id, username, online }) => (
          <li key={id} class={online ? "person online" : "person"}>
            <Avatar name={username} online={online === true} />
            <span class="name">{username}</span>
            {id === chat.me.id ? <span class="you">{say("you")}</span> : null}
            <span class="hidden">{say(online ? "online" : "offline")}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
