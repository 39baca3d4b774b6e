// How Rollcall talks to this backend. Every part but the name may be left out: what is missing makes the clauses
// that need it "unsupported", and the report names it. `npx rollcall init --check` tries each function once.

import { defineConfig, defineSystem } from "rollcall";

const system = defineSystem({
  name: "chat",
  // What everybody may GET: asked whether the server is there.
  // http: { alive: "/health", guarded: ["/me"] },

  accounts: {
    // Nobody signs up: who takes part is made up.
    guest: async (_http, who) => ({ id: who.username }),
    // What it returns is sent from then on: { bearer }, { cookies: true } or { headers: { … } }.
    logIn: async (http, who) => {
      const answer = await http.post("/login", { json: { username: who.username, password: who.password } });
      return { bearer: answer.json().accessToken };
    },
    // Without it the accounts of a run stay, and the next run takes them again.
    // remove: (http, account) => http.delete(`/users/${account.id}`),
  },

  rooms: {
    // "members": others may not hear what is said; "code": who knows it may; "anyone".
    access: "anyone",
    // A room is there as soon as somebody names it.
    open: async () => ({ id: `rollcall-${crypto.randomUUID()}` }),
  },

  stomp: {
    url: "/ws",
    // The headers of CONNECT.
    connect: (account) => ({ Authorization: `Bearer ${account.bearer}` }),
    // All destinations on which one message of a room is heard.
    destinations: (room) => [`/topic/${room.id}`],
    send: ({ room, text }) => ({ destination: `/topic/${room.id}`, body: { data: { text } } }),
    // Undefined: another kind of message on the same destination.
    textOf: (message) => message.data?.text,
    // idOf: (message) => message.id,
  },

  // Saying something by REST, and what is stored of a room, oldest first:
  // post: async (account, room, text) => (await account.http.post(`/rooms/${room.id}/messages`, { json: { data: { text: text } } })).json(),
  // history: async (account, room) => {
  //   const messages = (await account.http.get(`/rooms/${room.id}/messages`)).json();
  //   return messages.map((message: any) => ({ id: message.id, text: message.data.text }));
  // },

  // What the backend promises beside "every member hears every message once"; more makes more clauses count:
  // "history", "stored-before-broadcast", "order-per-room", "order-per-sender", "receipts", "replay", "sender-checked".
  promises: [],
});

export default defineConfig({ system, target: { urls: ["http://localhost:8080"] } });
