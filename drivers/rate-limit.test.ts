import { expect, test } from "vitest";
import { Network } from "./network.ts";
import { toldWaitMs, type Limit } from "./rate-limit.ts";
import { RestClient } from "./rest.ts";
import { openHttpServer } from "./tiny-server.ts";
import { Secrets, Transcript } from "./transcript.ts";

const csrfRule = { path: "/api/auth/csrf-token", cookie: "XSRF-TOKEN", header: "X-XSRF-TOKEN" };

test("toldWaitMs() reads seconds and dates, and has its own wait for a 429 that names none", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(toldWaitMs(429, "3", now)).toBe(3_000);
  expect(toldWaitMs(503, "0", now)).toBe(0);
  expect(toldWaitMs(429, "Thu, 01 Jan 2026 00:00:10 GMT", now)).toBe(10_000);
  expect(toldWaitMs(429, "Wed, 31 Dec 2025 23:59:00 GMT", now)).toBe(0);
  expect(toldWaitMs(429, null, now)).toBe(2_000);
  expect(toldWaitMs(429, "soon", now)).toBe(2_000);
  expect(toldWaitMs(503, null, now)).toBeUndefined();
  expect(toldWaitMs(500, "1", now)).toBeUndefined();
});

/** Refuses so often, then answers. */
async function limited(refusals: { status: number; retryAfter: string }[], onLimit?: (limit: Limit) => void) {
  const left = [...refusals];
  let count = 0;
  const server = await openHttpServer((_, response) => {
    count += 1;
    const refusal = left.shift();
    if (refusal) response.writeHead(refusal.status, { "Retry-After": refusal.retryAfter }).end();
    else response.end("ok");
  });
  const network = new Network(onLimit === undefined ? {} : { onLimit });
  const rest = new RestClient({
    rules: { csrf: csrfRule },
    baseUrl: server.url,
    network,
    transcript: new Transcript(new Secrets()),
    label: "A",
  });
  const close = async (): Promise<void> => {
    await network.close();
    await server[Symbol.asyncDispose]();
  };
  return { rest, network, count: () => count, [Symbol.asyncDispose]: close };
}

test("RestClient waits as told and says so, when it was asked to", async () => {
  const limits: Limit[] = [];
  await using agent = await limited(
    [
      { status: 429, retryAfter: "0" },
      { status: 503, retryAfter: "0" },
    ],
    (limit) => limits.push(limit),
  );
  expect((await agent.rest.request("GET", "/users")).status).toBe(200);
  expect(limits).toEqual([
    { status: 429, waitMs: 0, request: "GET /users" },
    { status: 503, waitMs: 0, request: "GET /users" },
  ]);
});

test("RestClient takes the answer as it is when nobody asked it to wait, or the wait is long", async () => {
  await using plain = await limited([{ status: 429, retryAfter: "0" }]);
  expect((await plain.rest.request("GET", "/users")).status).toBe(429);
  expect(plain.count()).toBe(1);
  await using long = await limited([{ status: 429, retryAfter: "3600" }], () => undefined);
  expect((await long.rest.request("GET", "/users")).status).toBe(429);
});

test("RestClient waits no longer than its network lives", async () => {
  let told: () => void = () => undefined;
  const limit = new Promise<void>((resolve) => (told = resolve));
  await using agent = await limited([{ status: 429, retryAfter: "30" }], () => told());
  const answer = agent.rest.request("GET", "/users");
  await limit;
  await agent.network.close();
  expect((await answer).status).toBe(429);
});
