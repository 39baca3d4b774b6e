// Can `load` drive this system at all? Asked of the definition alone, before anything is created.

import type { System } from "../../systems/define.ts";
import { UsageError } from "../verify/usage-error.ts";

/** Throws UsageError that names what is missing and what to do. */
export function checkDrivable({ name, stomp }: System): void {
  const cannot = (missing: string, next: string): never => {
    throw new UsageError(`load cannot drive ${name}: ${missing}; next: ${next}`);
  };
  if (stomp === undefined)
    return cannot(
      "its definition has no `stomp`, and load speaks STOMP over WebSocket",
      "`rollcall verify` judges what it has",
    );
  if (stomp.transports?.includes("websocket") === false && !stomp.transports.includes("sockjs"))
    return cannot("its `stomp.transports` has no WebSocket", "add it where the server speaks it");
  if (stomp.send === undefined)
    return cannot(
      "its definition does not say how a text is sent",
      "add stomp.send, as `send: ({ room, text }) => ({ destination: `/app/rooms/${room.id}`, body: { content: text } })`",
    );
  return undefined;
}
