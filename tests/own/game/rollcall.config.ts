// Guests, rooms by a join code, and the state of a room instead of texts: there is nothing to post, and no history.

import { defineConfig, defineSystem } from "rollcall";

const game = defineSystem({
  name: "own-game",
  http: { alive: "/alive" },
  accounts: { guest: async (_http, who) => ({ id: who.username }) },
  rooms: {
    access: "code",
    open: async (owner, members) => {
      const { joinCode } = (await owner.http.post("/rooms", { json: { hostName: owner.username } })).json();
      for (const member of members)
        await member.http.post(`/rooms/${joinCode}`, { json: { playerName: member.username } });
      return { id: joinCode };
    },
  },
  stomp: {
    url: "/ws",
    transports: ["websocket", "sockjs"],
    destinations: (room) => [`/topic/room/${room.id}`],
  },
  actions: {
    ready: {
      act: (player, room, stomp) =>
        stomp.send(`/app/room/${room.id}/ready`, { playerName: player.username, isReady: true }),
      isEffect: (message) => Array.isArray(message.data),
      // Each time a player gets ready one of these numbers is another one.
      identityOf: (message) =>
        message.data.map(({ name, round }: { name: string; round: number }) => `${name} ${round}`).join(),
      repeatable: true,
    },
  },
});

export default defineConfig({
  system: game,
  target: { urls: [process.env["OWN_URL"] ?? "http://127.0.0.1:25402"] },
});
