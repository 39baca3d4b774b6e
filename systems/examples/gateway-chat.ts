// No accounts and no history: rooms by name, over bare WebSocket JSON (the others hear) and over STOMP with aliases (the
// sender hears, too), behind a gateway.

import { randomUUID } from "node:crypto";
import { defineSystem, type System } from "../define.ts";

export const gatewayChat: System = defineSystem({
  name: "gateway-chat",
  rooms: { access: "anyone", open: () => Promise.resolve({ id: randomUUID() }) },
  websocket: {
    url: ({ room }) => `/ws/chat?roomId=${room.id}`,
    send: ({ account, room, text }) => ({ roomId: room.id, sender: account.username, content: text }),
    textOf: (message) => (message.type === "ERROR" ? undefined : message.content),
    echo: false,
  },
  stomp: {
    url: "/chat",
    transports: ["websocket", "sockjs"],
    destinations: ({ id }) => [`/sub/chat/room/${id}`, `/topic/chat/room/${id}`],
    send: ({ account, room, text }) => ({
      destination: "/pub/chat/sendMessage",
      body: { roomId: room.id, sender: account.username, content: text },
    }),
    textOf: (message) => message.content,
    idOf: (message) => message.id,
    isFrom: ({ roomId, sender }, { account, room }) => roomId === room.id && sender === account.username,
  },
  promises: ["order-per-sender", "public-rooms"],
});
