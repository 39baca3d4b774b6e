// Can `load` drive this system at all? Asked of the definition alone, before anything is created.

import type { System } from "../../systems/define.ts";
import { UsageError } from "../verify/usage-error.ts";
import type { Scenario } from "./scenarios.ts";

/** Throws UsageError that names what is missing and what to do. */
export function checkDrivable(
  { name, stomp, events }: System,
  { onStreams, overSockjs }: Pick<Scenario, "onStreams" | "overSockjs"> = {},
): void {
  const cannot = (missing: string, next: string): never => {
    throw new UsageError(`load cannot drive ${name}: ${missing}; next: ${next}`);
  };
  if (onStreams === true && events === undefined)
    return cannot("its definition has no `events`", "`rollcall load connections` loads its STOMP");
  if (onStreams === true && events?.publish !== undefined) return undefined;
  if (onStreams === true && events?.ofMessages === undefined)
    return cannot(
      "no event of its definition carries a text that load can choose",
      'add events.publish, as `publish: (account, text) => account.http.post("/announce", { json: { text } })`, or events.ofMessages',
    );
  if (stomp === undefined)
    return cannot(
      "its definition has no `stomp`, and load speaks STOMP over WebSocket",
      "`rollcall verify` judges what it has",
    );
  if (stomp.transports?.includes("websocket") === false && !stomp.transports.includes("sockjs"))
    return cannot("its `stomp.transports` has no WebSocket", "add it where the server speaks it");
  if (overSockjs === true && stomp.transports?.includes("sockjs") !== true)
    return cannot("its `stomp.transports` has no SockJS", "`rollcall load connections` loads its WebSocket");
  if (stomp.send === undefined)
    return cannot(
      "its definition does not say how a text is sent",
      "add stomp.send, as `send: ({ room, text }) => ({ destination: `/app/rooms/${room.id}`, body: { content: text } })`",
    );
  return undefined;
}
