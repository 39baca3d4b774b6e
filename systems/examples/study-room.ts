// Cookies at the handshake, members who join one by one, four to a room, presence beside the messages.

import { defineSystem, type System } from "../define.ts";

const isChat = ({ type }: { type?: string }): boolean => type === undefined || type === "CHAT";

export const studyRoom: System = defineSystem({
  name: "study-room",
  http: { base: "/api", guarded: ["/api/users/me", "/api/rooms"], alive: "/api/rooms" },
  accounts: {
    signUp: (http, { email, password, username }) =>
      http.post("/api/auth/signup", { json: { email, password, nickname: username } }),
    logIn: async (http, { email, password }) => {
      await http.post("/api/auth/login", { json: { email, password } });
      return { cookies: true, id: (await http.get("/api/users/me")).json().data.id };
    },
    refresh: async (http) => {
      await http.post("/api/auth/refresh");
      return { cookies: true };
    },
    logOut: (http) => http.post("/api/auth/logout"),
  },
  rooms: {
    access: "members",
    capacity: 4,
    open: async (owner, members) => {
      const { id } = (await owner.http.post("/api/rooms", { json: { title: "rollcall", description: "-" } })).json()
        .data;
      for (const member of members) await member.http.post(`/api/rooms/${id}/join`, { json: { roomId: id } });
      return { id };
    },
    join: ({ http }, { id }) => http.post(`/api/rooms/${id}/join`, { json: { roomId: id } }),
    leave: ({ http }, { id }) => http.delete(`/api/rooms/${id}/leave`, { json: { roomId: id } }),
  },
  stomp: {
    url: "/ws",
    handshake: ({ http }) => ({ Cookie: http.jar.header("/ws") }),
    destinations: ({ id }) => [`/topic/rooms/${id}`],
    send: ({ room, text }) => ({ destination: `/app/rooms/${room.id}/chat`, body: { content: text } }),
    textOf: (message) => (isChat(message) ? message.content : undefined),
    idOf: (message) => message.id,
    isFrom: (message, { account, room }) =>
      String(message.roomId) === String(room.id) && message.senderNickname === account.username,
  },
  history: async ({ http }, { id }) => {
    const stored: { id: number; text: string }[] = [];
    for (let page = 0; ; page++) {
      const { data } = (await http.get(`/api/rooms/${id}/messages?page=${page}&size=20`)).json();
      stored.push(
        ...data.map((message: { id: number; content: string }) => ({ id: message.id, text: message.content })),
      );
      if (data.length < 20) return stored.toReversed(); // the newest comes first
    }
  },
  events: {
    url: "/api/notifications/subscribe",
    auth: "cookie",
    causes: {
      entered: {
        // Whoever joins is told to all other members of the room.
        cause: async ({ owner, members, openRoom }) => ({ key: (await openRoom(owner, members)).id }),
        receivers: "others",
        name: "notification",
        keyOf: ({ data }) => {
          const { type, roomId } = JSON.parse(data);
          return type === "USER_JOIN" ? roomId : undefined;
        },
      },
    },
    ping: "connected",
  },
  presence: {
    set: (_account, room, state, stomp) => stomp.send(`/app/rooms/${room.id}/presence/update`, { status: state }),
    stateOf: (message) => (message.type === "PRESENCE" ? message.status : undefined),
    destinations: ({ id }) => [`/topic/rooms/${id}/presence`],
  },
  promises: ["history", "stored-before-broadcast", "order-per-sender", "presence", "join-leave", "sender-checked"],
});
