// Which destinations has an exchange? Two kinds, by their prefix; no name is a pattern.

const topicPrefix = "/topic/";
const queuePrefix = "/queue/";

export const isTopic = (destination: string): boolean =>
  destination.startsWith(topicPrefix) && destination.length > topicPrefix.length;
export const isQueue = (destination: string): boolean =>
  destination.startsWith(queuePrefix) && destination.length > queuePrefix.length;
