import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { openTcpServer } from "../drivers/tiny-server.ts";
import { HttpConnection } from "./http-connection.ts";

/** What comes of these answers, each in pieces of so many octets, to one request after the other. */
async function heardOf(answers: readonly string[], { pieces = Infinity, thenEnds = false } = {}): Promise<string[]> {
  const heard: string[] = [];
  const rest = [...answers];
  const over = Promise.withResolvers<void>();
  const answer = (socket: Socket): void => {
    const text = rest.shift() ?? "";
    for (let at = 0; at < text.length; at += pieces) socket.write(text.slice(at, at + pieces));
    if (rest.length === 0 && thenEnds) socket.end();
  };
  await using server = await openTcpServer((socket) => {
    socket.setNoDelay(true).on("data", () => answer(socket));
  });
  const ask = (connection: HttpConnection): void => connection.ask("POST", "/there", { "X-Test": "1" });
  const connection = new HttpConnection(
    {
      onHead: (_, status) => heard.push(`head ${status}`),
      onBody: (octets, from, to) => heard.push(octets.toString("utf8", from, to)),
      onEnd: (it, isKept) => {
        heard.push(isKept ? "kept" : "ended");
        if (isKept && rest.length > 0) ask(it);
        else if (!thenEnds) it.destroy();
      },
      onClose: (_, how) => {
        heard.push(`close: ${how}`);
        over.resolve();
      },
    },
    { url: new URL(server.url) },
  );
  ask(connection);
  await over.promise;
  return heard;
}

const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

test.each([
  [
    "by its length",
    ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"],
    ["head 200", "hello", "kept", "close: ended"],
  ],
  [
    "in chunks, with what extends them and a trailer",
    [`${chunked}3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nX-After: 1\r\n\r\n`],
    ["head 200", "hel", "lo", "kept", "close: ended"],
  ],
  ["without a body", ["HTTP/1.1 204 No Content\r\n\r\n"], ["head 204", "kept", "close: ended"]],
  [
    "behind one that is on its way (100)",
    ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"],
    ["head 200", "ok", "kept", "close: ended"],
  ],
  [
    "two on one connection",
    ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", `${chunked}1\r\nb\r\n0\r\n\r\n`],
    ["head 200", "a", "kept", "head 200", "b", "kept", "close: ended"],
  ],
  [
    "on a connection that takes no other",
    ["HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na"],
    ["head 200", "a", "ended", "close: ended"],
  ],
  ["that is no HTTP", ["220 mail.example.org\r\n\r\n"], ["close: answered by no HTTP"]],
  ["with a chunk without a size", [`${chunked}none\r\n`], ["head 200", "close: a chunk without a size"]],
  ["and more behind it", ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab"], ["head 200", "a", "kept", "close: ended"]],
])("an answer %s", async (_, answers, expected) => {
  expect(await heardOf(answers)).toEqual(expected);
  // The same in the smallest pieces.
  const inPieces = (await heardOf(answers, { pieces: 1 })).join("|").replace(/(\w)\|(?=\w(\||$))/g, "$1");
  expect(inPieces.replaceAll("|", "")).toBe(expected.join(""));
});

test("a body without a length ends with the connection", async () => {
  const heard = await heardOf(["HTTP/1.1 200 OK\r\n\r\nall of it"], { thenEnds: true });
  expect(heard).toEqual(["head 200", "all of it", "ended", "close: ended"]);
});

test("who hangs up before an answer, and where nobody listens", async () => {
  expect(await heardOf([""], { thenEnds: true })).toEqual(["close: closed without an answer"]);
  const closed = Promise.withResolvers<string>();
  const nothing = (): void => {};
  new HttpConnection(
    { onHead: nothing, onBody: nothing, onEnd: nothing, onClose: (_, how) => closed.resolve(how) },
    { url: new URL("http://127.0.0.1:9/") },
  ).ask("GET", "/", {});
  expect(await closed.promise).toBe("ECONNREFUSED");
});
