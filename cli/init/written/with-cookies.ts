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
      await http.post("/login", { json: { username: who.username, password: who.password } });
      return { cookies: true };
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
    transports: ["websocket", "sockjs"],
    handshake: (account) => ({ Cookie: account.http.jar.header() }),
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

  events: {
    url: "/events",
    auth: "bearer", // or "cookie", or { query: "token" }
    causes: {
      // An action after which an event comes, and who gets it; `key` is what stands in the event.
      room: {
        cause: async ({ owner, members, openRoom }) => ({ key: (await openRoom(owner, members)).id }),
        receivers: "members",
        // keyOf: ({ name, data }) => (name === "room-opened" ? JSON.parse(data).id : undefined),
      },
    },
  },

  // What the backend promises beside "every member hears every message once"; more makes more clauses count:
  // "history", "stored-before-broadcast", "order-per-room", "order-per-sender", "receipts", "replay", "sender-checked".
  promises: [],
});

export default defineConfig({ system, target: { urls: ["http://localhost:8080"] } });
