// What do the realtime layers of systems with rooms do alike? A room is heard by its members alone; whoever is refused
// leaves a trace; a SEND that a rule refuses has no effect, and the sender finds the refusal on its error queue; who is
// online is told to nobody.

import type { Principal, RealtimePorts } from "../realtime/ports.ts";
import { refusalOf } from "./problem.ts";
import type { Members } from "./rooms.ts";
import type { SystemContext } from "./system.ts";

interface RoomRules {
  /** The destinations on which a room is heard; its first group is the room. */
  heard: RegExp;
  members: Members;
  /** Throws Problem where a rule refuses it, and FrameError: the session ends. */
  send: (principal: Principal, destination: string, body: string) => Promise<void>;
}

export function roomPorts(
  { store, trace }: Pick<SystemContext, "store" | "trace">,
  { heard, members, send }: RoomRules,
): Pick<RealtimePorts, "noteRefusedConnect" | "maySubscribe" | "mayReadNow" | "send" | "announceOnline"> {
  const noteAccess = ({ username: who }: Principal, what: string): void => trace.refused({ kind: "access", what, who });
  return {
    noteRefusedConnect: (_, from) => trace.refused({ kind: "connect", what: "CONNECT", from }),
    async maySubscribe(principal, destination) {
      const [, roomId] = heard.exec(destination) ?? [];
      const may = roomId !== undefined && (await members.isIn(store, principal, Number(roomId)));
      if (!may) noteAccess(principal, `SUBSCRIBE ${destination}`);
      return may;
    },
    mayReadNow: async (principal, { channelId }) =>
      channelId === undefined || (await members.isIn(store, principal, Number(channelId))),
    send: (principal, destination, body) =>
      refusalOf(
        () => send(principal, destination, body),
        ({ status }) => {
          if (status === 403) noteAccess(principal, `SEND ${destination}`);
        },
      ),
    announceOnline: () => Promise.resolve(),
  };
}
