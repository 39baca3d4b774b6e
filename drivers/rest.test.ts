import type { RequestListener } from "node:http";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { TargetError } from "./errors.ts";
import { Network } from "./network.ts";
import { jsonOf, RestClient, type Answer } from "./rest.ts";
import { openHttpServer, openTcpServer } from "./tiny-server.ts";
import { Secrets, Transcript } from "./transcript.ts";

const csrfRule = { path: "/api/auth/csrf-token", cookie: "XSRF-TOKEN", header: "X-XSRF-TOKEN" };

interface Agent extends AsyncDisposable {
  rest: RestClient;
  transcript: Transcript;
}

function openAgent(baseUrl: string, answerTimeoutMs = 1_000): Agent {
  const network = new Network({ answerTimeoutMs });
  const transcript = new Transcript(new Secrets());
  return {
    rest: new RestClient({ rules: { csrf: csrfRule }, baseUrl, network, transcript, label: "A" }),
    transcript,
    [Symbol.asyncDispose]: () => network.close(),
  };
}

/** What each request to a server carried, and an answer with these cookies. */
async function openCookieServer(...cookies: string[]): ReturnType<typeof openHttpServer> {
  return await openHttpServer((request, response) => {
    if (request.url !== "/echo") response.setHeader("set-cookie", cookies);
    response.end(
      JSON.stringify({
        cookie: request.headers.cookie ?? "",
        csrf: request.headers["x-xsrf-token"] ?? null,
        authorization: request.headers.authorization ?? null,
      }),
    );
  });
}

const echo = (answer: Answer): unknown => jsonOf(answer, "the echo");

test("RestClient keeps a Secure cookie over plain HTTP on this machine, as browsers do, and one they would refuse", async () => {
  await using server = await openCookieServer(
    "REFRESH_TOKEN=r1; Path=/; HttpOnly; Secure; SameSite=Strict",
    "XSRF-TOKEN=x1; Path=/; Domain=example.org",
  );
  await using agent = openAgent(server.url);
  const { setCookies } = await agent.rest.request("GET", "/any");
  expect(setCookies).toMatchObject([
    { name: "REFRESH_TOKEN", value: "r1", httpOnly: true, secure: true },
    { name: "XSRF-TOKEN", value: "x1" },
  ]);
  expect(agent.rest.jar.refused).toMatchObject([{ cookie: "XSRF-TOKEN" }]);
  expect(echo(await agent.rest.request("GET", "/echo"))).toMatchObject({ cookie: "REFRESH_TOKEN=r1; XSRF-TOKEN=x1" });
});

test("RestClient asks for compressed answers, and reads them", async () => {
  const encoders = {
    gzip: gzipSync,
    deflate: deflateSync,
    br: brotliCompressSync,
    "gzip, br": (text: string) => brotliCompressSync(gzipSync(text)),
  };
  let accepted: string | undefined;
  await using server = await openHttpServer((request, response) => {
    accepted = request.headers["accept-encoding"];
    const name = decodeURIComponent(request.url!.slice(1)) as keyof typeof encoders;
    response.setHeader("content-encoding", name);
    response.end(request.method === "HEAD" ? undefined : encoders[name]("안녕".repeat(1_000)));
  });
  await using agent = openAgent(server.url);
  for (const name of Object.keys(encoders)) {
    const answer = await agent.rest.request("GET", `/${encodeURIComponent(name)}`);
    expect(answer.text).toBe("안녕".repeat(1_000));
    expect(answer.receivedBytes).toBeLessThan(200);
  }
  expect(accepted).toBe("gzip, deflate, br");
  expect(await agent.rest.request("HEAD", "/gzip")).toMatchObject({ status: 200, text: "" });
});

test.each([
  ["gzip", "no gzip", "not what its Content-Encoding says (gzip)"],
  ["br", "no brotli", "not what its Content-Encoding says (br)"],
  ["zstd", "", 'its Content-Encoding is "zstd"'],
])("RestClient calls a body malformed that says %s and is none", async (encoding, body, message) => {
  await using server = await openHttpServer((_, response) =>
    response.writeHead(200, { "content-encoding": encoding }).end(body),
  );
  await using agent = openAgent(server.url);
  await expect(agent.rest.request("GET", "/any")).rejects.toMatchObject({
    name: "TargetError",
    code: "malformed",
    message: expect.stringContaining(message) as string,
  });
});

test("RestClient sends an Origin where it was given one, at every instance", async () => {
  const origins: (string | undefined)[] = [];
  await using server = await openHttpServer((request, response) => {
    origins.push(request.headers.origin);
    response.end();
  });
  await using network = Object.assign(new Network(), { [Symbol.asyncDispose]: () => network.close() });
  const options = { baseUrl: server.url, network, transcript: new Transcript(new Secrets()), label: "A" };
  const rest = new RestClient({ ...options, origin: "https://chat.example.org" });
  await rest.request("GET", "/one");
  await rest.at({ label: "B" }).request("POST", "/two");
  await rest.request("GET", "/three", { headers: { Origin: "https://evil.example" } });
  await new RestClient(options).request("GET", "/four");
  expect(origins).toEqual(["https://chat.example.org", "https://chat.example.org", "https://evil.example", undefined]);
});

test("RestClient sends the CSRF cookie's newest value in the header, and fetches one when it has none", async () => {
  let count = 0;
  await using server = await openHttpServer((request, response) => {
    response.setHeader("set-cookie", `XSRF-TOKEN=moved-${++count}; Path=/`);
    response.end(
      JSON.stringify({
        url: request.url,
        cookie: request.headers.cookie ?? "",
        csrf: request.headers["x-xsrf-token"] ?? null,
      }),
    );
  });
  await using agent = openAgent(server.url);
  expect(echo(await agent.rest.request("POST", "/one", { json: {} }))).toEqual({
    url: "/one",
    cookie: "XSRF-TOKEN=moved-1",
    csrf: "moved-1",
  });
  expect(echo(await agent.rest.request("DELETE", "/two"))).toEqual({
    url: "/two",
    cookie: "XSRF-TOKEN=moved-2",
    csrf: "moved-2",
  });
  expect(echo(await agent.rest.request("POST", "/three", { csrf: "forged" }))).toMatchObject({ csrf: "forged" });
  expect(echo(await agent.rest.request("POST", "/four", { csrf: false }))).toMatchObject({ csrf: null });
});

test("RestClient sends its token, another one, or none", async () => {
  await using server = await openCookieServer();
  await using agent = openAgent(server.url);
  agent.rest.accessToken = "mine";
  expect(echo(await agent.rest.request("GET", "/echo"))).toMatchObject({ authorization: "Bearer mine" });
  expect(echo(await agent.rest.request("GET", "/echo", { bearer: "other" }))).toMatchObject({
    authorization: "Bearer other",
  });
  expect(echo(await agent.rest.request("GET", "/echo", { bearer: false }))).toMatchObject({ authorization: null });
});

test("RestClient keeps the path of its base URL", async () => {
  await using server = await openHttpServer((request, response) => response.end(JSON.stringify(request.url)));
  await using agent = openAgent(`${server.url}/chat/`);
  expect(echo(await agent.rest.request("GET", "/api/users?x=1"))).toBe("/chat/api/users?x=1");
});

test("RestClient reads an answer of any status", async () => {
  await using server = await openHttpServer((_, response) =>
    response.writeHead(500, { "content-type": "text/html" }).end("<h1>no</h1>"),
  );
  await using agent = openAgent(server.url);
  expect(await agent.rest.request("GET", "/any")).toMatchObject({ status: 500, text: "<h1>no</h1>" });
});

test("jsonOf() names what is no JSON", async () => {
  await using server = await openHttpServer((_, response) => response.end("<html>"));
  await using agent = openAgent(server.url);
  const answer = await agent.rest.request("GET", "/any");
  expect(() => jsonOf(answer, "users")).toThrow('Cannot read users: status 200, no JSON but "<html>"');
});

const errorOf = async (work: Promise<unknown>): Promise<TargetError> => {
  const error = await work.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TargetError);
  return error as TargetError;
};

test("RestClient calls a refused connection unreachable", async () => {
  const server = await openHttpServer(() => {});
  await server[Symbol.asyncDispose]();
  await using agent = openAgent(server.url);
  const error = await errorOf(agent.rest.request("GET", "/any"));
  expect(error.code).toBe("unreachable");
  expect(error.message).toContain("Cannot GET");
  expect(error.message).toContain("ECONNREFUSED");
});

const halves: Record<string, string> = {
  "half a head": "HTTP/1.1 200 OK\r\nConte",
  "half a body": "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
  "half a chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf",
  nothing: "",
  "no HTTP": "SSH-2.0-OpenSSH_9.9\r\n",
};

test.each(Object.keys(halves))("RestClient calls an answer of %s closed", async (name) => {
  await using server = await openTcpServer((socket) => socket.once("data", () => socket.end(halves[name]!)));
  await using agent = openAgent(server.url);
  expect((await errorOf(agent.rest.request("GET", "/any"))).code).toBe("closed");
});

test("RestClient notes what it sent and got, without headers", async () => {
  await using server = await openCookieServer("XSRF-TOKEN=secret-cookie");
  await using agent = openAgent(server.url);
  agent.rest.accessToken = "secret-token";
  await agent.rest.request("POST", "/any", { json: { content: "hello" } });
  const told = agent.transcript.events.map(
    ({ direction, text }) => `${direction} ${agent.transcript.secrets.redact(text)}`,
  );
  expect(told[0]).toBe(`sent GET ${server.url}/api/auth/csrf-token`);
  expect(told).toContain(`sent POST ${server.url}/any {"content":"hello"}`);
  expect(told.join("\n")).not.toContain("secret-cookie");
});

test("RestClient sends multipart parts with their own content types", async () => {
  const listener: RequestListener = (request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => response.end(JSON.stringify(body)));
  };
  await using server = await openHttpServer(listener);
  await using agent = openAgent(server.url);
  const file = { name: "보고서.txt", contentType: "text/plain", bytes: Buffer.from("text") };
  const body = echo(
    await agent.rest.request("POST", "/any", {
      csrf: "x",
      multipart: [
        { name: "request", json: { a: 1 } },
        { name: "file", file },
      ],
    }),
  );
  expect(body).toMatch(/name="request"; filename="blob"\r\nContent-Type: application\/json\r\n\r\n\{"a":1\}\r\n/);
  expect(body).toMatch(/name="file"; filename="보고서\.txt"\r\nContent-Type: text\/plain\r\n\r\ntext\r\n/);
});
