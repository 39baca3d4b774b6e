import { expect, test } from "vitest";
import { originHeader } from "./page.ts";

const url = "http://127.0.0.1:8080/api/users";

test.each<[string, Parameters<typeof originHeader>, string | undefined]>([
  ["no page names nothing", [undefined, "POST", url], undefined],
  ["a page reads from its own origin without naming it", ["own", "GET", url], undefined],
  ["a page writes to its own origin", ["own", "POST", url], "http://127.0.0.1:8080"],
  ["a WebSocket's handshake", ["own", "GET", "ws://127.0.0.1:8080/ws/websocket", true], "http://127.0.0.1:8080"],
  ["behind TLS, without the usual port", ["own", "POST", "https://chat.example:443/x"], "https://chat.example"],
  ["a page of another origin", ["http://localhost:5173", "GET", url], "http://localhost:5173"],
  ["the target's own, given by name", ["http://127.0.0.1:8080", "GET", url], undefined],
])("originHeader(): %s", (_, args, expected) => {
  expect(originHeader(...args)).toBe(expected);
});
