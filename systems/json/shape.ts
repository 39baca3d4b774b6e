// The JSON form of a definition, for teams without TypeScript: the parts and names of `SystemDefinition`, with requests
// and templates where that has functions. What is wrong is said in plain words, with an example.

import { z } from "zod";
import { namesIn } from "./template.ts";

const account = ["username", "email", "password", "id", "bearer"] as const;
const inRoom = [...account, "room"] as const;
const saying = [...inRoom, "text"] as const;
const opening = [...account, "members", "memberIds"] as const;
const causing = [...account, "member", "memberId"] as const;

/** Any value whose texts hold only these names. */
function template<T extends z.ZodType>(shape: T, names: readonly string[]): T {
  return shape.superRefine((value, context) => {
    for (const name of namesIn(value))
      if (!names.includes(name))
        context.addIssue({
          code: "custom",
          message: `there is no {${name}} here: known are ${names.map((known) => `{${known}}`).join(", ")}`,
        });
  });
}

const text = (example: string) => z.string(`expected a text, as ${JSON.stringify(example)}`);
const pointer = (example: string) =>
  text(example).regex(/^(\/.*)?$/, `expected a JSON pointer, as ${JSON.stringify(example)}`);
const yesOrNo = z.boolean("expected true or false");
const textsByName = (example: string) =>
  z.record(z.string(), z.string("expected a text"), `expected an object of texts, as ${example}`);

const methods = ["get", "post", "put", "patch", "delete"] as const;

const listed = (words: readonly string[]): string => words.map((word) => `"${word}"`).join(", ");

const methodsIn = (value: object): string[] =>
  methods.filter((method) => (value as Record<string, unknown>)[method] !== undefined);

/** The fields of a request. */
function requestOf(names: readonly string[]) {
  const path = template(text("/login").startsWith("/", 'expected a path, as "/login"'), names).optional();
  return {
    get: path,
    post: path,
    put: path,
    patch: path,
    delete: path,
    json: template(z.unknown(), names).optional(),
    form: template(textsByName('{ "name": "{username}" }'), names).optional(),
    headers: template(textsByName('{ "X-Room": "{room}" }'), names).optional(),
  };
}

/** One request; `more`: what is taken from its answer. */
function request<More extends z.ZodRawShape>(names: readonly string[], more: More) {
  return z
    .strictObject(
      { ...requestOf(names), ...more },
      'expected a request, as { "post": "/login", "json": { "name": "{username}" } }',
    )
    .refine(
      (value) => methodsIn(value).length === 1,
      `expected one of ${listed(methods)} with a path, as "post": "/login"`,
    );
}

const fields = (example: string) =>
  z.record(z.string(), pointer("/id"), `expected an object of JSON pointers, as ${example}`);

const logIn = (names: readonly string[]) =>
  request(names, {
    bearer: pointer("/accessToken").optional(),
    cookies: z.literal(true, "expected true").optional(),
    credentialHeaders: fields('{ "X-Token": "/token" }').optional(),
    id: pointer("/id").optional(),
  });

const accounts = z.strictObject({
  signUp: request(["username", "email", "password"], { take: fields('{ "id": "/id" }').optional() }).optional(),
  guest: z
    .union(
      [z.literal("by-name"), request(["username"], { take: fields('{ "id": "/id" }').optional() })],
      'expected "by-name" (who takes part just says who they are), or a request',
    )
    .optional(),
  listed: z
    .array(
      z.strictObject({ username: text("ann"), password: text("secret"), email: text("ann@example.org").optional() }),
    )
    .min(2, "expected two people at least")
    .optional(),
  logIn: logIn(account).optional(),
  check: request(account, {}).optional(),
  logOut: request(account, {}).optional(),
  remove: request(account, {}).optional(),
  nameLengthMax: z.int("expected a number").positive("expected a number over 0").optional(),
});

const rooms = z.strictObject({
  access: z.enum(["members", "code", "anyone"], 'expected "members", "code" or "anyone"'),
  open: z.union(
    [z.literal("by-name"), request(opening, { id: pointer("/id") })],
    'expected "by-name" (a room is there as soon as somebody names it), or a request whose answer has the room\'s id, as { "post": "/rooms", "json": { "members": "{members}" }, "id": "/id" }',
  ),
  /** Asked by each member, where members come in one by one. */
  join: request(inRoom, {}).optional(),
  remove: request(inRoom, {}).optional(),
});

const reading = {
  textOf: pointer("/content").optional(),
  /** Other messages are of another kind. */
  only: textsByName('{ "/type": "CHAT" }').optional(),
};

const destinations = z
  .array(template(text("/topic/rooms/{room}"), ["room"]), 'expected a list, as ["/topic/rooms/{room}"]')
  .min(1, 'expected one at least, as ["/topic/rooms/{room}"]');

const stomp = z.strictObject({
  url: text("/ws"),
  transports: z.array(z.enum(["websocket", "sockjs", "tcp"]), 'expected a list, as ["websocket"]').optional(),
  handshake: template(textsByName('{ "Authorization": "Bearer {bearer}" }'), account).optional(),
  connect: template(textsByName('{ "Authorization": "Bearer {bearer}" }'), account).optional(),
  subscribe: template(textsByName('{ "Authorization": "Bearer {bearer}" }'), inRoom).optional(),
  destinations,
  send: z
    .strictObject(
      {
        destination: template(text("/app/rooms/{room}"), saying),
        body: template(z.unknown(), saying),
        headers: template(textsByName('{ "X-Room": "{room}" }'), saying).optional(),
      },
      'expected { "destination": "/app/rooms/{room}", "body": { "content": "{text}" } }',
    )
    .optional(),
  ...reading,
  idOf: pointer("/id").optional(),
  isFrom: template(textsByName('{ "/sender": "{username}" }'), inRoom).optional(),
  textLengthMax: z.int("expected a number").positive("expected a number over 0").optional(),
  echo: yesOrNo.optional(),
  errors: text("/user/queue/errors").optional(),
});

/** What somebody does: a SEND, or a request. */
const deed = z
  .strictObject(
    {
      destination: template(text("/app/rooms/{room}/ready"), inRoom).optional(),
      body: template(z.unknown(), inRoom).optional(),
      ...requestOf(inRoom),
    },
    'expected a SEND, as { "destination": "/app/rooms/{room}/ready", "body": { "by": "{username}" } }, or a request',
  )
  .refine(
    (value) => methodsIn(value).length + (value.destination === undefined ? 0 : 1) === 1,
    `expected either "destination", for a SEND, or one of ${listed(methods)} with a path`,
  )
  .refine(
    (value) => value.destination === undefined || (value.json === undefined && value.form === undefined),
    'expected "body": a SEND has neither "json" nor "form"',
  )
  .refine(
    (value) => value.destination !== undefined || value.body === undefined,
    'expected "json" or "form": a request has no "body"',
  );

const action = z.strictObject(
  {
    act: z
      .array(deed, 'expected a list, as [{ "destination": "/app/rooms/{room}/ready", "body": {} }]')
      .min(1, 'expected one at least, as [{ "destination": "/app/rooms/{room}/ready", "body": {} }]'),
    /** An effect has something there. */
    isEffect: pointer("/ready"),
    only: reading.only,
    destinations: destinations.optional(),
    identityOf: pointer("/version").optional(),
    repeatable: yesOrNo,
  },
  'expected an action, as { "act": [{ "destination": "/app/rooms/{room}/ready" }], "isEffect": "/ready", "repeatable": true }',
);

const webSocket = z.strictObject({
  url: template(text("/chat?room={room}&name={username}"), inRoom),
  join: template(z.unknown(), inRoom).optional(),
  send: template(z.unknown(), saying),
  ...reading,
  textOf: pointer("/content"),
  echo: yesOrNo,
});

const history = request(inRoom, {
  list: pointer("/content").optional(),
  textOf: pointer("/content"),
  idOf: pointer("/id").optional(),
  order: z.enum(["oldest-first", "newest-first"], 'expected "oldest-first" or "newest-first"'),
});

const cause = z.strictObject({
  cause: z.union(
    [z.literal("open-room"), request(causing, { key: pointer("/id") })],
    'expected "open-room", or a request whose answer has the event\'s key, as { "post": "/notes", "json": { "to": "{member}" }, "key": "/id" }',
  ),
  receivers: z.enum(["everyone", "members", "others", "self"], 'expected "everyone", "members", "others" or "self"'),
  name: text("room-opened").optional(),
  keyOf: pointer("/roomId").optional(),
});

const events = z.strictObject({
  url: text("/events"),
  auth: z
    .union(
      [z.enum(["bearer", "cookie"]), z.strictObject({ query: z.string() })],
      'expected "bearer", "cookie" or { "query": "token" }',
    )
    .optional(),
  lastId: z
    .strictObject({
      header: yesOrNo.optional(),
      query: z.array(z.string()).optional(),
      headers: z.array(z.string()).optional(),
    })
    .optional(),
  causes: z.record(
    z.string(),
    cause,
    'expected an object, as { "room": { "cause": "open-room", "receivers": "members" } }',
  ),
  ping: text("ping").optional(),
  gap: text("gap").optional(),
});

const http = z.strictObject({
  alive: text("/health").optional(),
  guarded: z.array(text("/me"), 'expected a list of paths, as ["/me"]').optional(),
  base: text("/api").optional(),
  csrf: z.strictObject({ path: text("/csrf"), cookie: text("XSRF-TOKEN"), header: text("X-XSRF-TOKEN") }).optional(),
  headers: textsByName('{ "X-Client": "rollcall" }').optional(),
});

const promised = z.enum([
  ...(["order-per-sender", "order-per-room", "history", "stored-before-broadcast", "replay", "receipts"] as const),
  ...(["acks", "transactions", "presence", "join-leave", "sender-checked"] as const),
  ...(["lossy-live", "may-duplicate", "public-rooms"] as const),
]);

export const jsonSystem = z.strictObject(
  {
    name: text("study-chat"),
    title: text("Study chat").optional(),
    origin: text("http://localhost:3000").optional(),
    http: http.optional(),
    accounts: accounts.optional(),
    rooms: rooms.optional(),
    stomp: stomp.optional(),
    websocket: webSocket.optional(),
    post: request(saying, { id: pointer("/id").optional() }).optional(),
    history: history.optional(),
    actions: z
      .record(
        z.string(),
        action,
        'expected an object, as { "ready": { "act": [{ "destination": "/app/rooms/{room}/ready" }], "isEffect": "/ready", "repeatable": true } }',
      )
      .optional(),
    events: events.optional(),
    promises: z.array(promised, 'expected a list, as ["history"]').optional(),
  },
  'expected the name of a built-in system, or a definition, as { "name": "study-chat", … }',
);

export type JsonSystem = z.infer<typeof jsonSystem>;
