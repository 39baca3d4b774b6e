// What does every rule of the Redis chat have in reach?

import { v7 as newId } from "uuid";
import { publicationOf, type Delivery } from "../../../bus/records.ts";
import type { LoginGuard } from "../../../security/logins.ts";
import type { AccessTokens } from "../../../security/tokens.ts";
import type { SystemContext } from "../../system.ts";

export interface Core extends SystemContext, Omit<LoginGuard, "store"> {
  tokens: AccessTokens;
}

export const delivery = (roomId: number, destination: string, body: object): Delivery => ({
  topic: "messages",
  id: newId(),
  channelId: String(roomId),
  destination,
  body: JSON.stringify(body),
  createdAtMs: Date.now(),
});

/**
 * Says what was committed, once. What the bus does not take is heard by nobody, as the description has it: the history
 * has it, and the caller is not refused. Never throws.
 */
export const publish = ({ bus, onFault }: Core, record: Delivery): Promise<void> =>
  bus.publish([publicationOf(record)]).catch(onFault);
