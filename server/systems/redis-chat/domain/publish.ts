// How is a fact told? Once, after its commit, and to whoever hears it then. Source: the Redis chat contract, section 4.

import { publicationOf, type Delivery } from "../../../bus/records.ts";
import type { SystemContext } from "../../system.ts";

/**
 * Says what was committed, once. What the bus does not take is heard by nobody, as the description has it: the history
 * has it, and the caller is not refused. Never throws.
 */
export const publish = ({ bus, onFault }: Pick<SystemContext, "bus" | "onFault">, record: Delivery): Promise<void> =>
  bus.publish([publicationOf(record)]).catch(onFault);
