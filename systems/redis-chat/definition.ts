// A token at CONNECT and again at SUBSCRIBE, group rooms that members join, numbers for rooms, a history without ids;
// what Redis misses is in the history only. Source: the Redis chat contract.

import { TargetError } from "../../drivers/errors.ts";
import { defineSystem, type System } from "../define.ts";
import type { Account } from "../types.ts";
import { idOf, listOf, tokenOf } from "./answers.ts";
import {
  createPath,
  leavePath,
  leavePathOfOthers,
  limits,
  logInPath,
  roomDestination,
  sendDestination,
  signUpPath,
  stompEndpoint,
} from "./wire.ts";

const credentialOf = ({ bearer }: Account): Record<string, string> => ({ Authorization: `Bearer ${bearer}` });

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
      id: idOf((await http.post(signUpPath, { json: { name: username, email, password } })).json()),
    }),
    logIn: async (http, { email, password }) => {
      const bearer = tokenOf((await http.post(logInPath, { json: { email, password } })).json());
      if (bearer === undefined) throw new TargetError("malformed", `the answer to POST ${logInPath} has no token`);
      return { bearer };
    },
  },
  rooms: {
    access: "members",
    open: async (owner, members) => {
      // The answer is empty: the room is found by its name, which is nobody else's.
      const roomName = `rollcall-${owner.username}-${Date.now().toString(36)}-${(opened += 1)}`;
      await owner.http.post(createPath(roomName), { json: { roomName } });
      const rooms = listOf<{ roomId?: number; roomName: string }>((await owner.http.get("/chat/my/rooms")).json());
      const id = rooms.find((room) => room.roomName === roomName)?.roomId;
      if (id === undefined)
        throw new TargetError("malformed", `GET /chat/my/rooms does not hold the room ${roomName} that was opened`);
      for (const member of members) await member.http.post(`/chat/room/group/${id}/join`);
      return { id };
    },
    join: ({ http }, { id }) => http.post(`/chat/room/group/${id}/join`),
    leave: async ({ http }, { id }) => {
      const { status } = await http.rest.request("DELETE", leavePath(id));
      return status < 300 ? undefined : await http.delete(leavePathOfOthers(id));
    },
    // Anybody may join a group; the oldest comes first.
    list: async ({ http }) =>
      listOf<{ roomId: number; roomName: string }>((await http.get("/chat/room/group/list")).json()).map(
        ({ roomId, roomName }) => ({ id: roomId, name: roomName, isPublic: true }),
      ),
  },
  stomp: {
    url: stompEndpoint,
    transports: ["websocket", "sockjs"],
    connect: credentialOf,
    subscribe: ({ account }) => credentialOf(account),
    destinations: ({ id }) => [roomDestination(id)],
    send: ({ account, room, text }) => ({
      destination: sendDestination(room.id),
      body: { senderEmail: account.email, message: text },
    }),
    textOf: (message) => message.message,
    textLengthMax: limits.messageOfOthersMax,
    // That the id is a number, and that it is there, is for one clause to say.
    isFrom: ({ roomId, senderEmail }, { account, room }) =>
      String(roomId ?? room.id) === String(room.id) && senderEmail === account.email,
  },
  history: async ({ http }, { id }) => {
    const stored = listOf<{ message: string }>((await http.get(`/chat/history/${id}`)).json());
    return stored.map(({ message }) => ({ text: message }));
  },
  promises: ["history", "stored-before-broadcast", "order-per-sender", "lossy-live"],
});
