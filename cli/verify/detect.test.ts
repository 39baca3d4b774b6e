import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { TargetError } from "../../drivers/errors.ts";
import { Network } from "../../drivers/network.ts";
import { detectSystem } from "./detect.ts";

type Answers = Record<string, { status: number; body?: unknown; type?: string } | "never" | "a stream">;

interface Asking {
  interrupt?: AbortSignal;
  onAsked?: (question: string) => void;
  /** What is not listed is answered so. */
  usual?: Answers[string];
  path?: string;
}

interface Found {
  how: string;
  /** What the server was asked: "METHOD /path". */
  asked: string[];
  mostAtOnce: number;
}

const detected = async (answers: Answers, asking: Asking = {}): Promise<string> => (await found(answers, asking)).how;

/** What is found out about a server that answers so. */
async function found(
  answers: Answers,
  { interrupt, onAsked, usual = { status: 404 }, path = "" }: Asking,
): Promise<Found> {
  let [open, mostAtOnce] = [0, 0];
  const asked: string[] = [];
  const server = createServer((request, response) => {
    request.resume();
    const question = `${request.method} ${request.url}`;
    asked.push(question);
    mostAtOnce = Math.max(mostAtOnce, (open += 1));
    response.on("close", () => (open -= 1));
    onAsked?.(question);
    const answer = answers[question] ?? usual;
    if (answer === "never") return;
    if (answer === "a stream")
      return void response.writeHead(200, { "content-type": "text/event-stream" }).write(": hello\n\n");
    response.writeHead(answer.status, { "content-type": answer.type ?? "application/json" });
    response.end(answer.body === undefined ? "" : JSON.stringify(answer.body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const network = new Network({ answerTimeoutMs: 1_500, interrupt });
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
    const { system, how } = await detectSystem(url, network);
    return { how: `${system.name}: ${how}`, asked, mostAtOnce };
  } catch (error) {
    const { message, hint } = error as TargetError;
    return { how: `none: ${message}${hint === undefined ? "" : ` next: ${hint}`}`, asked, mostAtOnce };
  } finally {
    await network.close();
    server.closeAllConnections();
    server.close();
  }
}

const csrf = { "GET /api/auth/csrf-token": { status: 204 } } as const;
const refusedByCsrf = {
  "POST /api/auth/login": {
    status: 403,
    body: { success: false, error: "ACCESS_DENIED", message: "no", status: 403 },
  },
} as const;

// Three that wait for answers that never come wait together.
test.concurrent("a Discodeit that does not answer a sign-up in time is known by its CSRF token", async () => {
  expect(await detected({ ...csrf, ...refusedByCsrf, "POST /api/users": "never" })).toMatch(
    /^discodeit-2: sign-up was not answered in time \(the user r\w+ may be left there\), but csrf-token answers 204/,
  );
});

test.concurrent("a Discodeit that does not answer a login in time is known by its CSRF token", async () => {
  const signedUp = { "POST /api/users": { status: 201, body: { id: "7" } } } as const;
  expect(await detected({ ...csrf, ...signedUp, "POST /api/auth/login": "never" })).toMatch(
    /^discodeit-2: JSON login was not answered in time, form login was not answered in time; the user r\w+ was left there/,
  );
});

test.concurrent("whom a Discodeit does not delete after the question is named", async () => {
  const answers = { "POST /api/users": { status: 201, body: { id: "7" } }, "DELETE /api/users/7": { status: 500 } };
  const login = { "POST /api/auth/login": { status: 200, body: { userDto: {}, accessToken: "a.b.c" } } } as const;
  expect(await detected({ ...csrf, ...answers, ...login })).toMatch(
    /^discodeit-2: login takes form fields .* \(its user r\w+ was left there: its deletion was answered 500\)$/,
  );
});

test.concurrent("a server that answers nothing is asked all questions at once", async () => {
  const { how, mostAtOnce } = await found({}, { usual: "never" });
  expect(how).toMatch(/^none: .* next: .* event stream .*: --system sse$/);
  // Each system's first question; one by one there would be one.
  expect(mostAtOnce).toBe(6);
});

test.each([
  ["a refusal with data that is null", { success: false, data: null, message: "wrong email or password" }, 401],
  ["a refusal without data", { success: false, message: "wrong email or password" }, 400],
])("study-room is known by %s", async (_, body, status) => {
  expect(await detected({ "POST /api/auth/login": { status, body } })).toMatch(/^study-room: /);
});

test("redis-chat is known by SockJS at /connect and a login of its own", async () => {
  const sockJs = { status: 200, body: { websocket: true, origins: ["*:*"], cookie_needed: true, entropy: 1 } };
  const refused = { "POST /member/doLogin": { status: 403 } };
  expect(await detected({ "GET /connect/info": sockJs, ...refused })).toMatch(/^redis-chat: /);
  expect(await detected({ "GET /connect/info": { status: 200, body: {} }, ...refused })).toMatch(/^none: /);
  expect(await detected({ "GET /connect/info": sockJs })).toMatch(/^none: /);
});

test("gateway-chat is known by SockJS at /chat and a WebSocket at /ws/chat", async () => {
  const sockJs = { status: 200, body: { websocket: true, origins: ["*:*"], cookie_needed: true, entropy: 1 } };
  const raw = "GET /ws/chat?roomId=rollcall";
  expect(await detected({ "GET /chat/info": sockJs, [raw]: { status: 400 } })).toMatch(/^gateway-chat: /);
  expect(await detected({ "GET /chat/info": sockJs, [raw]: { status: 401 } })).toMatch(/^none: /);
  expect(await detected({ [raw]: { status: 400 } })).toMatch(/^none: /);
});

test("event streams are known by their type, at their URL or where ours has them", async () => {
  const stream = { status: 200, type: "text/event-stream; charset=utf-8" };
  expect(await detected({ "GET /": stream })).toBe("sse: it is an event stream itself");
  expect(await detected({ "GET /streams/rollcall": stream })).toBe("sse: /streams/rollcall is an event stream");
  expect(await detected({ "GET /": { status: 200 } })).toMatch(/^none: /);
});

test("what merely resembles study-room's refusal is none", async () => {
  expect(await detected(refusedByCsrf)).toMatch(/^none: Cannot find a chat server/);
});

test("what was seen, and what it was asked for, are two sentences", async () => {
  expect(
    await detected({ "GET /api/auth/csrf-token": { status: 200, body: {} }, "POST /api/users": { status: 403 } }),
  ).toMatch(/, no user\. It was asked for /);
  expect(await detected({})).toMatch(/Is the base path right\? It was asked for /);
});

test("a server that answers everything with a stream is asked nothing that it would never end to answer", async () => {
  const { how, asked } = await found({}, { usual: "a stream" });
  expect(how).toBe("sse: it is an event stream itself");
  expect(asked).toEqual(["GET /"]);
});

test("a path that wants a credential may be an event stream's", async () => {
  const url = { "GET /": { status: 401 } } as const;
  expect(await detected(url)).not.toMatch(/ROLLCALL_SSE_TOKEN/);
  expect(await detected({ "GET /events": { status: 401 } }, { path: "/events" })).toMatch(
    /next: GET answered 401\. If it is an event stream: --system sse, and its token in ROLLCALL_SSE_TOKEN$/,
  );
});

test("an interruption deletes the user who was signed up to find out, or says that it may be there", async () => {
  const claims = Buffer.from("{}").toString("base64url");
  const answers = {
    ...csrf,
    "POST /api/users": { status: 201, body: { id: "7" } },
    "POST /api/auth/login": { status: 200, body: `${claims}.${claims}.x` },
    "GET /api/users": { status: 200, body: [] },
    "DELETE /api/users/": { status: 204 },
  } as const;
  const interrupted = async (changes: Answers): Promise<Found> => {
    const interrupt = new AbortController();
    const onAsked = (question: string): void => void (question === "POST /api/users" && interrupt.abort());
    return await found({ ...answers, ...changes }, { interrupt: interrupt.signal, onAsked });
  };
  const { how, asked } = await interrupted({});
  expect(how).toMatch(/^none: .* interrupted$/);
  const tidying = asked
    .slice(asked.indexOf("POST /api/users") + 1)
    .filter((question) => !question.endsWith("csrf-token"));
  expect(tidying).toEqual(["POST /api/auth/login", "GET /api/users", "DELETE /api/users/"]);
  for (const changes of [{ "DELETE /api/users/": { status: 500 } }, { "POST /api/auth/login": "never" }] as const)
    expect((await interrupted(changes)).how).toMatch(/^none: .* interrupted next: The user r\w+ may be left there$/);
});

test("an interruption ends it, whatever it waits for", async () => {
  const interrupt = new AbortController();
  const { how, asked } = await found(
    {},
    { interrupt: interrupt.signal, onAsked: () => interrupt.abort(), usual: "never" },
  );
  expect(how).toMatch(/^none: .* interrupted$/);
  expect(asked).toEqual(["GET /"]);
});
