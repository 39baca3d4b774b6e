// A token at CONNECT and again at SUBSCRIBE, group rooms that members join, numbers for rooms, a history without ids; what
// Redis misses is in the history only. Source: the Redis chat contract.

import { defineSystem, type System } from "../define.ts";
import type { Account } from "../types.ts";
import { limits, logInPath, roomDestination, sendDestination, signUpPath, stompEndpoint } from "./wire.ts";

const tokenOf = ({ bearer }: Account): Record<string, string> => ({ Authorization: `Bearer ${bearer}` });

let opened = 0;

export const redisChat: System = defineSystem({
  name: "redis-chat",
  title: "Redis chat",
  http: {
    base: "/chat",
    guarded: ["/chat/my/rooms", "/chat/room/group/list"],
    alive: `${stompEndpoint}/info`,
  },
  accounts: {
    signUp: async (http, { username, email, password }) => ({
      id: (await http.post(signUpPath, { json: { name: username, email, password } })).json(),
    }),
    logIn: async (http, { email, password }) => ({
      bearer: (await http.post(logInPath, { json: { email, password } })).json().token,
    }),
  },
  rooms: {
    access: "members",
    open: async (owner, members) => {
      // The answer is empty: the room is found by its name, which is nobody else's.
      const roomName = `rollcall-${owner.username}-${Date.now().toString(36)}-${(opened += 1)}`;
      await owner.http.post(`/chat/room/group/create?roomName=${roomName}`);
      const rooms: { roomId: number; roomName: string }[] = (await owner.http.get("/chat/my/rooms")).json();
      const id = rooms.find((room) => room.roomName === roomName)?.roomId;
      if (id === undefined) throw new Error(`GET /chat/my/rooms does not hold the room ${roomName} that was opened`);
      for (const member of members) await member.http.post(`/chat/room/group/${id}/join`);
      return { id };
    },
    join: ({ http }, { id }) => http.post(`/chat/room/group/${id}/join`),
    leave: ({ http }, { id }) => http.delete(`/chat/room/group/${id}/leave`),
  },
  stomp: {
    url: stompEndpoint,
    transports: ["websocket", "sockjs"],
    connect: tokenOf,
    subscribe: ({ account }) => tokenOf(account),
    destinations: ({ id }) => [roomDestination(id)],
    send: ({ account, room, text }) => ({
      destination: sendDestination(room.id),
      body: { senderEmail: account.email, message: text },
    }),
    textOf: (message) => message.message,
    textLengthMax: limits.messageOfOthersMax,
    isFrom: ({ roomId, senderEmail }, { account, room }) => roomId === room.id && senderEmail === account.email,
  },
  history: async ({ http }, { id }) =>
    (await http.get(`/chat/history/${id}`)).json().map(({ message }: { message: string }) => ({ text: message })),
  promises: ["history", "stored-before-broadcast", "order-per-sender", "lossy-live"],
});
