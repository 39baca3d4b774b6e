import { expect, test } from "vitest";
import { served } from "../systems/served/wire.ts";
import { demoRefusal, demoTable, isInDemo } from "./demo.ts";

test.each(["", "127.0.0.1", "127.8.9.1", "localhost", "::1"])("there may be a demo on HOST=%s", (HOST) => {
  expect(demoRefusal({ HOST })).toBeUndefined();
  expect(demoRefusal({ HOST, DATABASE_URL: "" })).toBeUndefined();
});

test.each([
  "0.0.0.0",
  "::",
  "0",
  "192.168.0.7",
  "chat.example.org",
  "127.0.0.1.example.org",
  "localhost.example.org",
  "%",
])("there is no demo on HOST=%s", (HOST) => {
  expect(demoRefusal({ HOST })).toContain(`HOST=${HOST},`);
});

test("there is no demo where it would be kept", () => {
  expect(demoRefusal({ DATABASE_URL: "postgres://127.0.0.1/chat" })).toContain("DATABASE_URL would keep them");
});

test("the demo fills the systems that have users and a history", () => {
  expect(Object.keys(served).filter(isInDemo)).toEqual(["discodeit-1", "discodeit-2", "study-room", "redis-chat"]);
});

test("demoTable() says with what somebody logs in", () => {
  const who = { url: "http://h:1", username: "ann", email: "ann@h", password: "secret-1!" };
  const users = [
    { ...who, system: "discodeit-2", rooms: ["one", "private with ben"] },
    { ...who, system: "study-room", rooms: ["room 1"] },
  ];
  expect(demoTable(users)).toEqual([
    "URL          user   password   rooms",
    "http://h:1/  ann    secret-1!  one, private with ben",
    "http://h:1/  ann@h  secret-1!  room 1",
  ]);
});
