// Guests, rooms by a code, and state instead of text: what one does, all others see.

import { defineSystem, type System } from "../define.ts";

export const game: System = defineSystem({
  name: "game",
  accounts: { guest: async (_http, { username }) => ({ id: username }) },
  rooms: {
    access: "code",
    open: async (owner, members) => {
      const { joinCode } = (await owner.http.post("/rooms", { json: { hostName: owner.username } })).json();
      for (const member of members)
        await member.http.post(`/rooms/${joinCode}`, { json: { playerName: member.username } });
      return { id: joinCode };
    },
  },
  stomp: { url: "/ws", transports: ["sockjs"], destinations: ({ id }) => [`/topic/room/${id}`] },
  actions: {
    ready: {
      act: ({ username }, { id }, stomp) =>
        stomp.send(`/app/room/${id}/update-ready`, { playerName: username, isReady: true }),
      isEffect: (message) => Array.isArray(message.data),
      repeatable: true,
    },
  },
});
