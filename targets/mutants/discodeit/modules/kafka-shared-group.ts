// Stands in for server/bus/kafka-bus.ts: all instances follow the messages as one consumer group, so each message
// reaches one of them.

import { openKafkaBus as open } from "../../../../server/bus/kafka-bus.ts";

export * from "../../../../server/bus/kafka-bus.ts";

export const openKafkaBus: typeof open = async (options) => {
  const bus = await open(options);
  const follow = bus.follow.bind(bus);
  bus.follow = (topic, onRecord) =>
    topic === "messages"
      ? bus.work(topic, "fan-out", async (record) => onRecord(record, true))
      : follow(topic, onRecord);
  return bus;
};
