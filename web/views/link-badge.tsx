// Is the tab connected? In words, and by which transport.

import type { JSX } from "preact";
import type { Chat } from "../chat.ts";
import { say } from "../words.ts";

export function LinkBadge({ chat: { messagesLink, eventsLink, transport } }: { chat: Chat }): JSX.Element {
  const [state, text] =
    messagesLink === "up"
      ? eventsLink === "down"
        ? (["partly", say("eventsAway")] as const)
        : (["up", say("live")] as const)
      : messagesLink === "connecting"
        ? (["partly", say("connecting")] as const)
        : (["down", say("reconnecting")] as const);
  return (
    <span class={`link-state ${state}`} role="status" data-messages={messagesLink} data-events={eventsLink}>
      <span class="lamp" aria-hidden="true" />
      <span class="link-text">{text}</span>
      {messagesLink === "up" && transport !== "" ? <span class="transport">{transport}</span> : null}
    </span>
  );
}
