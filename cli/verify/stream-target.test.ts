import type { RequestListener } from "node:http";
import { expect, test } from "vitest";
import { TargetError } from "../../drivers/errors.ts";
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

test("flags say what there is", async () => {
  await using server = await openHttpServer(streamAt("/events"));
  const url = `${server.url}/events`;
  const { system } = await streamTargetOf(
    [url],
    undefined,
    flags({ publish: "send 'a room' {marker}", replays: true }),
    undefined,
  );
  expect([...system.features].toSorted()).toEqual(["events", "one-system", "publish", "replay", "streams"]);
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

/** What is said of a URL at which everything is answered so. */
async function refusalOf(
  answer: { status: number; headers?: Record<string, string> },
  path: string,
  some: Partial<StreamFlags> = {},
): Promise<Pick<TargetError, "message" | "hint">> {
  await using server = await openHttpServer((_, response) => response.writeHead(answer.status, answer.headers).end());
  const url = `${server.url}${path}`;
  const error: unknown = await streamTargetOf([url], undefined, flags(some), undefined).catch(
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof TargetError)) throw new Error(`${url} was taken for a stream`, { cause: error });
  return { message: error.message.replace(server.url, ""), hint: error.hint };
}

test.each([
  [401, "/events", {}, /^Cannot open \/events: answered 401$/, /ROLLCALL_SSE_TOKEN=… \(never in the URL\)/],
  [403, "/events", { publishUrl: "http://h/p" }, /^Cannot open \/events: answered 403$/, /ROLLCALL_SSE_TOKEN/],
  [404, "/evnts", {}, /^Cannot open \/evnts: answered 404$/, /whole path\? Try: curl -iN http.*\/evnts$/],
  [404, "/evnts", { replays: true }, /^Cannot open \/evnts: answered 404$/, /whole path/],
  [404, "", {}, /^Cannot open \/streams\/rollcall: answered 404$/, /whole path/],
  [401, "/", {}, /^Cannot open \/: answered 401$/, /ROLLCALL_SSE_TOKEN/],
] as const)(
  "%i at %j is no stream, and no server with streams: it says what to do",
  async (status, path, some, message, hint) => {
    const refusal = await refusalOf({ status }, path, some);
    expect(refusal.message).toMatch(message);
    expect(refusal.hint).toMatch(hint);
  },
);

test("a stream that leads to a login says where", async () => {
  expect(await refusalOf({ status: 302, headers: { location: "/login" } }, "/events")).toEqual({
    message: "Cannot open /events: answered 302, to /login",
    hint: expect.stringContaining("ROLLCALL_SSE_TOKEN") as string,
  });
});

test("a stream that fails, or says what it is not, is for the clauses to judge", async () => {
  for (const status of [200, 500]) {
    await using server = await openHttpServer((_, response) => response.writeHead(status).end());
    const publish = flags({ publish: "send {marker}" });
    expect(await streamTargetOf([`${server.url}/events`], undefined, publish, undefined)).toMatchObject({
      instances: [server.url],
    });
    expect(await streamTargetOf([server.url], undefined, flags(), undefined)).toMatchObject({ system: sse });
  }
});
