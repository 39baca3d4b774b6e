import { expect, test } from "vitest";
import { defineSystem } from "./define.ts";
import { discodeitSystems } from "./discodeit/definition.ts";
import { game } from "./examples/game.ts";
import { rabbitMq } from "./examples/rabbitmq.ts";
import { gatewayChat, gatewayChatSecure } from "./gateway-chat/definition.ts";
import { redisChat } from "./redis-chat/definition.ts";
import { sse, streamSystem } from "./sse/definition.ts";
import { stompBroker } from "./stomp/definition.ts";
import { studyRoom } from "./study-room/definition.ts";

test.each([
  [discodeitSystems["discodeit-1"], ["stomp", "sockjs", "credential", "post", "events", "replay", "membership"]],
  [studyRoom, ["stomp", "send", "history", "events", "membership", "log-out", "sender-checked"]],
  [gatewayChat, ["stomp", "sockjs", "raw-websocket", "send", "order-per-sender"]],
  [gatewayChatSecure, ["stomp", "sockjs", "credential", "send", "sender-checked"]],
  [redisChat, ["stomp", "sockjs", "credential", "send", "history", "membership"]],
  [rabbitMq, ["stomp", "text", "send", "order-per-sender", "broker", "acks", "transactions", "queues", "tcp"]],
  [stompBroker, ["stomp", "sockjs", "credential", "send", "broker", "acks", "transactions", "queues", "tcp"]],
  [sse, ["streams", "events", "publish", "replay", "credential"]],
  [game, ["stomp", "sockjs"]],
])("defineSystem() finds the features of $name", (system, some) => {
  expect([...system.features]).toEqual(expect.arrayContaining(some));
});

test("defineSystem() takes no feature from what a definition does not say", () => {
  for (const feature of ["send", "post", "history", "events"] as const) expect(game.features.has(feature)).toBe(false);
  expect(studyRoom.features.has("credential")).toBe(false); // the handshake has it
  expect(redisChat.features.has("order-per-room")).toBe(false);
  const watched = streamSystem({ url: "/events", replays: false, alive: { path: "/", by: "HEAD" } });
  expect([...watched.features]).toEqual(["streams", "one-system"]);
});

const rooms = { access: "anyone", open: () => Promise.resolve({ id: 1 }) } as const;

test.each([
  ["a name of capitals", { name: "MyChat" }, /a name is lower-case/],
  ["accounts without a way in", { name: "a", accounts: {} }, /how people come about .*\n.*accounts: \{/],
  ["STOMP without rooms", { name: "a", stomp: { url: "/ws", destinations: () => ["/t"] as const } }, /rooms\.open/],
  [
    "STOMP without anything to say",
    { name: "a", rooms, stomp: { url: "/ws", destinations: () => ["/t"] as const } },
    /how something is said.*\n.*stomp: \{/,
  ],
  ["events without a cause", { name: "a", events: { url: "/e", causes: {} } }, /events\.causes/],
] as const)("defineSystem() refuses %s and shows lines that would mend it", (_, definition, words) => {
  expect(() => defineSystem(definition)).toThrow(words);
});
