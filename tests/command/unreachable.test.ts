// What a user sees whose server is not there, not it, or not well: exit 4, what happened, and the next step.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";
import { expect, test } from "vitest";
import { openHttpServer, openTcpServer } from "../../drivers/tiny-server.ts";
import { startServer } from "../../targets/embedded.ts";
import { openFolder, rollcall, type Ended } from "./rollcall.ts";

function expectBroken({ code, stdout, stderr }: Ended, ...messages: readonly string[]): void {
  for (const message of messages) expect(stderr).toContain(message);
  expect(stderr).toContain("\nnext: ");
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stdout).not.toContain("pass");
  expect(code).toBe(4);
}

/** With the system said, and with the system to be found out. */
const both = (url: string): Promise<Ended[]> =>
  Promise.all([rollcall(["verify", url, "--system", "discodeit-1"]), rollcall(["verify", url])]);

test("a closed port", async () => {
  const server = await openHttpServer(() => {});
  await server[Symbol.asyncDispose]();
  for (const ended of await both(server.url))
    expectBroken(
      ended,
      "ECONNREFUSED",
      "Is the server running, and is the address right?",
      `Try: curl -i ${server.url}/`,
    );
});

test("a closed port where STOMP should be: said at once, and not once for each clause", async () => {
  const server = await openTcpServer(() => {});
  await server[Symbol.asyncDispose]();
  const ended = await rollcall(["verify", `${server.url.replace("http:", "ws:")}/ws`]);
  expectBroken(ended, "ECONNREFUSED", `Is the server running, and is the address right? Try: curl -i ${server.url}`);
  expect(ended.stdout).toBe("");
});

test("a broker whose users are others: no clause is blamed, and how to name them is said", async () => {
  await using server = await startServer({ environment: { SYSTEMS: "stomp", STOMP_USERS: "ann:secret-of-ann" } });
  const url = `${server.urls["stomp"].replace("http:", "ws:")}/stomp`;
  expectBroken(await rollcall(["verify", url]), "Cannot log in as demo: ", "Say ROLLCALL_STOMP_USERS=name:password");
  const wrong = { env: { ROLLCALL_STOMP_USERS: "ann:wrong" } };
  expectBroken(await rollcall(["verify", url], wrong), "Cannot log in as ann: ", "ROLLCALL_STOMP_USERS right?");
  const named = { env: { ROLLCALL_STOMP_USERS: "ann:secret-of-ann" } };
  expect(await rollcall(["verify", url, "--only", "connect.with-a-token"], named)).toMatchObject({ code: 0 });
});

test("a mistyped ws:// path: no clause is blamed, and where SockJS has its WebSocket is said", async () => {
  await using server = await openHttpServer((_, response) => response.writeHead(404).end());
  const ended = await rollcall(["verify", `${server.url.replace("http:", "ws:")}/wss`]);
  expectBroken(ended, "/wss: answered 404 instead of 101", "Of SockJS the WebSocket is at /wss/websocket");
});

test("a server that is no chat server", async () => {
  await using server = await openHttpServer((_, response) =>
    response.writeHead(404, { "content-type": "text/html" }).end("<h1>Not Found</h1>"),
  );
  const [said, found] = await both(server.url);
  expectBroken(said!, "answered 404", "Is this the chat server, and does it speak that system?");
  expectBroken(found!, `Cannot find a chat server at ${server.url}`, "Is the base path right?");
});

test("an event stream that wants a token says how to give one, and is heard with it", async () => {
  await using server = await openHttpServer(({ url, headers }, response) => {
    if (headers.authorization !== "Bearer our-secret") return void response.writeHead(401).end();
    if (url !== "/events") return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": "text/event-stream" }).write(": hello\n\n");
  });
  const args = ["verify", `${server.url}/events`, "--system", "sse", "--only", "sse.content-type"];
  expectBroken(await rollcall(args), "/events: answered 401", "ROLLCALL_SSE_TOKEN");
  const wrong = await rollcall(args, { env: { ROLLCALL_SSE_TOKEN: "another-secret" } });
  expectBroken(wrong, "answered 401", "It does not take the token of ROLLCALL_SSE_TOKEN");
  expect(wrong.stderr).not.toContain("another-secret");
  const right = await rollcall(args, { env: { ROLLCALL_SSE_TOKEN: "our-secret" } });
  expect(right.code, right.stdout + right.stderr).toBe(0);
});

test("a server that answers 200 to everything", async () => {
  await using server = await openHttpServer((_, response) => response.end("<h1>Welcome</h1>"));
  for (const ended of await both(server.url)) expectBroken(ended, "<h1>Welcome</h1>");
});

test("a report that is not there", async () => {
  expectBroken(await rollcall(["report", "/no/such"]), "Cannot read /no/such/report.json", "verify URL --report DIR");
});

test("half an answer", async () => {
  await using server = await openTcpServer((socket) =>
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")),
  );
  for (const ended of await both(server.url))
    expectBroken(ended, "Cannot GET", "The connection ended without a whole answer");
});

test("no HTTP", async () => {
  await using server = await openTcpServer((socket) => socket.end("SSH-2.0-OpenSSH_9.9\r\n"));
  for (const ended of await both(server.url)) expectBroken(ended, "is this HTTP?");
});

test("https where there is http", async () => {
  await using server = await openHttpServer((_, response) => response.end());
  for (const ended of await both(server.url.replace("http:", "https:")))
    expectBroken(ended, "This port speaks no TLS: try http://");
});

test("with --json, what broke is on stdout as JSON, too", async () => {
  await using server = await openHttpServer((_, response) => response.writeHead(404).end());
  using folder = openFolder();
  const { code, stdout } = await rollcall([
    "verify",
    server.url,
    "--system",
    "discodeit-2",
    "--json",
    "--report",
    folder.path,
  ]);
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 1,
    runs: [],
    broken: [{ system: "discodeit-2", because: expect.stringContaining("404") as string }],
  });
  expect(readFileSync(join(folder.path, "junit.xml"), "utf8")).toContain('errors="1"');
  expect(code).toBe(4);
  const unknown = await rollcall(["verify", server.url, "--json"]);
  expect(JSON.parse(unknown.stdout)).toMatchObject({ runs: [], broken: [{ target: server.url, system: "unknown" }] });
  expect(unknown.code).toBe(4);
});

/** A certificate for 127.0.0.1 that nobody signed. */
function makeCertificate(folder: string): { key: string; cert: string; certFile: string } {
  const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-keyout",
      keyFile,
      "-out",
      certFile,
      "-days",
      "2",
      "-subj",
      "/CN=rollcall test",
      "-addext",
      "subjectAltName=IP:127.0.0.1",
    ],
    { stdio: "pipe" },
  );
  return { key: readFileSync(keyFile, "utf8"), cert: readFileSync(certFile, "utf8"), certFile };
}

test("a private certificate authority: refused without --ca, everything over TLS with it", async () => {
  using folder = openFolder();
  const { key, cert, certFile } = makeCertificate(folder.path);
  await using server = await startServer({ environment: { SYSTEMS: "discodeit-1" } });
  const port = Number(new URL(server.urls["discodeit-1"]).port);
  const front = createServer({ key, cert }, (socket) => {
    const inner = connect(port, "127.0.0.1");
    socket.pipe(inner).pipe(socket);
    socket.on("error", () => inner.destroy());
    inner.on("error", () => socket.destroy());
  });
  front.on("tlsClientError", () => {}); // the refusal that this test is about
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  const { port: tlsPort } = front.address() as { port: number };
  try {
    for (const ended of await both(`https://127.0.0.1:${tlsPort}`))
      expectBroken(ended, "self-signed certificate", "--ca FILE");
    const wrongName = await rollcall([
      "verify",
      `https://localhost:${tlsPort}`,
      "--system",
      "discodeit-1",
      "--ca",
      certFile,
    ]);
    expectBroken(wrongName, "The certificate is for another name");
    const { code, stdout, stderr } = await rollcall([
      "verify",
      `https://127.0.0.1:${tlsPort}`,
      "--ca",
      certFile,
      "--only",
      "witness,connect,sse,sockjs",
    ]);
    expect(`${stdout}${stderr}`.split("\n").filter((line) => /^(fail|weak|broken)/.test(line))).toEqual([]);
    expect(code).toBe(0);
  } finally {
    front.close();
  }
});

test("a Docker engine that DOCKER_HOST points to, and that does not answer, is named with the variable", async () => {
  for (const args of [["status"], ["up"], ["down", "rollcall-none"]]) {
    const { code, stderr } = await rollcall(["stack", ...args], { env: { DOCKER_HOST: "tcp://127.0.0.1:1" } });
    expect(stderr).toContain(
      "the Docker engine of DOCKER_HOST=tcp://127.0.0.1:1 does not answer; next: start that engine, or unset DOCKER_HOST",
    );
    expect(code).toBe(4);
  }
});
