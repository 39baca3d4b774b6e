// A backend that resembles nothing built in: Express, tables with numbers, a session in a header of its own, what is
// said over bare WebSocket JSON without an echo, and notices as server-sent events with ids and replay (better-sse).
// Everything is in memory, and with OWN_STATE in that file, too, so that it can be killed. OWN_MUTANT breaks it in one
// place: "echoes" (who speaks hears itself), "forgets" (a stream that comes back hears nothing of what it missed),
// "mumbles" (once it was started again it gives every seventh saying to nobody), "admits" (anybody who is logged in gets
// a seat at any table), "gossips" (notices go to everybody).

import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSession, type Session } from "better-sse";
import express, { type NextFunction, type Request, type Response } from "express";
import { WebSocketServer, type WebSocket } from "ws";

interface Notice {
  nr: number;
  to: readonly string[];
  what: object;
}

interface Kept {
  pins: [string, string][];
  sessions: [string, string][];
  tables: [number, readonly string[]][];
  notices: Notice[];
}

const mutant = process.env["OWN_MUTANT"];
const stateFile = process.env["OWN_STATE"];
const wasThere = stateFile !== undefined && existsSync(stateFile);
const kept = wasThere ? (JSON.parse(readFileSync(stateFile, "utf8")) as Kept) : undefined;
const pins = new Map(kept?.pins);
/** Session → nick. */
const sessions = new Map(kept?.sessions);
const tables = new Map(kept?.tables);
const notices: Notice[] = kept?.notices ?? [];
/** Session of an event stream → whose it is. */
const streams = new Map<Session, string>();
const seats = new Map<WebSocket, number>();
let tableCount = Math.max(0, ...tables.keys());
let saidCount = 0;

function keep(): void {
  const now: Kept = { pins: [...pins], sessions: [...sessions], tables: [...tables], notices };
  if (stateFile !== undefined) writeFileSync(stateFile, JSON.stringify(now));
}

const app = express();
app.use(express.json());

app.get("/up", (_, response) => void response.type("text/plain").send("yes"));

app.post("/register", (request, response) => {
  const { nick, pin } = request.body as { nick?: unknown; pin?: unknown };
  if (typeof nick !== "string" || typeof pin !== "string" || pins.has(nick)) return void response.sendStatus(409);
  pins.set(nick, pin);
  keep();
  response.status(201).json({ welcome: nick });
});

app.post("/sessions", (request, response) => {
  const { nick, pin } = request.body as { nick: string; pin: string };
  if (pins.get(nick) !== pin) return void response.sendStatus(401);
  const session = randomUUID();
  sessions.set(session, nick);
  keep();
  response.json({ data: { session } });
});

function known(request: Request, response: Response, next: NextFunction): void {
  const nick = sessions.get(request.get("x-session") ?? "");
  if (nick === undefined) return void response.sendStatus(401);
  response.locals["nick"] = nick;
  next();
}

app.get("/whoami", known, (_, response) => void response.json({ nick: response.locals["nick"] as string }));

app.delete("/whoami", known, (_, response) => {
  const nick = response.locals["nick"] as string;
  pins.delete(nick);
  for (const [session, whose] of sessions) if (whose === nick) sessions.delete(session);
  keep();
  response.sendStatus(204);
});

app.post("/tables", known, (request, response) => {
  const { guests } = request.body as { guests: string[] };
  const host = response.locals["nick"] as string;
  const number = ++tableCount;
  tables.set(number, [host, ...guests]);
  notify(guests, { invitedTo: number, by: host });
  keep();
  response.status(201).json({ table: { number } });
});

app.delete("/tables/:number", known, (request, response) => {
  const number = Number(request.params["number"]);
  if (tables.get(number)?.includes(response.locals["nick"] as string) !== true) return void response.sendStatus(404);
  tables.delete(number);
  keep();
  response.sendStatus(204);
});

app.get("/notices", known, async (request, response) => {
  const nick = response.locals["nick"] as string;
  const session = await createSession(request, response);
  // From here to the end nothing can come in between: what is missed is sent before what is new.
  const missed = mutant === "forgets" ? notices.length : Number(session.lastId || notices.length);
  for (const notice of notices.slice(missed)) if (notice.to.includes(nick)) push(session, notice);
  streams.set(session, nick);
  session.once("disconnected", () => streams.delete(session));
});

function notify(to: readonly string[], what: object): void {
  const notice = { nr: notices.length + 1, to, what };
  notices.push(notice);
  for (const [session, nick] of streams) if (to.includes(nick) || mutant === "gossips") push(session, notice);
}

const push = (session: Session, { nr, what }: Notice): void => void session.push(what, "invitation", String(nr));

const server = createServer(app);
const sockets = new WebSocketServer({ noServer: true });

const mayTakeASeat = (nick: string, number: number): boolean =>
  tables.get(number)?.includes(nick) === true || mutant === "admits";

server.on("upgrade", (request, socket, head) => {
  const url = new URL(request.url ?? "/", "http://here");
  const nick = sessions.get(url.searchParams.get("session") ?? "");
  const number = Number(url.searchParams.get("table"));
  if (url.pathname !== "/live" || nick === undefined || !mayTakeASeat(nick, number))
    return void socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  sockets.handleUpgrade(request, socket, head, (client) => sit(client, nick, number));
});

function sit(client: WebSocket, nick: string, number: number): void {
  seats.set(client, number);
  client.on("close", () => seats.delete(client));
  client.on("error", () => client.terminate());
  client.send(JSON.stringify({ kind: "seated", table: number }));
  client.on("message", (data: Buffer) => {
    const what = saidIn(data.toString("utf8"));
    if (what === undefined) return client.send(JSON.stringify({ kind: "pardon" }));
    const text = JSON.stringify({ kind: "said", nr: ++saidCount, by: nick, what });
    if (mutant === "mumbles" && wasThere && saidCount % 7 === 0) return;
    for (const [other, table] of seats)
      if (table === number && (other !== client || mutant === "echoes")) other.send(text);
  });
}

function saidIn(text: string): string | undefined {
  try {
    const { say } = JSON.parse(text) as { say?: unknown };
    return typeof say === "string" ? say : undefined;
  } catch {
    return undefined;
  }
}

server.listen(Number(process.env["PORT"] ?? 25400), "127.0.0.1", () => {
  if (stateFile !== undefined) writeFileSync(`${stateFile}.pid`, String(process.pid));
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
