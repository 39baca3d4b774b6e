import { expect, test } from "vitest";
import { nameOf } from "./event-names.ts";

test.each([
  ["channels.created", ["channel.created"], "channel.created"],
  ["channels.created", ["readStatus.created", "channel.created"], "channel.created"],
  ["notifications.created", ["message.created", "notification"], "notification"],
  ["notifications", ["notification", "sse.notification"], "notification"],
  ["binaryContents.updated", ["binaryContent.updated"], "binaryContent.updated"],
  ["channels.created", ["CHANNEL_UPDATED", "channel.created"], "channel.created"],
  ["notifications.created", ["messages.created"], undefined],
  ["channels.refresh", ["ping", "replay.gap", "sse.connected"], undefined],
  ["channels.refresh", ["message"], "message"],
  ["channels.refresh", [], undefined],
])("%s is told as one of %j", (contractName, names, expected) => {
  expect(nameOf(contractName, names)).toBe(expected);
});
