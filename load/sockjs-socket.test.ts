import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { openHttpServer } from "../drivers/tiny-server.ts";
import { openSender, SockjsSocket } from "./sockjs-socket.ts";

type Mistake = "loses the session" | "takes no text" | "says nothing" | "speaks HTML" | "ends with 3000" | "forgets it";

interface ServeOptions {
  mistake?: Mistake;
  /** The connection ends with each answer. */
  closes?: boolean;
  /** So many frames in an answer. */
  framesMax?: number;
}

/** One session: what is sent comes back, in frames of one text each. */
async function serve({ mistake, closes = false, framesMax = 1 }: ServeOptions = {}) {
  const seen: { url: string; cookie: string | undefined }[] = [];
  const waiting: string[] = [];
  let receiving: ServerResponse | undefined;
  let [isKnown, frames] = [false, 0];
  const write = (): void => {
    while (receiving !== undefined && waiting.length > 0) {
      receiving.write(`${waiting.shift()}\n`);
      if ((frames += 1) % framesMax !== 0) continue;
      receiving.end();
      receiving = undefined;
    }
  };
  const tell = (...more: string[]): void => {
    waiting.push(...more);
    write();
  };
  const server = await openHttpServer((request, response) => {
    const { url = "", headers } = request;
    seen.push({ url: url.replace(/^\/ws\/\d{3}\/\w+\//, ""), cookie: headers.cookie });
    let text = "";
    request.setEncoding("utf8").on("data", (part: string) => (text += part));
    request.on("end", () => {
      if (url.endsWith("/xhr_send")) {
        response.writeHead(mistake === "takes no text" ? 403 : 204).end();
        for (const each of JSON.parse(text) as string[])
          tell(mistake === "ends with 3000" ? 'c[3000,"Go away!"]' : `a[${JSON.stringify(each)}]`);
        return;
      }
      if (mistake === "forgets it" && isKnown) return void response.writeHead(404).end();
      response.writeHead(200, {
        "content-type": "application/javascript",
        "set-cookie": "where=here; Path=/",
        ...(closes ? { connection: "close" } : {}),
      });
      if (mistake === "says nothing") return void response.end();
      receiving = response;
      if (!isKnown || mistake === "loses the session") tell(mistake === "speaks HTML" ? "<html>" : "o");
      else write();
      isKnown = true;
    });
  });
  return { ...server, seen };
}

const texts = ["a", "안녕 🙂", "x".repeat(5_000), '"\n'];

/** What comes back of the texts, and how it ends, over a server that does so. */
async function spoken(options: ServeOptions, transport: "xhr" | "xhr_streaming" = "xhr") {
  await using server = await serve(options);
  await using stack = new AsyncDisposableStack();
  const sender = stack.adopt(openSender({}), (each) => each.destroy());
  const heard: string[] = [];
  const ended = Promise.withResolvers<string>();
  const socket = new SockjsSocket(
    3,
    {
      onOpen: (it) => {
        for (const text of texts) it.send(text);
      },
      onMessage: (it, octets, from, to) => {
        heard.push(octets.toString("utf8", from, to));
        if (heard.length === texts.length) it.close();
      },
      onClose: (_, how) => ended.resolve(how),
    },
    { endpoint: `${server.url}/ws`, transport, headers: { cookie: "who=me" }, sender },
  );
  const how = await ended.promise;
  expect(socket.number).toBe(3);
  return { heard, how, seen: server.seen };
}

test.each([
  ["polling", "xhr", 1, false],
  ["polling, each on a connection of its own", "xhr", 1, true],
  ["streaming", "xhr_streaming", 100, false],
  ["streaming, two frames in an answer", "xhr_streaming", 2, false],
  ["streaming, two frames in an answer, each on a connection of its own", "xhr_streaming", 2, true],
] as const)("texts go there and come back, in their order: %s", async (_, transport, framesMax, closes) => {
  const { heard, how, seen } = await spoken({ framesMax, closes }, transport);
  expect(heard).toEqual(texts);
  expect(how).toBe("ended");
  const receives = seen.filter(({ url }) => url === transport);
  expect(receives.length).toBe(framesMax === 100 ? 1 : Math.ceil((texts.length + 1) / framesMax));
  expect(seen.filter(({ url }) => url === "xhr_send").length).toBeGreaterThan(0);
  // The balancer's cookie goes with everything that follows.
  expect(seen[0]!.cookie).toBe("who=me");
  expect(seen.slice(1).every(({ cookie }) => cookie === "who=me; where=here")).toBe(true);
});

test.each([
  ["loses the session", "the server lost the session"],
  ["takes no text", "a message was answered 403"],
  ["says nothing", "answered without a frame"],
  ["speaks HTML", "answered by no SockJS"],
  ["ends with 3000", "closed with 3000"],
  ["forgets it", "answered 404"],
] as const)("a server that %s ends it, and how is said", async (mistake, said) => {
  const { how } = await spoken({ mistake });
  expect(how).toBe(said);
});

test("where nobody listens", async () => {
  const ended = Promise.withResolvers<string>();
  const nothing = (): void => {};
  await using stack = new AsyncDisposableStack();
  const sender = stack.adopt(openSender({}), (each) => each.destroy());
  const socket = new SockjsSocket(
    0,
    { onOpen: nothing, onMessage: nothing, onClose: (_, how) => ended.resolve(how) },
    { endpoint: "http://127.0.0.1:9/ws", transport: "xhr", headers: {}, sender },
  );
  expect(socket.number).toBe(0);
  expect(await ended.promise).toBe("ECONNREFUSED");
});
