// The whole definition of the toy chat (tests/verifier/toy), as its makers would write it.

/** A rollcall.config.ts; `wrong`: with these lines instead. */
export function toyConfig(url: string, ...wrong: readonly (readonly [right: string, wrong: string])[]): string {
  let text = config.replace("http://localhost:8080", url);
  for (const [right, other] of wrong) {
    if (text.split(right).length !== 2) throw new Error(`not exactly once in the config: ${right}`);
    text = text.replace(right, () => other);
  }
  return text;
}

/** The line of a text, from 1. */
export const lineIn = (text: string, what: string): number => text.slice(0, text.indexOf(what)).split("\n").length;

const config = `import { defineConfig, defineSystem } from "rollcall";

const toyChat = defineSystem({
  name: "toy-chat",
  http: { alive: "/health", guarded: ["/me"] },
  accounts: {
    signUp: (http, who) => http.post("/members", { json: { name: who.username, password: who.password } }),
    logIn: async (http, who) => {
      const answer = await http.post("/login", { json: { name: who.username, password: who.password } });
      return { bearer: answer.json().accessToken };
    },
    logOut: (http) => http.post("/logout"),
    remove: (http, account) => http.delete(\`/members/\${account.username}\`),
  },
  rooms: {
    access: "members",
    open: async (owner, members) => {
      const answer = await owner.http.post("/rooms", { json: { members: members.map((member) => member.username) } });
      return { id: answer.json().roomId };
    },
    remove: (member, room) => member.http.delete(\`/rooms/\${room.id}\`),
  },
  stomp: {
    url: "/ws",
    connect: (account) => ({ Authorization: \`Bearer \${account.bearer}\` }),
    destinations: (room) => [\`/topic/rooms/\${room.id}\`],
    send: ({ room, text }) => ({ destination: \`/app/rooms/\${room.id}\`, body: { content: text } }),
    textOf: (message) => message.content,
    idOf: (message) => message.id,
    isFrom: (message, { account, room }) => message.from === account.username && message.room === room.id,
  },
  post: async (account, room, text) => {
    const answer = await account.http.post(\`/rooms/\${room.id}/messages\`, { json: { content: text } });
    return answer.json();
  },
  history: async (account, room) => {
    const messages = (await account.http.get(\`/rooms/\${room.id}/messages\`)).json();
    return messages.map((message: any) => ({ id: message.id, text: message.content }));
  },
  events: {
    url: "/events",
    auth: { query: "token" },
    causes: {
      room: {
        cause: async ({ owner, members, openRoom }) => ({ key: (await openRoom(owner, members)).id }),
        receivers: "members",
        keyOf: ({ data }) => JSON.parse(data).opened,
      },
    },
  },
  promises: ["history", "order-per-room", "stored-before-broadcast", "replay", "receipts", "sender-checked"],
});

export default defineConfig({ system: toyChat, target: { urls: ["http://localhost:8080"] } });
`;
