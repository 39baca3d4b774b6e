// No backend at all: a broker with fixed users and plain topics, on its own port, whose acks and transactions count.

import { randomUUID } from "node:crypto";
import { defineSystem, type System } from "../define.ts";
import type { Who } from "../types.ts";

/** Users as `rabbitmqctl add_user` made them: name:password, separated by commas. */
const usersIn = (list: string): Who[] =>
  list.split(",").map((entry) => {
    const [username = "", password = ""] = entry.split(":");
    return { username, password, email: `${username}@example.org` };
  });

export const rabbitMq: System = defineSystem({
  name: "rabbitmq",
  accounts: {
    listed: () => usersIn(process.env["RABBITMQ_USERS"] ?? "ann:secret,ben:secret,cem:secret,dan:secret"),
  },
  rooms: { access: "anyone", open: () => Promise.resolve({ id: randomUUID() }) },
  stomp: {
    url: "ws://127.0.0.1:15674/ws",
    transports: ["websocket", "tcp"],
    tcp: 61_613,
    connect: ({ username, password }) => ({ login: username, passcode: password, host: "/" }),
    destinations: ({ id }) => [`/topic/rollcall.${id}`],
    send: ({ room, text }) => ({ destination: `/topic/rollcall.${room.id}`, body: { text } }),
    // A queue of RabbitMQ stays: it goes when nobody has used it for ten minutes.
    queue: ({ id }) => ({ destination: `/queue/rollcall.${id}`, headers: { "x-expires": "600000" } }),
    textOf: (message) => message.text,
  },
  promises: ["order-per-sender", "receipts", "broker", "acks", "transactions", "public-rooms"],
});
