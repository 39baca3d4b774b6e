// How Rollcall talks to this backend. Every part but the name may be left out: what is missing makes the clauses
// that need it "unsupported", and the report names it. `npx rollcall init --check` tries each function once.

import { defineConfig, defineSystem } from "rollcall";

const system = defineSystem({
  name: "chat",
  // What everybody may GET: asked whether the server is there.
  // http: { alive: "/health", guarded: ["/me"] },

  accounts: {
    // An answer other than 2xx throws; what it returns ({ id }) is the account's from then on.
    signUp: async (http, who) => {
      await http.post("/signup", {
        json: { username: who.username, email: who.email, password: who.password },
      });
    },
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
    access: "members",
    // Each member has an HTTP client of its own, for systems in which they join one by one.
    open: async (owner, members) => {
      const answer = await owner.http.post("/rooms", { json: { members: members.map((member) => member.username) } });
      return { id: answer.json().id };
    },
    // remove: (member, room) => member.http.delete(`/rooms/${room.id}`),
  },

  stomp: {
    url: "/ws",
    // The headers of CONNECT.
    connect: (account) => ({ Authorization: `Bearer ${account.bearer}` }),
    // All destinations on which one message of a room is heard.
    destinations: (room) => [`/topic/rooms/${room.id}`],
    send: ({ room, text }) => ({ destination: `/app/rooms/${room.id}`, body: { content: text } }),
    // Undefined: another kind of message on the same destination.
    textOf: (message) => message.content,
    // idOf: (message) => message.id,
  },

  // Saying something by REST, and what is stored of a room, oldest first:
  // post: async (account, room, text) => (await account.http.post(`/rooms/${room.id}/messages`, { json: { content: text } })).json(),
  // history: async (account, room) => {
  //   const messages = (await account.http.get(`/rooms/${room.id}/messages`)).json();
  //   return messages.map((message: any) => ({ id: message.id, text: message.content }));
  // },

  // What the backend promises beside "every member hears every message once"; more makes more clauses count:
  // "history", "stored-before-broadcast", "order-per-room", "order-per-sender", "receipts", "replay", "sender-checked".
  promises: [],
});

export default defineConfig({ system, target: { urls: ["http://localhost:8080"] } });
