// A chat that has nothing in common with the systems that are built in: names for ids, numbers for events, a token in a
// query, STOMP over a plain WebSocket, everything in memory. It is what a stranger who did everything right would write;
// `mistake` makes it wrong in one place.

import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { Hub, type Mistake } from "./hub.ts";
import { StompPeer } from "./peer.ts";

export interface Toy extends AsyncDisposable {
  url: string;
  /** Names of the members that are left. */
  members(): string[];
}

/** Runs on a free port of loopback. `asksAgain`: SUBSCRIBE needs the token again. */
export async function startToy(mistake?: Mistake, { asksAgain = false } = {}): Promise<Toy> {
  const hub = new Hub(mistake);
  hub.asksAgain = asksAgain;
  const server = createServer((request, response) => {
    answer(hub, request, response).catch(() => response.writeHead(400).end());
  });
  const sockets = new WebSocketServer({ server, path: "/ws", handleProtocols: (offered) => [...offered][0] ?? false });
  sockets.on("connection", (socket) => {
    socket.on("error", () => undefined); // it closes, with the right code
    return new StompPeer(hub, socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    members: () => [...hub.passwords.keys()],
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
}

async function answer(hub: Hub, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://toy");
  const [, kind, id = "", part] = url.pathname.split("/");
  const body = await bodyOf(request);
  const say = (status: number, value?: unknown): void =>
    void response
      .writeHead(status, { "content-type": "application/json" })
      .end(value === undefined ? "" : JSON.stringify(value));
  const token = url.searchParams.get("token") ?? request.headers.authorization?.replace("Bearer ", "");
  const me = hub.tokens.get(token ?? "");
  switch (`${request.method} ${kind}${part === undefined ? "" : `/${part}`}`) {
    case "GET health":
      return say(200, {});
    case "POST members":
      if (hub.passwords.has(String(body["name"]))) return say(409);
      hub.passwords.set(String(body["name"]), String(body["password"]));
      return say(201, {});
    case "POST login": {
      const name = String(body["name"]);
      if (hub.passwords.get(name) !== body["password"]) return say(401);
      const fresh = randomUUID();
      hub.tokens.set(fresh, name);
      return say(200, { accessToken: fresh });
    }
  }
  if (me === undefined) return say(401);
  answerMember(hub, { me, token: token!, id, body, say }, `${request.method} ${kind}/${part ?? ""}`, response, request);
}

interface Asked {
  me: string;
  token: string;
  id: string;
  body: Record<string, unknown>;
  say: (status: number, value?: unknown) => void;
}

function answerMember(
  hub: Hub,
  { me, token, id, body, say }: Asked,
  what: string,
  response: ServerResponse,
  request: IncomingMessage,
): void {
  const room = hub.rooms.get(id);
  switch (what) {
    case "GET me/":
      return say(200, { name: me });
    case "POST logout/":
      hub.tokens.delete(token);
      return say(200, {});
    case "DELETE members/":
      if (id !== me) return say(403);
      hub.passwords.delete(me);
      hub.tokens.delete(token);
      return say(200, {});
    case "POST rooms/":
      return say(201, { roomId: hub.openRoom([me, ...(body["members"] as string[])]) });
    case "GET events/":
      return hub.stream(me, request.headers["last-event-id"] as string | undefined, response);
  }
  if (room === undefined) return say(404);
  if (!room.members.includes(me)) return say(403);
  if (what === "GET rooms/messages") say(200, room.messages);
  else if (what === "POST rooms/messages") say(201, hub.post(room, me, String(body["content"])));
  else if (what === "DELETE rooms/") {
    hub.rooms.delete(id);
    say(200, {});
  } else say(404);
}
