// Stands in for server/bus/kafka-bus.ts: both instances follow the messages as one group, each the channels with an
// even or an odd id.

import { openKafkaBus as open } from "../../../../server/bus/kafka-bus.ts";
import { followedOtherwise } from "./kafka-followers.ts";

export * from "../../../../server/bus/kafka-bus.ts";

export const openKafkaBus: typeof open = async (options) =>
  followedOtherwise(await open(options), (record, pass) => {
    const turn = Number.parseInt(record.channelId?.at(-1) ?? "", 16) % 2 === 0 ? "server-1" : "server-2";
    return record.topic !== "messages" || turn === process.env["INSTANCE"] ? pass() : undefined;
  });
