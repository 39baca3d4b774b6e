import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { expect, test, vi } from "vitest";
import { chatChannel } from "../../../systems/redis-chat/wire.ts";
import { loadRedis, openRedis } from "../../presence/redis-presence.ts";
import { RedisBus } from "./redis-bus.ts";

/** As much of a Redis as a subscriber asks for. `mute`: how many connections get no answer to PSUBSCRIBE. */
async function startRedis() {
  const sockets = new Set<Socket>();
  const subscribers = new Set<Socket>();
  const state = { mute: 0, subscribed: 0 };
  const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
  const answer = (socket: Socket, [name = "", ...names]: readonly string[], isMute: boolean): void => {
    const command = name.toLowerCase();
    if (command === "info") socket.write(bulk("redis_version:8.0.0\r\nloading:0"));
    else if (command === "ping") socket.write("+PONG\r\n");
    else if (command.endsWith("subscribe")) {
      if (isMute) return;
      state.subscribed += 1;
      subscribers.add(socket);
      socket.write(`>3\r\n${bulk(command)}${bulk(names[0]!)}:1\r\n`);
    } else socket.write("+OK\r\n");
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    const isMute = state.mute > 0;
    if (isMute) state.mute -= 1;
    let text = "";
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket) && subscribers.delete(socket));
    socket.on("data", (chunk) => {
      text += chunk.toString();
      for (let found = commandIn(text); found !== undefined; found = commandIn(text)) {
        text = text.slice(found.length);
        answer(socket, found.words, isMute);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    state,
    sockets,
    subscribers,
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The first command of a client, an array of bulk strings; undefined: it is not whole. */
function commandIn(text: string): { words: string[]; length: number } | undefined {
  const [, count] = /^\*(\d+)\r\n/.exec(text) ?? [];
  if (count === undefined) return undefined;
  const words: string[] = [];
  let at = text.indexOf("\n") + 1;
  while (words.length < Number(count)) {
    const [head, length] = /^\$(\d+)\r\n/.exec(text.slice(at)) ?? [];
    if (head === undefined || text.length < at + head.length + Number(length) + 2) return undefined;
    words.push(text.slice(at + head.length, at + head.length + Number(length)));
    at += head.length + Number(length) + 2;
  }
  return { words, length: at };
}

test("a Redis that comes back and does not answer is asked again, and ends nobody", async () => {
  await using redis = await startRedis();
  await loadRedis();
  const [publisher, subscriber] = [
    await openRedis(redis.url, () => undefined),
    await openRedis(redis.url, () => undefined),
  ];
  const bus = new RedisBus(publisher, subscriber, (_, error) => expect.unreachable(String(error)));
  const heard: string[] = [];
  await bus.follow("messages", ({ body }) => void heard.push(body));
  expect(redis.state.subscribed).toBe(2);
  // A rejection that nobody hears ends this test, too.
  redis.state.mute = 3;
  for (const socket of redis.sockets) socket.destroy();
  await vi.waitFor(() => expect(redis.state.subscribed).toBe(4), { timeout: 20_000 });
  const said = { roomId: 1, message: "back", senderEmail: "ann@x.org" };
  const text = JSON.stringify(said);
  const words = ["pmessage", chatChannel, chatChannel, text].map((word) => `$${word.length}\r\n${word}\r\n`);
  for (const socket of redis.subscribers) socket.write(`>4\r\n${words.join("")}`);
  await vi.waitFor(() => expect(heard).toEqual([text]));
  await bus.close();
  publisher.disconnect();
});
