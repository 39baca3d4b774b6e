import { expect, test } from "vitest";
import { defineSystem } from "./define.ts";
import { discodeitSystems } from "./discodeit/definition.ts";
import { game } from "./examples/game.ts";
import { rabbitMq } from "./examples/rabbitmq.ts";
import { gatewayChat, gatewayChatSecure } from "./gateway-chat/definition.ts";
import { redisChat } from "./redis-chat/definition.ts";
import { sse, streamSystem } from "./sse/definition.ts";
import { stompBroker } from "./stomp/definition.ts";
import type { SystemDefinition } from "./types.ts";
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

const whole = {
  name: "a",
  http: { csrf: { path: "/csrf", cookie: "c", header: "h" } },
  accounts: { guest: () => Promise.resolve({}) },
  rooms,
  stomp: { url: "/ws", destinations: () => ["/t"] as [string] },
  websocket: { url: () => "/ws", send: () => ({}), textOf: () => "", echo: true },
  actions: { move: { act: (): unknown => undefined, isEffect: () => true, repeatable: true } },
  events: { url: "/e", lastId: { header: true }, causes: { room: { receivers: "everyone" } } },
  presence: {},
} as const;

test.each([
  ["a part", { ...whole, acounts: {} }, 'there is no field "acounts"; did you mean accounts?'],
  ["http", { ...whole, http: { alife: "/" } }, 'http has no field "alife"; did you mean alive?'],
  ["its CSRF rule", { ...whole, http: { csrf: { path: "/", cookie: "c", heder: "h" } } }, "did you mean header?"],
  ["accounts", { ...whole, accounts: { signup: () => 0 } }, 'accounts has no field "signup"; did you mean signUp?'],
  ["rooms", { ...whole, rooms: { ...rooms, acess: "code" } }, 'rooms has no field "acess"; did you mean access?'],
  [
    "stomp",
    { ...whole, stomp: { ...whole.stomp, textOff: () => "" } },
    'stomp has no field "textOff"; did you mean textOf?',
  ],
  ["websocket", { ...whole, websocket: { ...whole.websocket, eco: true } }, "did you mean echo?"],
  [
    "actions",
    { ...whole, actions: { move: { act: (): unknown => 0, isEfect: () => 0 } } },
    'actions.move has no field "isEfect"',
  ],
  ["events", { ...whole, events: { ...whole.events, pingg: "x" } }, 'events has no field "pingg"; did you mean ping?'],
  ["lastId", { ...whole, events: { ...whole.events, lastId: { hedaer: true } } }, "did you mean header?"],
  [
    "causes",
    { ...whole, events: { url: "/e", causes: { room: { keyof: () => 0 } } } },
    'events.causes.room has no field "keyof"',
  ],
  ["presence", { ...whole, presence: { online: 1 } }, 'presence has no field "online"; did you mean isOnline?'],
  [
    "promises",
    { ...whole, promises: ["order-per-rom"] },
    'nobody can promise "order-per-rom"; did you mean order-per-room?',
  ],
])("defineSystem() names what is misspelt in %s", (_, definition, words) => {
  // As a configuration that nobody has type-checked.
  expect(() => defineSystem(definition as unknown as SystemDefinition)).toThrow(words);
});

test("defineSystem() takes what it gave, and whatever the example has", () => {
  const system = defineSystem(whole);
  expect(defineSystem(system).features).toEqual(system.features);
});
