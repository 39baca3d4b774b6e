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

  websocket: {
    url: ({ account, room }) => `/chat?room=${room.id}&name=${account.username}`,
    // What is sent first on a new socket, where the URL does not name the room.
    // join: (room, account) => ({ type: "join", room: room.id, name: account.username }),
    send: ({ text }) => ({ content: text }),
    textOf: (message) => message.content,
    // Does who says something hear it, too?
    echo: false,
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
