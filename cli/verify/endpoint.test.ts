import { expect, test } from "vitest";
import { atWebSocket } from "../../systems/endpoint.ts";
import { stompBroker } from "../../systems/stomp/definition.ts";
import { Speaker } from "../../runner/speaker.ts";
import { openHttpServer } from "../../drivers/tiny-server.ts";
import { addressesIn, checkEndpoint } from "./endpoint.ts";
import { UsageError } from "./usage-error.ts";

test("addressesIn() takes a ws:// URL apart, and leaves others as they are", () => {
  expect(addressesIn(["http://a:1/base"])).toEqual({ urls: ["http://a:1/base"], path: undefined });
  expect(addressesIn(["ws://a:1/ws", "wss://b/ws"])).toEqual({ urls: ["http://a:1", "https://b"], path: "/ws" });
  expect(addressesIn(["ws://a:1"])).toEqual({ urls: ["http://a:1"], path: "/" });
});

test.each([[["ws://a/ws", "http://b"]], [["ws://a/ws", "ws://b/other"]]])("addressesIn() refuses %j", (urls) => {
  expect(() => addressesIn(urls)).toThrow(UsageError);
});

test("atWebSocket() is the system with STOMP at that path, and without SockJS", () => {
  const system = atWebSocket(stompBroker, "/ws");
  expect(system.features.has("sockjs")).toBe(false);
  expect(system.features.has("tcp")).toBe(true);
  const speaker = new Speaker(system);
  expect(speaker.webSocketUrl("http://a:15674")).toBe("ws://a:15674/ws");
  expect(speaker.tcpUrl("http://a:15674")).toBe("tcp://a:61613");
  // The port of a broker may answer no GET at all.
  expect(speaker.aliveBy).toBeUndefined();
});

test.each([404, 400, 200, 302])("checkEndpoint() says of an answer %i that no WebSocket is there", async (status) => {
  await using server = await openHttpServer((_, response) => response.writeHead(status).end());
  await expect(checkEndpoint(server.url, "/ws/", undefined)).rejects.toMatchObject({
    message: expect.stringContaining(`answered ${status} instead of 101`) as string,
    hint: expect.stringContaining("at /ws/websocket") as string,
  });
});

test.each([401, 403, 500])("checkEndpoint() leaves an answer %i to the clauses", async (status) => {
  await using server = await openHttpServer((_, response) => response.writeHead(status).end());
  await expect(checkEndpoint(server.url, "/ws", undefined)).resolves.toBeUndefined();
});
