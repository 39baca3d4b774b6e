// What tests of the engine talk to: a server of event streams that keeps what it said, and makes the mistake that a test
// asks for.

import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { LoadPlan } from "./plan.ts";

export type StreamMistake = "forgets the oldest missed" | "repeats the last heard" | "replays nothing";

/** `lineEnd`: of each line that it writes, which come in pieces of seven octets. */
export async function serveStreams({ mistake, lineEnd = "\n" }: { mistake?: StreamMistake; lineEnd?: string } = {}) {
  const said: string[] = [];
  const open = new Set<ServerResponse>();
  const write = (stream: ServerResponse, id: number): void => {
    const event = `: a comment@@0.0.1@@\nevent: said\nid: ${id}\ndata: ${said[id]}\n\n`.replaceAll("\n", lineEnd);
    for (let at = 0; at < event.length; at += 7) stream.write(event.slice(at, at + 7));
  };
  const missedFrom = (lastId: string | undefined): number => {
    if (lastId === undefined || mistake === "replays nothing") return said.length;
    if (mistake === "repeats the last heard") return Number(lastId);
    return Number(lastId) + (mistake === "forgets the oldest missed" ? 2 : 1);
  };
  const server = createServer((request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream;charset=utf-8" });
    response.flushHeaders();
    for (let id = missedFrom(request.headers["last-event-id"] as string | undefined); id < said.length; id++)
      write(response, id);
    open.add(response);
    response.on("close", () => open.delete(response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    plan: planOfStreams(url),
    publish: (_: number, text: string): Promise<void> => {
      const id = said.push(text) - 1;
      for (const stream of open) write(stream, id);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function planOfStreams(url: string): LoadPlan {
  const rooms = [{ room: 0, headers: {} }];
  const person = { handshake: {}, connect: {}, rooms };
  const resume = { url: "/events", headers: { "Last-Event-ID": "@@" } };
  return {
    webSocketUrls: [],
    receipts: true,
    streams: { baseUrls: [url], replays: true },
    listeners: [{ ...person, stream: { url: "/events", headers: {} }, resume }],
    publishers: [{ ...person, sends: [] }],
    rooms: [{ destination: "" }],
  };
}
