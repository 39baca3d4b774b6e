// The config that `rollcall init` writes: a definition that works where the answers are right, and comments where most
// backends differ.

import type { Answers, BodyField } from "./answers.ts";

const isStomp = ({ transport }: Answers): boolean => transport === "websocket" || transport === "sockjs";

/** `"/topic/rooms/{room}"` as a template of JavaScript, or a plain text where it has no name. */
const templateOf = (text: string): string =>
  text.includes("{room}")
    ? `\`${text.replace(/[`\\]|\$\{/g, "\\$&").replaceAll("{room}", "${room.id}")}\``
    : JSON.stringify(text);

/** A field of a body, at any depth: "data.text" → { data: { text: … } }. */
const nested = (field: string, value: string): string =>
  field.split(".").reduceRight((inner, name) => `{ ${name}: ${inner} }`, value);

class Leaf<T> {
  readonly value: T;
  constructor(value: T) {
    this.value = value;
  }
}

interface Tree<T> {
  [name: string]: Tree<T> | Leaf<T>;
}

/** Its names come from a document: "__proto__" is one of them. */
const emptyTree = <T>(): Tree<T> => Object.create(null) as Tree<T>;

/** What is sent; `words` are its values. */
function bodyOf<T>(
  { body, text }: Pick<Answers, "body" | "text">,
  words: Readonly<Record<Exclude<BodyField["is"], object>, T>>,
  valueOf: (value: unknown) => T,
): Tree<T> {
  const tree = emptyTree<T>();
  for (const { path, is } of body ?? [{ path: text, is: "text" as const }]) {
    const names = path.split(".");
    let at = tree;
    for (const name of names.slice(0, -1)) {
      const below = at[name];
      at = at[name] = below instanceof Leaf || below === undefined ? emptyTree<T>() : below;
    }
    at[names.at(-1)!] = new Leaf(typeof is === "object" ? valueOf(is.value) : words[is]);
  }
  return tree;
}

const inTypeScript = {
  text: "text",
  room: "room.id",
  "room number": "Number(room.id)",
  username: "account.username",
  id: "account.id",
} satisfies Record<Exclude<BodyField["is"], object>, string>;

const expressionOf = (answers: Pick<Answers, "body" | "text">): string =>
  printed(bodyOf(answers, inTypeScript, (value) => JSON.stringify(value)));

const printed = (tree: Tree<string> | Leaf<string>): string =>
  tree instanceof Leaf
    ? tree.value
    : `{ ${Object.entries(tree)
        .map(([name, below]) => (below instanceof Leaf && below.value === name ? name : `${name}: ${printed(below)}`))
        .join(", ")} }`;

const inJson = {
  text: "{text}",
  room: "{room}",
  "room number": "{room:number}",
  username: "{username}",
  id: "{id}",
} satisfies Record<Exclude<BodyField["is"], object>, string>;

const jsonOf = (answers: Pick<Answers, "body" | "text">): unknown =>
  valued(bodyOf<unknown>(answers, inJson, (value) => value));

const valued = (tree: Tree<unknown> | Leaf<unknown>): unknown =>
  tree instanceof Leaf
    ? tree.value
    : Object.fromEntries(Object.entries(tree).map(([name, below]) => [name, valued(below)]));

/** A line that says what there is to choose from. */
const comment = (text: string | undefined, indent = "    "): string =>
  text === undefined ? "" : `${indent}// To be chosen: ${text.replace(/\s+/g, " ")}\n`;

/** Lines of a file in TypeScript. */
export function configInTypeScript(answers: Answers): string {
  return `// How Rollcall talks to this backend. Every part but the name may be left out: what is missing makes the clauses
// that need it "unsupported", and the report names it. \`npx rollcall init --check\` tries each function once.

import { defineConfig, defineSystem } from "rollcall";

const system = defineSystem({
  name: ${JSON.stringify(answers.name)},
  // What everybody may GET: asked whether the server is there.
  // http: { alive: "/health", guarded: ["/me"] },
${[accounts(answers), rooms(answers), stomp(answers), actions(answers), webSocket(answers), stored(answers), events(answers)].join("")}
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
  const { transport, endpoint, destination, logIn, token, comments = {} } = answers;
  const credential =
    logIn === undefined
      ? ""
      : token === "cookie"
        ? "    handshake: (account) => ({ Cookie: account.http.jar.header() }),\n"
        : "    // The headers of CONNECT.\n    connect: (account) => ({ Authorization: `Bearer ${account.bearer}` }),\n";
  return `
  stomp: {
${comment(comments.endpoint)}    url: ${JSON.stringify(endpoint)},
${transport === "sockjs" ? '    transports: ["websocket", "sockjs"],\n' : ""}${credential}    // All destinations on which one message of a room is heard.
${comment(comments.destination)}    destinations: (room) => [${templateOf(destination)}],
${answers.action === undefined ? saying(answers) : ""}  },
`;
}

function saying(answers: Answers): string {
  const { send, text, heard = text, comments = {} } = answers;
  const body = expressionOf(answers);
  const names = ["account", "room", "text"].filter(
    (name) => name === "text" || body.includes(`${name}.`) || (name === "room" && send.includes("{room}")),
  );
  return `${comment(comments.send)}${comment(comments.text)}    send: ({ ${names.join(", ")} }) => ({ destination: ${templateOf(send)}, body: ${body} }),
    // Undefined: another kind of message on the same destination.
${comment(comments.heard)}    textOf: (message) => message.${heard.replaceAll(".", "?.")},
    // idOf: (message) => message.id,
`;
}

function actions({ action, send }: Answers): string {
  if (action === undefined) return "";
  const { name, body, effect, isList } = action;
  const sent = expressionOf({ body, text: "text" });
  return `
  // What is heard has no text: an action stands for it, whose effect the others see.
  actions: {
    ${name}: {
      act: (account, room, stomp) => stomp.send(${templateOf(send)}, ${sent}),
      isEffect: (message) => ${isList ? `Array.isArray(message.${effect})` : `message.${effect} !== undefined`},
      repeatable: true, // May it be done again and again?
    },
  },
`;
}

function webSocket(answers: Answers): string {
  const { transport, endpoint, text, heard = text, comments = {} } = answers;
  if (transport !== "raw") return "";
  const body = expressionOf(answers);
  const names = ["account", "room", "text"].filter((name) => name === "text" || body.includes(`${name}.`));
  return `
  websocket: {
${comment(comments.endpoint)}    url: ({ account, room }) => \`${roomUrl(endpoint).replaceAll("{room}", "${room.id}").replaceAll("{username}", "${account.username}")}\`,
    // What is sent first on a new socket, where the URL does not name the room.
    // join: (room, account) => ({ type: "join", room: room.id, name: account.username }),
${comment(comments.text)}    send: ({ ${names.join(", ")} }) => (${body}),
${comment(comments.heard)}    textOf: (message) => message.${heard.replaceAll(".", "?.")},
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

/** Who has to log in has to be named. */
const nobodySignsUp = (logIn: string | undefined): object =>
  logIn === undefined
    ? { guest: "by-name" }
    : { listed: ["ann", "ben", "cem", "dan"].map((username) => ({ username, password: "secret" })) };

/** Where a bare WebSocket is; an endpoint that names the room says all of it. */
const roomUrl = (endpoint: string): string =>
  endpoint.includes("{") ? endpoint : `${endpoint}?room={room}&name={username}`;

/** The same in JSON, where a part that is undefined is not there. */
export function configInJson(answers: Answers): string {
  const { name, url, transport, signUp, logIn, token, room, roomId, events: stream } = answers;
  const who = { username: "{username}", password: "{password}" };
  const credential = token === "cookie" ? { cookies: true } : { bearer: pointer(token) };
  const system = {
    name,
    accounts: {
      ...(signUp === undefined
        ? nobodySignsUp(logIn)
        : { signUp: { post: signUp, json: { ...who, email: "{email}" } } }),
      logIn: logIn === undefined ? undefined : { post: logIn, json: who, ...credential },
    },
    rooms:
      room === undefined
        ? { access: "anyone", open: "by-name" }
        : { access: "members", open: { post: room, json: { members: "{members}" }, id: pointer(roomId) } },
    stomp: isStomp(answers) ? stompInJson(answers) : undefined,
    actions: actionsInJson(answers),
    websocket: transport === "raw" ? webSocketInJson(answers) : undefined,
    events:
      stream === undefined
        ? undefined
        : { url: stream, auth: "bearer", causes: { room: { cause: "open-room", receivers: "members" } } },
    promises: [],
  };
  return `${JSON.stringify({ target: { urls: [url] }, system }, undefined, 2)}\n`;
}

function stompInJson(answers: Answers): object {
  const { endpoint, transport, logIn, token, destination, send, text, heard = text, action } = answers;
  return {
    url: endpoint,
    transports: transport === "sockjs" ? ["websocket", "sockjs"] : undefined,
    connect: logIn === undefined || token === "cookie" ? undefined : { Authorization: "Bearer {bearer}" },
    destinations: [destination],
    ...(action === undefined && { send: { destination: send, body: jsonOf(answers) }, textOf: pointer(heard) }),
  };
}

function actionsInJson({ action, send, text }: Answers): object | undefined {
  if (action === undefined) return undefined;
  const act = [{ destination: send, body: jsonOf({ body: action.body, text }) }];
  return { [action.name]: { act, isEffect: pointer(action.effect), repeatable: true } };
}

function webSocketInJson(answers: Answers): object {
  const { endpoint, text, heard = text } = answers;
  return { url: roomUrl(endpoint), send: jsonOf(answers), textOf: pointer(heard), echo: false };
}
