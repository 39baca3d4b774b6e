// Stands in for server/bus/kafka-bus.ts: an instance hears of the messages that others made a little later.

import { openKafkaBus as open } from "../../../../server/bus/kafka-bus.ts";
import { followedOtherwise, isMadeElsewhere } from "./kafka-followers.ts";

export * from "../../../../server/bus/kafka-bus.ts";

const laterMs = 150;

export const openKafkaBus: typeof open = async (options) =>
  followedOtherwise(await open(options), (record, pass) =>
    isMadeElsewhere(record) ? void setTimeout(() => void pass(), laterMs) : pass(),
  );
