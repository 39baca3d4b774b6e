// Stands in for server/bus/kafka-bus.ts: an instance does not hear of the events that others made.

import { openKafkaBus as open } from "../../../../server/bus/kafka-bus.ts";
import { followedOtherwise, isMadeElsewhere } from "./kafka-followers.ts";

export * from "../../../../server/bus/kafka-bus.ts";

export const openKafkaBus: typeof open = async (options) =>
  followedOtherwise(await open(options), (record, pass) => (isMadeElsewhere(record) ? undefined : pass()));
