// Tables with bare WebSocket JSON, a session in a header of its own, notices as events to the guests alone.

import { defineConfig, defineSystem, type Account } from "rollcall";

interface Guest extends Account {
  headers: { "X-Session": string };
}

const tables = defineSystem<Guest>({
  name: "tables",
  http: { alive: "/up", guarded: ["/whoami"] },
  accounts: {
    signUp: (http, who) => http.post("/register", { json: { nick: who.username, pin: who.password } }),
    logIn: async (http, who) => {
      const answer = await http.post("/sessions", { json: { nick: who.username, pin: who.password } });
      return { headers: { "X-Session": answer.json().data.session } };
    },
    check: (http) => http.get("/whoami"),
    remove: (http) => http.delete("/whoami"),
  },
  rooms: {
    access: "members",
    open: async (owner, members) => {
      const answer = await owner.http.post("/tables", { json: { guests: members.map((member) => member.username) } });
      return { id: answer.json().table.number };
    },
    remove: (member, room) => member.http.delete(`/tables/${room.id}`),
  },
  websocket: {
    url: ({ account, room }) => `/live?table=${room.id}&session=${account.headers["X-Session"]}`,
    send: ({ text }) => ({ say: text }),
    textOf: (message) => (message.kind === "said" ? message.what : undefined),
    echo: false,
  },
  events: {
    url: "/notices",
    causes: {
      invitation: {
        cause: async ({ owner, members, openRoom }) => ({ key: (await openRoom(owner, members)).id }),
        receivers: "others",
        name: "invitation",
        keyOf: ({ data }) => JSON.parse(data).invitedTo,
      },
    },
  },
  promises: ["order-per-sender", "replay"],
});

export default defineConfig({
  system: tables,
  target: {
    urls: [process.env["OWN_URL"] ?? "http://127.0.0.1:25400"],
    faults: {
      "instance-killed": {
        begin: 'kill -KILL "$(cat "$OWN_STATE.pid")" && rm "$OWN_STATE.pid"',
        end: `sh '${import.meta.dirname}/start.sh'`,
      },
      "instance-paused": {
        begin: 'kill -STOP "$(cat "$OWN_STATE.pid")"',
        end: 'kill -CONT "$(cat "$OWN_STATE.pid")"',
      },
    },
  },
});
