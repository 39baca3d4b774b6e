// No backend at all: a broker with fixed users and plain topics. Who takes part is listed here, as start.sh made them.

import { randomUUID } from "node:crypto";
import { defineConfig, defineSystem } from "rollcall";

const url = process.env["OWN_URL"] ?? "http://127.0.0.1:25410";
const names = ["ann", "ben", "cem", "dan", "eve", "fay", "gus", "hal"];

const broker = defineSystem({
  name: "own-rabbitmq",
  accounts: {
    listed: () => names.map((username) => ({ username, password: "secret", email: `${username}@example.org` })),
  },
  rooms: { access: "anyone", open: () => Promise.resolve({ id: randomUUID() }) },
  stomp: {
    url: "/ws",
    connect: ({ username, password }) => ({ login: username, passcode: password, host: "/" }),
    destinations: (room) => [`/topic/rollcall.${room.id}`],
    send: ({ room, text }) => ({ destination: `/topic/rollcall.${room.id}`, body: { text } }),
    textOf: (message) => message.text,
  },
  promises: ["order-per-sender", "receipts"],
});

export default defineConfig({ system: broker, target: { urls: [url] } });
