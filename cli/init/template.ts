// The config that `rollcall init` writes: a definition that works where the answers are right, and comments where most
// backends differ.

import type { Answers } from "./answers.ts";

const isStomp = ({ transport }: Answers): boolean => transport === "websocket" || transport === "sockjs";

/** `"/topic/rooms/{room}"` as a template of JavaScript, or a plain text where it has no name. */
const templateOf = (text: string): string =>
  text.includes("{room}")
    ? `\`${text.replace(/[`\\]|\$\{/g, "\\$&").replaceAll("{room}", "${room.id}")}\``
    : JSON.stringify(text);

/** A field of a body, at any depth: "data.text" → { data: { text: … } }. */
const nested = (field: string, value: string): string =>
  field.split(".").reduceRight((inner, name) => `{ ${name}: ${inner} }`, value);

/** Lines of a file in TypeScript. */
export function configInTypeScript(answers: Answers): string {
  return `// How Rollcall talks to this backend. Every part but the name may be left out: what is missing makes the clauses
// that need it "unsupported", and the report names it. \`npx rollcall init --check\` tries each function once.

import { defineConfig, defineSystem } from "rollcall";

const system = defineSystem({
  name: ${JSON.stringify(answers.name)},
  // What everybody may GET: asked whether the server is there.
  // http: { alive: "/health", guarded: ["/me"] },
${[accounts(answers), rooms(answers), stomp(answers), webSocket(answers), stored(answers), events(answers)].join("")}
  // What the backend promises beside "every member hears every message once"; more makes more clauses count:
  // "history", "stored-before-broadcast", "order-per-room", "order-per-sender", "receipts", "replay", "sender-checked".
  promises: [],
});

export default defineConfig({ system, target: { urls: [${JSON.stringify(answers.url)}] } });
`;
}

function accounts({ signUp, logIn, token }: Answers): string {
  const signingUp =
    signUp === undefined
      ? `    // Nobody signs up: who takes part is made up.
    guest: async (_http, who) => ({ id: who.username }),
`
      : `    // An answer other than 2xx throws; what it returns ({ id }) is the account's from then on.
    signUp: async (http, who) => {
      await http.post(${JSON.stringify(signUp)}, {
        json: { username: who.username, email: who.email, password: who.password },
      });
    },
`;
  const credential = token === "cookie" ? "{ cookies: true }" : `{ bearer: answer.json().${token} }`;
  const loggingIn =
    logIn === undefined
      ? ""
      : `    // What it returns is sent from then on: { bearer }, { cookies: true } or { headers: { … } }.
    logIn: async (http, who) => {
      ${token === "cookie" ? "" : "const answer = "}await http.post(${JSON.stringify(logIn)}, { json: { username: who.username, password: who.password } });
      return ${credential};
    },
`;
  return `
  accounts: {
${signingUp}${loggingIn}    // Without it the accounts of a run stay, and the next run takes them again.
    // remove: (http, account) => http.delete(\`/users/\${account.id}\`),
  },
`;
}

function rooms({ room, roomId }: Answers): string {
  const opening =
    room === undefined
      ? `    // A room is there as soon as somebody names it.
    open: async () => ({ id: \`rollcall-\${crypto.randomUUID()}\` }),
`
      : `    // Each member has an HTTP client of its own, for systems in which they join one by one.
    open: async (owner, members) => {
      const answer = await owner.http.post(${JSON.stringify(room)}, { json: { members: members.map((member) => member.username) } });
      return { id: answer.json().${roomId} };
    },
    // remove: (member, room) => member.http.delete(\`${room}/\${room.id}\`),
`;
  return `
  rooms: {
    // "members": others may not hear what is said; "code": who knows it may; "anyone".
    access: ${room === undefined ? '"anyone"' : '"members"'},
${opening}  },
`;
}

function stomp(answers: Answers): string {
  if (!isStomp(answers)) return "";
  const { transport, endpoint, destination, send, text, logIn, token } = answers;
  const credential =
    logIn === undefined
      ? ""
      : token === "cookie"
        ? "    handshake: (account) => ({ Cookie: account.http.jar.header() }),\n"
        : "    // The headers of CONNECT.\n    connect: (account) => ({ Authorization: `Bearer ${account.bearer}` }),\n";
  return `
  stomp: {
    url: ${JSON.stringify(endpoint)},
${transport === "sockjs" ? '    transports: ["websocket", "sockjs"],\n' : ""}${credential}    // All destinations on which one message of a room is heard.
    destinations: (room) => [${templateOf(destination)}],
    send: ({ room, text }) => ({ destination: ${templateOf(send)}, body: ${nested(text, "text")} }),
    // Undefined: another kind of message on the same destination.
    textOf: (message) => message.${text},
    // idOf: (message) => message.id,
  },
`;
}

function webSocket({ transport, endpoint, text }: Answers): string {
  if (transport !== "raw") return "";
  return `
  websocket: {
    url: ({ account, room }) => \`${roomUrl(endpoint).replaceAll("{room}", "${room.id}").replaceAll("{username}", "${account.username}")}\`,
    // What is sent first on a new socket, where the URL does not name the room.
    // join: (room) => ({ type: "join", room: room.id }),
    send: ({ text }) => (${nested(text, "text")}),
    textOf: (message) => message.${text},
    // Does who says something hear it, too?
    echo: false,
  },
`;
}

function stored({ room, text }: Answers): string {
  return `
  // Saying something by REST, and what is stored of a room, oldest first:
  // post: async (account, room, text) => (await account.http.post(\`${room ?? "/rooms"}/\${room.id}/messages\`, { json: ${nested(text, "text")} })).json(),
  // history: async (account, room) => {
  //   const messages = (await account.http.get(\`${room ?? "/rooms"}/\${room.id}/messages\`)).json();
  //   return messages.map((message: any) => ({ id: message.id, text: message.${text} }));
  // },
`;
}

function events({ events: url }: Answers): string {
  if (url === undefined) return "";
  return `
  events: {
    url: ${JSON.stringify(url)},
    auth: "bearer", // or "cookie", or { query: "token" }
    causes: {
      // An action after which an event comes, and who gets it; \`key\` is what stands in the event.
      room: {
        cause: async ({ owner, members, openRoom }) => ({ key: (await openRoom(owner, members)).id }),
        receivers: "members",
        // keyOf: ({ name, data }) => (name === "room-opened" ? JSON.parse(data).id : undefined),
      },
    },
  },
`;
}

const pointer = (field: string): string => `/${field.replaceAll(".", "/")}`;
const nestedValue = (field: string, value: unknown): unknown =>
  field.split(".").reduceRight((inner, name) => ({ [name]: inner }), value);

/** Who has to log in has to be named. */
const nobodySignsUp = (logIn: string | undefined): object =>
  logIn === undefined
    ? { guest: "by-name" }
    : { listed: ["ann", "ben", "cem", "dan"].map((username) => ({ username, password: "secret" })) };

/** Where a bare WebSocket is; an endpoint that names the room says all of it. */
const roomUrl = (endpoint: string): string =>
  endpoint.includes("{") ? endpoint : `${endpoint}?room={room}&name={username}`;

/** The same in JSON. */
export function configInJson(answers: Answers): string {
  const { name, url, transport, endpoint, signUp, logIn, token, room, roomId, destination, send, text } = answers;
  const isCookie = token === "cookie";
  const who = { username: "{username}", password: "{password}" };
  const system = {
    name,
    accounts: {
      ...(signUp === undefined
        ? nobodySignsUp(logIn)
        : { signUp: { post: signUp, json: { ...who, email: "{email}" } } }),
      ...(logIn === undefined
        ? {}
        : { logIn: { post: logIn, json: who, ...(isCookie ? { cookies: true } : { bearer: pointer(token) }) } }),
    },
    rooms:
      room === undefined
        ? { access: "anyone", open: "by-name" }
        : { access: "members", open: { post: room, json: { members: "{members}" }, id: pointer(roomId) } },
    ...(isStomp(answers)
      ? {
          stomp: {
            url: endpoint,
            ...(transport === "sockjs" ? { transports: ["websocket", "sockjs"] } : {}),
            ...(logIn === undefined || isCookie ? {} : { connect: { Authorization: "Bearer {bearer}" } }),
            destinations: [destination],
            send: { destination: send, body: nestedValue(text, "{text}") },
            textOf: pointer(text),
          },
        }
      : {}),
    ...(transport === "raw"
      ? {
          websocket: {
            url: roomUrl(endpoint),
            send: nestedValue(text, "{text}"),
            textOf: pointer(text),
            echo: false,
          },
        }
      : {}),
    ...(answers.events === undefined
      ? {}
      : {
          events: {
            url: answers.events,
            auth: "bearer",
            causes: { room: { cause: "open-room", receivers: "members" } },
          },
        }),
    promises: [],
  };
  return `${JSON.stringify({ target: { urls: [url] }, system }, undefined, 2)}\n`;
}
