import { expect, test } from "vitest";
import { demoUser } from "../systems/stomp/wire.ts";
import { ConfigError, readConfig } from "./config.ts";

test("readConfig() needs nothing: embedded, all systems, demo admin", () => {
  const config = readConfig({ DATABASE_URL: "" });
  expect(config).toMatchObject({
    systems: [
      "discodeit-1",
      "discodeit-2",
      "study-room",
      "redis-chat",
      "gateway-chat",
      "gateway-chat-secure",
      "stomp",
      "sse",
    ],
    host: "127.0.0.1",
    ports: { "discodeit-1": 8080, "discodeit-2": 8081 },
  });
  expect(config.system).toMatchObject({ adminUsername: "admin", passwordCostLog2: 14 });
  expect(config.databaseUrl).toBeUndefined();
  expect(config.system.stompUsers).toEqual([demoUser]);
});

test("readConfig() with a database wants an admin password and costly hashes", () => {
  const config = readConfig({
    DATABASE_URL: "postgres://h/db",
    ADMIN_PASSWORD: "s3cret!!",
    GATEWAY_CHAT_SECRET: "s".repeat(32),
    KAFKA_BROKERS: "a:1, b:2",
    REDIS_URL: "redis://r",
    ALLOWED_ORIGINS: "http://a,http://b",
  });
  expect(config.system.passwordCostLog2).toBe(17);
  expect(config.system.stompUsers).toEqual([]);
  expect(config.kafkaBrokers).toEqual(["a:1", "b:2"]);
  expect(config.allowedOrigins).toEqual(["http://a", "http://b"]);
});

const wrong: [string, NodeJS.ProcessEnv][] = [
  ["REDIS_URL", { REDIS_URL: "redis://r" }],
  ["KAFKA_BROKERS", { KAFKA_BROKERS: "a:1" }],
  ["ADMIN_PASSWORD", { DATABASE_URL: "postgres://h/db" }],
  ["GATEWAY_CHAT_SECRET", { DATABASE_URL: "postgres://h/db", ADMIN_PASSWORD: "s3cret!!" }],
  ["GATEWAY_CHAT_SECRET", { GATEWAY_CHAT_SECRET: "short" }],
  ["STOMP_USERS", { STOMP_USERS: "ann" }],
  ["STOMP_TCP_PORT", { STOMP_TCP_PORT: "70000" }],
  ["SSE_TOKENS", { SSE_TOKENS: "long-enough-a-token,short" }],
  ["KAFKA_BROKERS", { DATABASE_URL: "postgres://h/db", ADMIN_PASSWORD: "s3cret!!", KAFKA_BROKERS: "nope" }],
  ["DATABASE_URL", { DATABASE_URL: "mysql://h" }],
  ["DISCODEIT_1_PORT", { DISCODEIT_1_PORT: "eighty" }],
  ["SYSTEMS", { SYSTEMS: "discodeit-3" }],
  ["SYSTEMS", { SYSTEMS: "," }],
  ["LOG_LEVEL", { LOG_LEVEL: "loud" }],
];

for (const [name, variables] of wrong) {
  test(`readConfig() names ${name} in its complaint about ${JSON.stringify(variables)}`, () => {
    expect(() => readConfig(variables)).toThrow(ConfigError);
    expect(() => readConfig(variables)).toThrow(name);
  });
}

test("readConfig() reads users of the broker: a password may have colons", () => {
  const { system } = readConfig({ STOMP_USERS: "ann:secret,ben:a:b" });
  expect(system.stompUsers).toEqual([
    { name: "ann", password: "secret" },
    { name: "ben", password: "a:b" },
  ]);
});
