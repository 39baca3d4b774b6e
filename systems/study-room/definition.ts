// Study rooms: cookies at the handshake, members who join one by one, four to a room, presence beside the messages.
// Source: the study-room contract.

import { TargetError } from "../../drivers/errors.ts";
import type { HttpAnswer, Json } from "../../drivers/http.ts";
import { defineSystem, type System } from "../define.ts";
import {
  apiPath,
  chatDestination,
  connectedEvent,
  firstStatus,
  limits,
  notificationEvent,
  presenceDestination,
  presenceUpdate,
  roomDestination,
  stompEndpoint,
  subscribePath,
} from "./wire.ts";
import { quoted } from "../../drivers/quoted.ts";

/** Where one DTO is for all, the type of a chat message is null. */
const isChat = ({ type }: { type?: string | null }): boolean => (type ?? "CHAT") === "CHAT";

/** What is in the wrapper. Some say no with 200: throws TargetError then. */
function dataIn(answer: HttpAnswer): Json {
  const { success, data } = answer.json();
  if (success === false || data === undefined || data === null)
    throw new TargetError("malformed", `the answer has no data: ${quoted(answer.text)}`);
  return data;
}

const keyOf = (roomId: string | number, nickname: string): string => `${nickname} in ${roomId}`;

export const studyRoom: System = defineSystem({
  name: "study-room",
  title: "Study rooms",
  http: { base: apiPath, guarded: ["/api/users/me", "/api/rooms"], alive: "/api/rooms" },
  accounts: {
    signUp: (http, { email, password, username }) =>
      http.post("/api/auth/signup", { json: { email, password, nickname: username } }),
    logIn: async (http, { email, password }) => {
      await http.post("/api/auth/login", { json: { email, password } });
      return { cookies: true, id: dataIn(await http.get("/api/users/me")).id };
    },
    refresh: async (http) => {
      await http.post("/api/auth/refresh");
      return { cookies: true };
    },
    logOut: (http) => http.post("/api/auth/logout"),
    check: (http) => http.get("/api/users/me"),
  },
  rooms: {
    access: "members",
    capacity: limits.capacity,
    open: async (owner, members) => {
      const { id } = dataIn(await owner.http.post("/api/rooms", { json: { title: "rollcall", description: "-" } }));
      for (const member of members) await member.http.post(`/api/rooms/${id}/join`, { json: { roomId: id } });
      return { id };
    },
    join: ({ http }, { id }) => http.post(`/api/rooms/${id}/join`, { json: { roomId: id } }),
    leave: ({ http }, { id }) => http.delete(`/api/rooms/${id}/leave`, { json: { roomId: id } }),
    // Anybody may look for a room: the newest come first.
    list: async ({ http }) => {
      const { content } = dataIn(await http.get(`/api/rooms?page=0&size=${limits.pageSizeMax}`));
      return (content as { id: number; title: string }[]).map(({ id, title }) => ({ id, name: title, isPublic: true }));
    },
  },
  stomp: {
    url: stompEndpoint,
    handshake: ({ http }) => ({ Cookie: http.jar.header(stompEndpoint) }),
    destinations: ({ id }) => [roomDestination(id)],
    send: ({ room, text }) => ({ destination: chatDestination(room.id), body: { content: text } }),
    textOf: (message) => (isChat(message) ? message.content : undefined),
    idOf: (message) => message.id,
    textLengthMax: limits.contentMax,
    isFrom: (message, { account, room }) =>
      String(message.roomId) === String(room.id) && message.senderNickname === account.username,
  },
  history: async ({ http }, { id }) => {
    // By id: while somebody speaks, what was on one page is on the next one, too.
    const stored = new Map<number, string>();
    for (let page = 0; ; page++) {
      const data = dataIn(await http.get(`/api/rooms/${id}/messages?page=${page}&size=20`));
      const before = stored.size;
      for (const message of data as { id: number; content: string }[]) stored.set(message.id, message.content);
      const isLast = data.length < 20 || stored.size === before;
      if (isLast) return [...stored].map(([of, text]) => ({ id: of, text })).toReversed(); // the newest comes first
    }
  },
  events: {
    url: subscribePath,
    auth: "cookie",
    causes: {
      entered: {
        // Whoever joins is announced to all other members of the room.
        cause: async ({ owner, members, openRoom, another }) => {
          const [{ id }, late] = await Promise.all([openRoom(owner, members), another()]);
          await late.http.post(`/api/rooms/${id}/join`, { json: { roomId: id } });
          return { key: keyOf(id, late.username) };
        },
        receivers: "members",
        name: notificationEvent,
        keyOf: ({ data }) => {
          const { type, roomId, nickname } = JSON.parse(data);
          return type === "USER_JOIN" ? keyOf(roomId, nickname) : undefined;
        },
      },
    },
    ping: connectedEvent.name,
  },
  actions: {
    // One of the two is a change, whatever the state was; the same state again is none.
    pause: {
      act: (_account, room, stomp) => {
        for (const state of ["BREAK", firstStatus]) stomp.send(presenceUpdate(room.id), { status: state });
      },
      isEffect: (message) => message.status !== undefined,
      destinations: ({ id }) => [presenceDestination(id)],
      repeatable: true,
    },
  },
  presence: {
    set: (_account, room, state, stomp) => stomp.send(presenceUpdate(room.id), { status: state }),
    stateOf: (message) => (message.type === "PRESENCE" ? message.status : undefined),
    destinations: ({ id }) => [presenceDestination(id)],
  },
  promises: [
    "history",
    "stored-before-broadcast",
    "order-per-sender",
    "replay",
    "presence",
    "join-leave",
    "sender-checked",
  ],
});
