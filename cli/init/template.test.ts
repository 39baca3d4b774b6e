import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageDir } from "../../deploy/images.ts";
import { defineSystem } from "../../systems/define.ts";
import { definitionInJson } from "../verify/json-config.ts";
import { answersOf, type Answers, type Flags } from "./answers.ts";
import { readAsyncApi } from "./asyncapi/document.ts";
import { knownOf } from "./asyncapi/known.ts";
import { configInJson, configInTypeScript } from "./template.ts";

const backends: Readonly<Record<string, Flags>> = {
  usual: {},
  "with cookies": { token: "cookie", transport: "sockjs", events: "/events" },
  "without accounts": { signUp: "none", logIn: "none", transport: "raw", endpoint: "/chat" },
  "a broker": { signUp: "none", room: "none", destination: "/topic/{room}", send: "/topic/{room}", text: "data.text" },
  "only events": { transport: "none", roomId: "data.id", events: "/events" },
};

/** From documents; the rest is as usual. */
async function documented(text: string): Promise<Answers> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-asyncapi-"));
  try {
    writeFileSync(join(folder, "asyncapi.yaml"), text);
    const { flags, extra } = knownOf(await readAsyncApi(join(folder, "asyncapi.yaml")), {});
    return { ...(await answersOf({ name: "chat", ...flags })), ...extra };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const chat = (what: string): string => `asyncapi: 3.0.0
servers: { main: { host: "localhost:8080/ws", protocol: stomp } }
channels:
  say: { address: "/app/say */", messages: { one: { $ref: "#/components/messages/said" } } }
  shout: { address: "/app/rooms/{id}/shout", messages: { one: { $ref: "#/components/messages/said" } } }
  room: { address: "/topic/rooms/{id}", messages: { one: { $ref: "#/components/messages/said" } } }
operations:
  say: { action: receive, channel: { $ref: "#/channels/say" } }
  shout: { action: receive, channel: { $ref: "#/channels/shout" } }
  hear: { action: send, channel: { $ref: "#/channels/room" } }
components:
  messages:
    said: { payload: { type: object, properties: ${what} } }
`;
const text = "{ type: string }";
const documents: Readonly<Record<string, string>> = {
  game: readFileSync(join(packageDir, "tests/own/game/asyncapi.json"), "utf8"),
  one: chat(
    `{ data: { type: object, properties: { body: ${text}, senderId: { type: integer } } }, roomId: { type: integer }, sender: ${text} }`,
  ),
  two: chat(`{ subject: ${text}, content: ${text} }`),
  odd: chat(
    `{ "__proto__": ${text}, "a-b": ${text}, "x.y": { type: object, properties: { "constructor": ${text} } } }`,
  ),
};

/** Each file of written/ with the answers that it follows from. */
const written: Readonly<Record<string, () => Promise<string>>> = {
  ...Object.fromEntries(
    Object.entries(documents).map(([name, document]) => [
      `${name}-asyncapi.ts`,
      async () => configInTypeScript(await documented(document)),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(backends).map(([name, flags]) => [
      `${name.replaceAll(" ", "-")}.ts`,
      async () => configInTypeScript(await answersOf({ name: "chat", ...flags })),
    ]),
  ),
  // The compiler refuses a word that is none, or it does not look.
  "wrong.ts": async () =>
    configInTypeScript(await answersOf({ name: "chat" })).replace(
      'access: "members"',
      '// @ts-expect-error -- no such access\n    access: "everyone"',
    ),
};

// `npm run check` type-checks what lies there, with all that it imports from the package. New texts: `vitest run -u`.
test.each(Object.entries(written))("init writes what type-checks: written/%s", async (name, text) => {
  await expect(await text()).toMatchFileSnapshot(join("written", name));
});

test("in written/ lies nothing else", () => {
  expect(readdirSync(join(import.meta.dirname, "written")).toSorted()).toEqual(Object.keys(written).toSorted());
});

test.each(Object.entries(backends))("the JSON form of %s is a definition", async (_, flags) => {
  const { system } = JSON.parse(configInJson(await answersOf({ name: "chat", ...flags }))) as { system: unknown };
  expect(defineSystem(definitionInJson(system, "x.config")).name).toMatch(/^[a-z]/);
});

test.each(Object.entries(documents))("the JSON form of the document %s is a definition", async (_, document) => {
  const { system } = JSON.parse(configInJson(await documented(document))) as { system: unknown };
  expect(defineSystem(definitionInJson(system, "x.config")).name).toMatch(/^[a-z]/);
});

test("the JSON form of a document without texts has its action", async () => {
  const { system } = JSON.parse(configInJson(await documented(documents["game"]!))) as {
    system: { stomp: object; actions: object };
  };
  expect(system.stomp).not.toHaveProperty("textOf");
  expect(system.actions).toEqual({
    ready: {
      act: [{ destination: "/app/room/{room}/ready", body: { isReady: true, playerName: "{username}" } }],
      isEffect: "/data",
      repeatable: true,
    },
  });
});
