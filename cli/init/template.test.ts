import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageDir } from "../../deploy/images.ts";
import { run } from "../../drivers/programs.ts";
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
    return { ...(await answersOf(flags)), ...extra };
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

test("each config that init writes type-checks", { timeout: 240_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-init-"));
  try {
    for (const [name, document] of Object.entries(documents))
      writeFileSync(join(folder, `${name}-asyncapi.ts`), configInTypeScript(await documented(document)));
    for (const [name, flags] of Object.entries(backends))
      writeFileSync(join(folder, `${name.replaceAll(" ", "-")}.ts`), configInTypeScript(await answersOf(flags)));
    writeFileSync(
      join(folder, "wrong.ts"),
      configInTypeScript(await answersOf({})).replace('access: "members"', 'access: "everyone"'),
    );
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: join(packageDir, "tsconfig.json"),
        compilerOptions: {
          paths: { rollcall: [join(packageDir, "index.ts")] },
          typeRoots: [join(packageDir, "node_modules/@types")],
        },
        include: ["*.ts"],
      }),
    );
    const compiler = join(packageDir, "node_modules/typescript/bin/tsc");
    const said = await run(process.execPath, [compiler, "--noEmit", "--pretty", "false", "-p", folder], {
      cwd: folder,
      deadlineMs: 220_000,
    }).then(
      ({ stdout }) => stdout,
      ({ stdout }: { stdout: string }) => stdout,
    );
    expect(said.split("\n").filter((line) => line.includes("error"))).toEqual([
      expect.stringMatching(/wrong\.ts\(\d+,\d+\): error TS2322: Type '"everyone"'/),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each(Object.entries(backends))("the JSON form of %s is a definition", async (_, flags) => {
  const { system } = JSON.parse(configInJson(await answersOf(flags))) as { system: unknown };
  expect(defineSystem(definitionInJson(system, "x.config")).name).toMatch(/^[a-z]/);
});

test.each(Object.entries(documents))("the JSON form of the document %s is a definition", async (_, document) => {
  const { system } = JSON.parse(configInJson(await documented(document))) as { system: unknown };
  expect(defineSystem(definitionInJson(system, "x.config")).name).toMatch(/^[a-z]/);
});
