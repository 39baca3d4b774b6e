// The messages of one channel: newest below, older ones as one scrolls up. The view stays where it is when something is
// added, and follows the newest message when it was there. A message's row is kept as long as the message is the same
// value, so that a thousand of them are not drawn again.

import type { JSX, VNode } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Chat } from "../chat.ts";
import { dayText, isSameDay, timeText } from "../format.ts";
import type { Unsent } from "../timeline.ts";
import { language, say } from "../words.ts";
import type { MessageDto } from "../wire.ts";
import { Attachment } from "./attachment.tsx";
import { Avatar } from "./avatar.tsx";
import { Icon } from "./icons.tsx";

const nearPx = 80;
const olderPx = 600;
/** Messages of one author within this time are one block. */
const blockMs = 5 * 60_000;

export function Messages({ chat, channelId }: { chat: Chat; channelId: string }): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const anchor = useRef<{ row: Element; top: number } | undefined>(undefined);
  const [away, setAway] = useState(false);
  const { messages, unsent, older } = chat.rooms.of(channelId);
  const rows = useMemo(() => rowsOf(chat, messages), [chat, messages, chat.newFrom, language]);
  // What is on the screen before the rows change.
  const before = list.current?.querySelector("[data-message]");
  if (before && !atEnd.current) anchor.current = { row: before, top: before.getBoundingClientRect().top };

  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return;
    if (atEnd.current) element.scrollTop = element.scrollHeight;
    else if (anchor.current?.row.isConnected === true)
      element.scrollTop += anchor.current.row.getBoundingClientRect().top - anchor.current.top;
    anchor.current = undefined;
    if (element.scrollTop < olderPx) void chat.rooms.loadOlder(channelId).catch(chat.complain);
  }, [messages, unsent, older]);

  const onScroll = (): void => {
    const element = list.current!;
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearPx;
    setAway(!atEnd.current);
    if (element.scrollTop < olderPx) void chat.rooms.loadOlder(channelId).catch(chat.complain);
  };
  const toEnd = (): void => {
    atEnd.current = true;
    list.current!.scrollTop = list.current!.scrollHeight;
  };
  return (
    <div class="messages-frame">
      <div
        ref={list}
        id="messages"
        class="messages"
        role="log"
        tabIndex={0}
        aria-label={say("messages")}
        onScroll={onScroll}
      >
        <div class="edge">
          {chat.rooms.isLoading(channelId) ? say("loadingOlder") : null}
          {older === null && messages.length > 0 ? say("beginning") : null}
          {older === null && messages.length === 0 && unsent.length === 0 ? say("noMessages") : null}
        </div>
        {rows}
        {unsent.map((one) => (
          <UnsentRow key={one.key} chat={chat} channelId={channelId} unsent={one} />
        ))}
      </div>
      {away ? (
        <button type="button" class="to-end" onClick={toEnd}>
          <Icon name="down" />
          {say("toNewest")}
        </button>
      ) : null}
    </div>
  );
}

interface Kept {
  key: string;
  row: VNode;
}
const kept = new WeakMap<MessageDto, Kept>();

function rowsOf(chat: Chat, messages: readonly MessageDto[]): VNode[] {
  return messages.map((message, at) => {
    const previous = messages[at - 1];
    const startsDay = previous === undefined || !isSameDay(previous.createdAt, message.createdAt);
    const isNew = message.id === chat.newFrom;
    const startsBlock =
      startsDay ||
      isNew ||
      previous.author?.id !== message.author?.id ||
      Date.parse(message.createdAt) - Date.parse(previous.createdAt) > blockMs;
    const key = [startsDay, startsBlock, isNew, language].join(" ");
    const known = kept.get(message);
    if (known?.key === key) return known.row;
    const row = (
      <MessageRow key={message.id} chat={chat} message={message} starts={{ startsDay, startsBlock, isNew }} />
    );
    kept.set(message, { key, row });
    return row;
  });
}

interface RowProps {
  chat: Chat;
  message: MessageDto;
  starts: { startsDay: boolean; startsBlock: boolean; isNew: boolean };
}

function MessageRow({ chat, message, starts: { startsDay, startsBlock, isNew } }: RowProps): JSX.Element {
  const { id, author, content, createdAt, attachments } = message;
  const name = author?.username ?? say("deletedUser");
  return (
    <div data-message={id} class={author?.id === chat.me.id ? "row own" : "row"}>
      {startsDay ? (
        <div class="line">
          <span>{dayText(createdAt)}</span>
        </div>
      ) : null}
      {isNew ? (
        <div class="line new">
          <span>{say("newMessages")}</span>
        </div>
      ) : null}
      <div class={startsBlock ? "message starts" : "message"}>
        {startsBlock ? <Avatar name={name} /> : <time class="aside">{timeText(createdAt)}</time>}
        <div class="said">
          {startsBlock ? (
            <p class="by">
              <strong>{name}</strong>
              <time dateTime={createdAt}>{timeText(createdAt)}</time>
            </p>
          ) : (
            <span class="hidden">{name}</span>
          )}
          {content ? <p class="content">{content}</p> : null}
          {attachments.length === 0 ? null : (
            <div class="attachments">
              {attachments.map((file) => (
                <Attachment key={file.id} chat={chat} file={file} />
              ))}
            </div>
          )}
        </div>
      </div>
    </div>
  );
}

function UnsentRow({ chat, channelId, unsent }: { chat: Chat; channelId: string; unsent: Unsent }): JSX.Element {
  const { key, content, fileNames, state, why } = unsent;
  return (
    <div class={`row own unsent ${state}`} data-unsent={state}>
      <div class="message starts">
        <Avatar name={chat.me.username} />
        <div class="said">
          <p class="by">
            <strong>{chat.me.username}</strong>
            <span role={state === "sending" ? undefined : "alert"}>{say(state)}</span>
          </p>
          {content === "" ? null : <p class="content">{content}</p>}
          {fileNames.length === 0 ? null : <p class="hint">{fileNames.join(", ")}</p>}
          {why === undefined ? null : <p class="error">{why}</p>}
          {state === "sending" ? null : (
            <p class="buttons start">
              <button type="button" class="link" onClick={() => chat.rooms.again(channelId, key)}>
                {say("sendAgain")}
              </button>
              <button type="button" class="link" onClick={() => chat.rooms.discard(channelId, key)}>
                {say("discard")}
              </button>
            </p>
          )}
        </div>
      </div>
    </div>
  );
}
