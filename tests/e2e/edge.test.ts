// What the edge of a deployment lets in, as seen from outside: through Nginx, which the instances trust.

import { request } from "node:http";
import { describe, expect, test } from "vitest";
import { eventsPath, stompEndpoint, systemNames } from "../../systems/discodeit/wire.ts";
import { stackTarget } from "../stack.ts";

function status(base: string, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, base), { headers, agent: false }, (response) =>
      resolve(response.resume().statusCode ?? 0),
    );
    sent.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject).end();
  });
}

const handshake = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

describe.each(systemNames)("%s", (system) => {
  test("a page of the proxy's own origin is let in, a foreign one is not", async () => {
    const { proxy = "" } = stackTarget(system);
    const own = { Origin: new URL(proxy).origin };
    const foreign = { Origin: "https://evil.example" };
    expect(await status(proxy, `${stompEndpoint}/info`, own)).toBe(200);
    expect(await status(proxy, stompEndpoint, { ...handshake, ...own })).toBe(101);
    expect(await status(proxy, "/api/users", own)).toBe(401);
    for (const path of [`${stompEndpoint}/info`, eventsPath, "/api/users"])
      expect([path, await status(proxy, path, foreign)]).toEqual([path, 403]);
    expect(await status(proxy, stompEndpoint, { ...handshake, ...foreign })).toBe(403);
  });

  test("a client that offers h2c is answered", async () => {
    const { proxy = "" } = stackTarget(system);
    const offer = {
      Connection: "Upgrade, HTTP2-Settings",
      Upgrade: "h2c",
      "HTTP2-Settings": "AAMAAABkAAQCAAAAAAIAAAAA",
    };
    expect(await status(proxy, `${stompEndpoint}/info`, offer)).toBe(200);
    expect(await status(proxy, "/api/users", offer)).toBe(401);
  });
});
