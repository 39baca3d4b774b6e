// No accounts and no history: rooms by name, over bare WebSocket JSON (the others hear) and over STOMP with aliases
// (the sender hears, too), behind a gateway. In secure mode CONNECT brings a token. Source: the gateway chat contract.

import { defineSystem, type System } from "../define.ts";
import type { StompPart, SystemDefinition } from "../types.ts";
import { tokenOf } from "./tokens.ts";
import { limits, rawPath, roomAlias, roomDestination, sendDestination, stompEndpoint } from "./wire.ts";

const stomp: StompPart = {
  url: stompEndpoint,
  transports: ["websocket", "sockjs"],
  destinations: ({ id }) => [roomDestination(id), roomAlias(id)],
  send: ({ account, room, text }) => ({
    destination: sendDestination,
    body: { roomId: room.id, sender: account.username, content: text },
  }),
  textOf: (message) => message.content,
  idOf: (message) => message.id,
  textLengthMax: limits.contentMax,
  // Public servers of the kind say the room as a number, and the sender as an object: one clause is about that.
  isFrom: ({ roomId, sender }, { account, room }) =>
    String(roomId ?? room.id) === String(room.id) && (typeof sender !== "string" || sender === account.username),
};

const chat = {
  http: { alive: `${stompEndpoint}/info` },
  rooms: { access: "anyone", open: () => Promise.resolve({ id: crypto.randomUUID() }) },
} satisfies Partial<SystemDefinition>;

export const gatewayChat: System = defineSystem({
  ...chat,
  name: "gateway-chat",
  title: "Gateway chat",
  websocket: {
    url: ({ room }) => rawPath(room.id),
    send: ({ account, room, text }) => ({ roomId: room.id, sender: account.username, content: text }),
    textOf: (message) => (message.type === "ERROR" ? undefined : message.content),
    echo: false,
  },
  stomp,
  promises: ["order-per-sender", "public-rooms"],
});

export const gatewayChatSecure: System = defineSystem({
  ...chat,
  name: "gateway-chat-secure",
  title: "Gateway chat, secure mode",
  accounts: {
    guest: (_, { username }) => Promise.resolve({ id: username }),
    logIn: async (_, { username }) => ({ bearer: await tokenOf(username) }),
  },
  stomp: { ...stomp, connect: ({ bearer }) => ({ Authorization: `Bearer ${bearer}` }) },
  promises: ["order-per-sender", "public-rooms", "sender-checked"],
});
