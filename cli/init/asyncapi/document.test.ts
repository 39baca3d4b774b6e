import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { UsageError } from "../../verify/usage-error.ts";
import { readAsyncApi } from "./document.ts";

const folder = mkdtempSync(join(tmpdir(), "rollcall-asyncapi-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function refusalOf(content: string | Buffer, name = "asyncapi.json"): Promise<string> {
  const file = join(folder, name);
  writeFileSync(file, content);
  const error: unknown = await readAsyncApi(file).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(UsageError);
  return (error as Error).message.replaceAll(file, name);
}

const version = { asyncapi: "3.0.0" };

test.each([
  ["nothing", "", 'asyncapi.json is not AsyncAPI: it has no "asyncapi": "3.0.0"'],
  ["half an object", '{ "asyncapi": ', /^--asyncapi: asyncapi\.json is not JSON: .+/],
  ["half a list in YAML", "asyncapi: 3.0.0\nservers: [a, ", /^--asyncapi: asyncapi\.json is not YAML: .+ at line 2/],
  ["tags of another kind", "a: b: c", /is not YAML: /],
  ["an unknown alias", "a: *b", /is not YAML: /],
  ["bytes", Buffer.from([0, 1, 2, 0xff]), /is not (YAML|AsyncAPI)/],
  ["another document", '{ "name": "package" }', /is not AsyncAPI/],
  ["OpenAPI", '{ "openapi": "3.1.0" }', /is OpenAPI, which does not describe messages/],
  ["version 2", "asyncapi: 2.6.0", /is AsyncAPI 2\.6\.0, .+; convert it: npx @asyncapi\/cli convert asyncapi\.json/],
  ["version 4", "asyncapi: 4.0.0", /is AsyncAPI 4\.0\.0, and Rollcall reads version 3$/],
  ["too much", Buffer.alloc(21 * 1024 * 1024, " "), "asyncapi.json is larger than 20 MB: that is no AsyncAPI document"],
  [
    "a reference into nothing",
    JSON.stringify({ ...version, channels: { a: { $ref: "#/components/channels/a" } } }),
    'asyncapi.json refers to "#/components/channels/a", which it does not have',
  ],
  [
    "a reference to itself",
    JSON.stringify({ ...version, channels: { a: { $ref: "#/channels/b" }, b: { $ref: "#/channels/a" } } }),
    'asyncapi.json has a reference that leads back to itself: "#/channels/b"',
  ],
  [
    "a reference to another file",
    JSON.stringify({ ...version, channels: { a: { $ref: "./channels.yaml#/a" } } }),
    /refers to another file, "\.\/channels\.yaml#\/a"; put it together first: npx @asyncapi\/cli bundle/,
  ],
  [
    "an unknown action",
    JSON.stringify({ ...version, operations: { hear: { action: "subscribe" } } }),
    /is not as AsyncAPI 3 says: operations\.hear, action: /,
  ],
  ["a server without a host", JSON.stringify({ ...version, servers: { a: {} } }), /servers\.a, host: /],
])("%s is refused in one line", async (_, content, said) => {
  const refusal = await refusalOf(content);
  expect(refusal).toMatch(said);
  expect(refusal).not.toContain("\n");
});

test("aliases that make much of little are refused", async () => {
  const lines = ["asyncapi: 3.0.0", "a0: &a0 [x, x, x, x, x, x, x, x, x]"];
  for (let at = 1; at < 9; at++)
    lines.push(
      `a${at}: &a${at} [${Array(9)
        .fill(`*a${at - 1}`)
        .join(", ")}]`,
    );
  expect(await refusalOf(lines.join("\n"))).toMatch(/is not YAML: .*alias/i);
});

test("a file that is not there, and a folder", async () => {
  await expect(readAsyncApi(join(folder, "none.json"))).rejects.toThrow("there is no such file");
  await expect(readAsyncApi(folder)).rejects.toThrow("that is a folder");
  await expect(readAsyncApi("http://localhost:8080/springwolf/docs")).rejects.toThrow(
    "save it first: curl -fo asyncapi.json http://localhost:8080/springwolf/docs",
  );
});
