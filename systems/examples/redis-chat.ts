// A token at CONNECT and again at SUBSCRIBE, group rooms that members join, numbers for rooms, a history without ids; what
// Redis misses is in the history only.

import { defineSystem, type System } from "../define.ts";
import type { Account } from "../types.ts";

const tokenOf = ({ bearer }: Account): Record<string, string> => ({ Authorization: `Bearer ${bearer}` });

export const redisChat: System = defineSystem({
  name: "redis-chat",
  http: { guarded: ["/chat/my/rooms", "/chat/room/group/list"] },
  accounts: {
    signUp: async (http, { username, email, password }) => ({
      id: (await http.post("/member/create", { json: { name: username, email, password } })).json(),
    }),
    logIn: async (http, { email, password }) => ({
      bearer: (await http.post("/member/doLogin", { json: { email, password } })).json().token,
    }),
  },
  rooms: {
    access: "members",
    open: async (owner, members) => {
      const roomName = `rollcall-${owner.username}-${Date.now().toString(36)}`;
      await owner.http.post(`/chat/room/group/create?roomName=${roomName}`);
      const rooms: { roomId: number; roomName: string }[] = (await owner.http.get("/chat/my/rooms")).json();
      const id = rooms.find((room) => room.roomName === roomName)?.roomId ?? 0;
      for (const member of members) await member.http.post(`/chat/room/group/${id}/join`);
      return { id };
    },
    join: ({ http }, { id }) => http.post(`/chat/room/group/${id}/join`),
    leave: ({ http }, { id }) => http.delete(`/chat/room/group/${id}/leave`),
    // The last one who leaves deletes it.
    remove: ({ http }, { id }) => http.delete(`/chat/room/group/${id}/leave`),
  },
  stomp: {
    url: "/connect",
    transports: ["sockjs"],
    connect: tokenOf,
    subscribe: ({ account }) => tokenOf(account),
    destinations: ({ id }) => [`/topic/${id}`],
    send: ({ account, room, text }) => ({
      destination: `/publish/${room.id}`,
      body: { senderEmail: account.email, message: text },
    }),
    textOf: (message) => message.message,
    isFrom: ({ roomId, senderEmail }, { account, room }) => roomId === room.id && senderEmail === account.email,
  },
  origin: "http://localhost:3000",
  history: async ({ http }, { id }) =>
    (await http.get(`/chat/history/${id}`)).json().map(({ message }: { message: string }) => ({ text: message })),
  promises: ["history", "stored-before-broadcast", "order-per-sender", "lossy-live"],
});
