import { expect, test } from "vitest";
import { addressesOf } from "./serve.ts";

const partsOf = (system: string): string[] =>
  addressesOf(system, "http://h")
    .split(" · ")
    .map((part) => part.split(" ", 1)[0]!);

test.each([
  ["discodeit-1", ["page", "REST", "STOMP", "events"]],
  ["study-room", ["page", "REST", "STOMP", "events"]],
  ["redis-chat", ["page", "REST", "STOMP"]],
  ["gateway-chat", ["page", "STOMP"]],
  ["stomp", ["page", "STOMP", "SockJS"]],
  ["sse", ["page", "events"]],
])("addressesOf() has of %s what it has", (system, parts) => {
  expect(partsOf(system)).toEqual(parts);
});
