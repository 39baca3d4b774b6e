// The toy chat as its team would define it.

import { defineSystem } from "../../../systems/define.ts";

export const toy = defineSystem({
  name: "toy-chat",
  http: { alive: "/health", guarded: ["/me"] },
  accounts: {
    signUp: (http, { username, password }) => http.post("/members", { json: { name: username, password } }),
    logIn: async (http, { username, password }) => ({
      bearer: (await http.post("/login", { json: { name: username, password } })).json().accessToken,
    }),
    logOut: (http) => http.post("/logout"),
    remove: (http, { username }) => http.delete(`/members/${username}`),
  },
  rooms: {
    access: "members",
    open: async (owner, members) => {
      const answer = await owner.http.post("/rooms", { json: { members: members.map(({ username }) => username) } });
      return { id: answer.json().roomId };
    },
    remove: (member, { id }) => member.http.delete(`/rooms/${id}`),
  },
  stomp: {
    url: "/ws",
    connect: ({ bearer }) => ({ Authorization: `Bearer ${bearer}` }),
    destinations: ({ id }) => [`/topic/rooms/${id}`],
    send: ({ room, text }) => ({ destination: `/app/rooms/${room.id}`, body: { content: text } }),
    textOf: (message) => message.content,
    idOf: (message) => message.id,
    isFrom: (message, { account, room }) => message.from === account.username && message.room === room.id,
  },
  post: ({ http }, { id }, text) =>
    http.post(`/rooms/${id}/messages`, { json: { content: text } }).then((it) => it.json()),
  history: async ({ http }, { id }) =>
    (await http.get(`/rooms/${id}/messages`)).json().map((message: { id: number; content: string }) => ({
      id: message.id,
      text: message.content,
    })),
  events: {
    url: "/events",
    auth: { query: "token" },
    causes: {
      room: {
        cause: async ({ owner, members, openRoom }) => ({ key: (await openRoom(owner, members)).id }),
        receivers: "members",
        keyOf: ({ name, data }) => (name === "room" ? JSON.parse(data).opened : undefined),
      },
    },
  },
  promises: ["history", "order-per-room", "stored-before-broadcast", "replay", "receipts", "sender-checked"],
});
