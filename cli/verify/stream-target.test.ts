import type { RequestListener } from "node:http";
import { expect, test } from "vitest";
import { openHttpServer } from "../../drivers/tiny-server.ts";
import { sse } from "../../systems/sse/definition.ts";
import { streamTargetOf, type StreamFlags } from "./stream-target.ts";
import { UsageError } from "./usage-error.ts";

const flags = (some: Partial<StreamFlags> = {}): StreamFlags => ({ replays: false, ...some });

/** A stream at one path; anything else is not found, or is the same stream. */
const streamAt =
  (path: string, everywhere = false): RequestListener =>
  ({ url }, response) => {
    if (url !== path && !everywhere) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": "text/event-stream" }).write(": hello\n\n");
  };

test("a URL that is a stream is one, path, query and all", async () => {
  await using server = await openHttpServer(streamAt("/events?room=1"));
  const target = await streamTargetOf([`${server.url}/events?room=1`], undefined, flags(), undefined);
  expect(target.instances).toEqual([server.url]);
  expect(target.system.events?.url).toBe("/events?room=1");
  expect([...target.system.features]).toEqual(["streams", "one-system"]);
  expect(target.system.http).toMatchObject({ alive: "/", aliveBy: "HEAD" });
});

test("a URL that is none may have streams as ours does", async () => {
  await using server = await openHttpServer(streamAt("/streams/rollcall"));
  expect(await streamTargetOf([server.url], undefined, flags(), undefined)).toMatchObject({
    system: sse,
    instances: [server.url],
  });
});

test("whether a server is there that answers everything with a stream is asked by connecting", async () => {
  await using server = await openHttpServer(streamAt("/", true));
  const { system } = await streamTargetOf([`${server.url}/`], undefined, flags(), undefined);
  expect(system.http?.aliveBy).toBe("connecting");
});

test("flags say what there is, and how it is verified again", async () => {
  await using server = await openHttpServer(streamAt("/events"));
  const url = `${server.url}/events`;
  const { system, again } = await streamTargetOf(
    [url],
    undefined,
    flags({ publish: "send 'a room' {marker}", replays: true }),
    undefined,
  );
  expect([...system.features].toSorted()).toEqual(["events", "one-system", "publish", "replay", "streams"]);
  expect(again).toBe(`${url} --publish 'send '\\''a room'\\'' {marker}' --replay`);
});

test.each([
  ["two ways to publish", ["http://h/a"], { publish: "send {marker}", publishUrl: "http://h/p" }, /two ways/],
  ["a body for no POST", ["http://h/a"], { publishBody: "{marker}" }, /needs --publish-url/],
  ["two streams", ["http://h/a", "http://i/b"], { replays: true }, /end alike, not in \/a and \/b/],
] as const)("%s are an error of the caller", async (_, urls, some, words) => {
  const target = streamTargetOf([...urls], undefined, flags(some), undefined);
  await expect(target).rejects.toThrow(UsageError);
  await expect(target).rejects.toThrow(words);
});
