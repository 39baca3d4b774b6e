// What those modules have in common that stand in for server/bus/kafka-bus.ts: a bus whose followers hear something
// else.

import type { Bus, TopicRecords } from "../../../../server/bus/bus.ts";
import type { Topic } from "../../../../server/bus/records.ts";

/** A record that may say which instance made it. */
export type MadeSomewhere = TopicRecords[Topic] & { madeBy?: string };

export const isMadeElsewhere = (record: MadeSomewhere): boolean =>
  record.madeBy !== undefined && record.madeBy !== process.env["INSTANCE"];

/** `hear` is told each record, and what the follower would have done with it. */
export function followedOtherwise(
  bus: Bus,
  hear: (record: MadeSomewhere, pass: () => void | Promise<void>) => void | Promise<void>,
): Bus {
  const follow = bus.follow.bind(bus);
  bus.follow = (topic, onRecord) => follow(topic, (record, live) => hear(record, () => onRecord(record, live)));
  return bus;
}
