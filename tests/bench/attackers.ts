// One client that sends the worst of one kind, without a login, for as long as its process lives: `node
// tests/bench/attackers.ts KIND URL`. Loopback only. Started and ended by tests/bench/attacks.ts.

import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";

type Attacker = (url: URL) => Promise<unknown>;

const agent = new Agent({ keepAlive: true, maxSockets: 2_000 });

function send(url: URL, path: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve) => {
    const sent = request({
      hostname: url.hostname,
      port: url.port,
      path,
      method: "POST",
      agent,
      headers: { "content-length": Buffer.byteLength(body), ...headers },
    });
    sent.on("response", (response) => response.resume().on("end", () => resolve(response.statusCode ?? 0)));
    sent.on("error", () => resolve(0)).end(body);
  });
}

function raw(url: URL): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(Number(url.port), url.hostname, () => resolve(socket));
    socket.on("error", () => resolve(socket)).resume();
  });
}

/** Opens WebSockets again and again and sends the text in each. */
const floodByWebSocket =
  (text: string): Attacker =>
  async (url) => {
    for (;;) {
      const socket = new WebSocket(`ws://${url.host}/ws/websocket`, { perMessageDeflate: false });
      await new Promise((resolve) => {
        socket.on("open", () => socket.send(text));
        socket.on("close", resolve).on("error", resolve);
      });
    }
  };

const csrf = { cookie: "XSRF-TOKEN=x", "x-xsrf-token": "x" };
const formHead =
  "Content-Type: multipart/form-data; boundary=b\r\nCookie: XSRF-TOKEN=x\r\nX-XSRF-TOKEN: x\r\nHost: x\r\n";

/** Sign-ups that never end, each with so many bytes of a part. */
const unfinishedSignUps =
  (part: string, bytesEach: number): Attacker =>
  async (url) => {
    for (;;) {
      const sockets = await Promise.all(Array.from({ length: 40 }, () => raw(url)));
      const head = `--b\r\nContent-Disposition: form-data; ${part}\r\n\r\n`;
      for (const socket of sockets) {
        socket.write(`POST /api/users HTTP/1.1\r\n${formHead}Content-Length: ${bytesEach + 1_000_000}\r\n\r\n${head}`);
        socket.write(Buffer.alloc(bytesEach, "p"));
      }
      await pause(5_000);
      for (const socket of sockets) socket.destroy();
    }
  };

const logIns: Attacker = async (url) => {
  const one = async (name: string): Promise<void> => {
    for (;;)
      await send(url, "/api/auth/login", JSON.stringify({ username: name, password: "wrong123!" }), {
        "content-type": "application/json",
        ...csrf,
      });
  };
  await Promise.all(Array.from({ length: 200 }, (_, index) => one(`nobody${index}`)));
};

const sessions: Attacker = async (url) => {
  let count = 0;
  const one = async (): Promise<void> => {
    for (;;) await send(url, `/ws/0/s${(count += 1)}/xhr`, "");
  };
  await Promise.all(Array.from({ length: 100 }, one));
};

const idleSockets: Attacker = async (url) => {
  for (;;) {
    const sockets = Array.from(
      { length: 1_000 },
      () => new WebSocket(`ws://${url.host}/ws/websocket`, { perMessageDeflate: false }),
    );
    await Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.on("close", resolve).on("error", resolve))),
    );
  }
};

const slowRequests: Attacker = async (url) => {
  const one = async (): Promise<void> => {
    for (;;) {
      const socket = await raw(url);
      socket.write(
        `POST /api/auth/login HTTP/1.1\r\nHost: x\r\nCookie: XSRF-TOKEN=x\r\nX-XSRF-TOKEN: x\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n`,
      );
      while (!socket.destroyed) {
        socket.write("{");
        await pause(500);
      }
    }
  };
  await Promise.all(Array.from({ length: 100 }, one));
};

const xhrSends: Attacker = async (url) => {
  const body = JSON.stringify(Array.from({ length: 200_000 }, () => "\n")).slice(0, 999_000);
  for (let count = 0; ; count += 1) {
    await send(url, `/ws/0/x${count}/xhr`, "");
    await send(url, `/ws/0/x${count}/xhr_send`, `${body.slice(0, body.lastIndexOf(","))}]`);
  }
};

export const attackers: Record<string, Attacker> = {
  "line feeds by WebSocket": floodByWebSocket("\n".repeat(250_000)),
  "tiny frames by WebSocket": floodByWebSocket("A\n\n\0".repeat(60_000)),
  "a header without end": floodByWebSocket(`CONNECT\n${"a:b\n".repeat(60)}x:${"y".repeat(200_000)}`),
  "1 MB of xhr_send": xhrSends,
  "SockJS sessions": sessions,
  "sign-ups: text parts": unfinishedSignUps('name="userCreateRequest"', 900_000),
  "sign-ups: pictures": unfinishedSignUps('name="profile"; filename="a.png"', 10_000_000),
  "nested JSON": async (url) => {
    for (;;) await send(url, "/api/auth/login", "[".repeat(16_000), { "content-type": "application/json", ...csrf });
  },
  "200 logins at once": logIns,
  "1,000 idle sockets": idleSockets,
  "100 slow requests": slowRequests,
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , kind = "", url = ""] = process.argv;
  const attacker = attackers[kind];
  if (!attacker) throw new Error(`Cannot attack: no kind "${kind}"; known are ${Object.keys(attackers).join(", ")}`);
  await attacker(new URL(url));
}
