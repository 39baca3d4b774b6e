// `rollcall init` as somebody meets it who has a backend that Rollcall has never seen: the file that it writes, and a
// definition with one wrong line each, which `init --check` and `verify` name.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startToy } from "../verifier/toy/server.ts";
import { openFolder, rollcall } from "./rollcall.ts";
import { lineIn, toyConfig } from "./toy-config.ts";

test("init writes a config once, and --check finds all of it right", async () => {
  await using toy = await startToy();
  using folder = openFolder();
  const flags = ["--url", toy.url, "--sign-up", "/members", "--log-in", "/login", "--room-id", "roomId"];
  const written = await rollcall(["init", "--yes", "--name", "study-chat", ...flags], { cwd: folder.path });
  expect(written).toMatchObject({ code: 0, stderr: "" });
  expect(written.stdout).toContain("npx rollcall init --check");
  const file = join(folder.path, "rollcall.config.ts");
  const text = readFileSync(file, "utf8").replace("{ username: who.username, email", "{ name: who.username, email");
  writeFileSync(file, text.replace("{ username: who.username, password", "{ name: who.username, password"));
  const checked = await rollcall(["init", "--check"], { cwd: folder.path });
  expect(checked.code, checked.stdout).toBe(0);
  expect(checked.stdout).toMatch(/^ok +stomp\.send +what was sent to \/app\/rooms\/room-1 was heard/m);
  const again = await rollcall(["init", "--yes"], { cwd: folder.path });
  expect(again.code).toBe(3);
  expect(again.stderr).toContain("rollcall.config.ts is there already: --force");
  expect((await rollcall(["init"], { cwd: folder.path })).stderr).toContain(
    "there is no terminal to ask on: add --yes",
  );
  const both = await rollcall(["init", "--check", "--asyncapi", "asyncapi.json"], { cwd: folder.path });
  expect([both.code, both.stderr]).toEqual([3, expect.stringContaining("one at a time")]);
});

test("init --check of a server that is not there: one next step, and nothing to mend", async () => {
  using folder = openFolder();
  await rollcall(["init", "--yes", "--url", "http://127.0.0.1:9"], { cwd: folder.path });
  const { code, stdout, stderr } = await rollcall(["init", "--check"], { cwd: folder.path });
  expect(stdout).toMatch(/^1 of \d+ wrong: http\.alive$/m);
  expect(`${stdout}${stderr}`.match(/next: .*/g)).toEqual([
    "next: Is the server running, and is the address right? Try: curl -i http://127.0.0.1:9/",
  ]);
  expect(code).toBe(4);
});

test("init says when hardly anything can be judged", async () => {
  using folder = openFolder();
  const { stdout } = await rollcall(["init", "--yes", "--transport", "none"], { cwd: folder.path });
  expect(stdout).toContain("no way to be heard");
  const { stdout: heard } = await rollcall(["init", "--yes", "--force", "--transport", "none", "--events", "/events"], {
    cwd: folder.path,
  });
  expect(heard).not.toContain("no way to be heard");
});

test("the JSON form is checked, verified, and its mistakes are named by line", async () => {
  await using toy = await startToy();
  using folder = openFolder();
  const file = join(folder.path, "rollcall.config.json");
  const flags = ["--url", toy.url, "--sign-up", "/members", "--log-in", "/login", "--room-id", "roomId"];
  await rollcall(["init", "--json", "--yes", ...flags], { cwd: folder.path });
  const right = readFileSync(file, "utf8").replaceAll('"username": "{username}"', '"name": "{username}"');
  writeFileSync(file, right);
  const only = ["verify", "--only", "subscribe.hears-the-channel,subscribe.exactly-once"];
  const verified = await rollcall(only, { cwd: folder.path });
  expect(verified.code, verified.stdout + verified.stderr).toBe(0);
  writeFileSync(file, right.replace('"/accessToken"', '"/token"'));
  const checked = await rollcall(["init", "--check"], { cwd: folder.path });
  const line = lineIn(right, '"logIn"');
  expect(checked.stdout).toContain(`rollcall.config.json:${line}  the answer has no text or number at "/token"`);
  expect(checked.code).toBe(1);
  writeFileSync(file, right.replace('"textOf": "/content"', '"textOff": "/content"'));
  const refused = await rollcall(only, { cwd: folder.path });
  expect(refused.stderr).toMatch(/line \d+: system\.stomp: no such field: "textOff"/);
  expect(refused.code).toBe(3);
});

test("an AsyncAPI document says the destinations and the payloads, and flags come before it", async () => {
  await using toy = await startToy();
  using folder = openFolder();
  const document = {
    asyncapi: "3.0.0",
    info: { title: "Study chat", version: "1" },
    servers: { stomp: { host: `${new URL(toy.url).host}/ws`, protocol: "stomp" } },
    channels: {
      in: { address: "/app/rooms/{roomId}", messages: { said: { $ref: "#/components/messages/said" } } },
      out: { address: "/topic/rooms/{roomId}", messages: { said: { $ref: "#/components/messages/said" } } },
    },
    operations: {
      say: { action: "receive", channel: { $ref: "#/channels/in" } },
      hear: { action: "send", channel: { $ref: "#/channels/out" } },
    },
    components: {
      messages: { said: { payload: { type: "object", properties: { content: { type: "string" } } } } },
    },
  };
  writeFileSync(join(folder.path, "asyncapi.json"), JSON.stringify(document));
  const flags = ["--sign-up", "/members", "--log-in", "/login", "--room-id", "roomId", "--name", "mine"];
  const written = await rollcall(["init", "--yes", "--json", "--asyncapi", "asyncapi.json", ...flags], {
    cwd: folder.path,
  });
  expect(written).toMatchObject({ code: 0, stderr: "" });
  expect(written.stdout.split("\n").slice(0, -2)).toEqual(
    [
      `took --url ${toy.url}: server "stomp"`,
      "took --transport websocket: it is STOMP; --transport sockjs, if clients use SockJS, too",
      "took --endpoint /ws: the server's path",
      'took --destination /topic/rooms/{room}: channel "out"',
      'took --send /app/rooms/{room}: channel "in"',
      "took --text content: the one text",
      "left --room: AsyncAPI describes no HTTP requests",
    ].map((line) => `asyncapi.json: ${line}`),
  );
  const file = join(folder.path, "rollcall.config.json");
  writeFileSync(file, readFileSync(file, "utf8").replaceAll('"username": "{username}"', '"name": "{username}"'));
  const checked = await rollcall(["init", "--check"], { cwd: folder.path });
  expect(checked.code, checked.stdout + checked.stderr).toBe(0);
  expect(checked.stdout).toContain("what was sent to /app/rooms/room-1 was heard");
  const again = ["init", "--yes", "--force", "--asyncapi"];
  for (const [text, said] of [
    [
      '{ "asyncapi": "2.6.0" }',
      "is AsyncAPI 2.6.0, and Rollcall reads version 3; convert it: npx @asyncapi/cli convert",
    ],
    ['{ "asyncapi": ', "is not JSON: "],
  ] as const) {
    writeFileSync(join(folder.path, "asyncapi.json"), text);
    const refused = await rollcall([...again, "asyncapi.json"], { cwd: folder.path });
    expect(refused).toMatchObject({ code: 3, stdout: "" });
    expect(refused.stderr).toContain(`error: --asyncapi: asyncapi.json ${said}`);
    expect(refused.stderr).not.toMatch(/^ +at /m);
  }
});

/** A wrong line, the function that has it, and the line at which it is named. */
const mistakes: readonly [what: string, line: [string, string], name: string, begin?: string][] = [
  ["a wrong path", ['"/members", { json', '"/membrs", { json'], "accounts.signUp"],
  ["a wrong field of the token", ["accessToken", "token"], "accounts.logIn", "logIn:"],
  ["a function that throws", ["members.map(", "members.names.map("], "rooms.open"],
  ["a function that gives nothing", ["return { id: answer.json().roomId };", "answer.json();"], "rooms.open", "open:"],
  ["a misspelt header", ["({ Authorization:", "({ Autorization:"], "stomp.connect"],
  ["a wrong destination", ["/topic/rooms/", "/topic/room/"], "stomp.destinations"],
  ["a wrong destination of SEND", ["/app/rooms/", "/app/room/"], "stomp.send"],
  [
    "a wrong field of the text",
    ["textOf: (message) => message.content", "textOf: (message) => message.text"],
    "stomp.textOf",
  ],
  ["a wrong field of the history", ["text: message.content }", "text: message.body }"], "history", "history: async"],
  [
    "a history the wrong way round",
    ["return messages.map", "return messages.reverse().map"],
    "history",
    "history: async",
  ],
  ["a wrong URL of events", ['"/events"', '"/evnts"'], "events.url"],
  ["a key that is never found", ["JSON.parse(data).opened", "JSON.parse(data).open"], "events.causes.room.keyOf"],
];

describe("a definition with one wrong line", { concurrent: true }, () => {
  test.each(mistakes)("%s is named by init --check and by verify", async (_, [right, wrong], name, begin = wrong) => {
    await using toy = await startToy();
    using folder = openFolder();
    const text = toyConfig(toy.url, [right, wrong]);
    writeFileSync(join(folder.path, "rollcall.config.ts"), text);
    const place = `rollcall.config.ts:${lineIn(text, begin)}`;
    const checked = await rollcall(["init", "--check"], { cwd: folder.path });
    expect(checked.stdout).toMatch(new RegExp(`^wrong ${name.replaceAll(".", "\\.")} +${place} `, "m"));
    expect(checked.stdout).toMatch(/^1 of \d+ wrong/m);
    expect(checked.code).toBe(1);
    const verified = await rollcall(["verify", "--only", "subscribe.hears-the-channel"], { cwd: folder.path });
    const said = verified.stdout + verified.stderr;
    expect(said).toContain(place);
    expect(said).toMatch(new RegExp(`${name.replaceAll(".", "\\.")}\\b`));
    for (const output of [checked.stdout + checked.stderr, said]) expect(output).not.toMatch(/^ +at /m);
  });
});

test.each([
  ["textOf: (message)", "textOff: (message)", 'stomp has no field "textOff"; did you mean textOf?'],
  ["logOut: (http)", "logout: (http)", 'accounts has no field "logout"; did you mean logOut?'],
  [
    'receivers: "members"',
    'recievers: "members"',
    'events.causes.room has no field "recievers"; did you mean receivers?',
  ],
  ['"order-per-room"', '"order-per-rom"', 'nobody can promise "order-per-rom"; did you mean order-per-room?'],
])("%s as %s is named by its line, before anybody is asked", async (right, wrong, words) => {
  using folder = openFolder();
  // Nobody answers there.
  const text = toyConfig("http://127.0.0.1:9", [right, wrong]);
  writeFileSync(join(folder.path, "rollcall.config.ts"), text);
  const line = lineIn(text, wrong);
  for (const args of [["init", "--check"], ["verify"]])
    expect(await rollcall(args, { cwd: folder.path })).toMatchObject({
      code: 3,
      stdout: "",
      stderr: expect.stringContaining(
        `rollcall.config.ts:${line}: system: Cannot use the system "toy-chat": ${words}`,
      ) as string,
    });
});
