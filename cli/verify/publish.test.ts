import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { Http } from "../../drivers/http.ts";
import { Network } from "../../drivers/network.ts";
import { RestClient } from "../../drivers/rest.ts";
import { openHttpServer } from "../../drivers/tiny-server.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import type { Account } from "../../systems/types.ts";
import { publishingByCommand, publishingByUrl, wordsIn } from "./publish.ts";
import { UsageError } from "./usage-error.ts";

const folder = mkdtempSync(path.join(tmpdir(), "rollcall-publish-"));
const nobody = {} as Account;

test.each([
  ["curl -d {marker} http://h/p", ["curl", "-d", "{marker}", "http://h/p"]],
  [`redis-cli publish 'a room' "say \\"{marker}\\""`, ["redis-cli", "publish", "a room", 'say "{marker}"']],
  ["a\\ b  c", ["a b", "c"]],
  ["one ''", ["one", ""]],
  ["echo {marker} | nc h 1", undefined],
  ['echo "$HOME"', undefined],
  ["TOKEN=x send {marker}", undefined],
  ["it's", undefined],
])("wordsIn() parts %j as a shell does, or leaves it to one", (command, words) => {
  expect(wordsIn(command)).toEqual(words);
});

test("a command gets any text as it is, without a shell", async () => {
  const file = path.join(folder, "words");
  const { publish, takesAnyText } = publishingByCommand(
    `node -e 'require("fs").writeFileSync("${file}", process.argv[1])' {marker}`,
  );
  await publish(nobody, `$HOME "two"\nlines; 'x'`);
  expect([takesAnyText, readFileSync(file, "utf8")]).toEqual([true, `$HOME "two"\nlines; 'x'`]);
});

test("a command that needs a shell gets one, and markers alone", async () => {
  const file = path.join(folder, "shell");
  const { publish, takesAnyText } = publishingByCommand(`printf %s {marker} > ${file}`);
  await publish(nobody, "rollcall-1");
  expect([takesAnyText, readFileSync(file, "utf8")]).toEqual([false, "rollcall-1"]);
});

test("a command that fails is named, with what it said", async () => {
  const { publish } = publishingByCommand("node -e 'console.error(\"no such room\"); process.exit(3)' {marker}");
  await expect(publish(nobody, "rollcall-1")).rejects.toThrow(/exit code 3[^]*no such room/);
});

test.each([
  [undefined, "text/plain;charset=utf-8", 'say "x"\nand y'],
  ['{"data": "{marker}"}', "application/json", '{"data": "say \\"x\\"\\nand y"}'],
  ["data={marker}", "text/plain;charset=utf-8", 'data=say "x"\nand y'],
])("a POST with the body %s says the text in it", async (template, contentType, body) => {
  const got: unknown[] = [];
  await using server = await openHttpServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    request.on("end", () => {
      got.push([request.method, request.url, request.headers["content-type"], text]);
      response.end();
    });
  });
  const network = new Network();
  const rest = new RestClient({
    baseUrl: "http://127.0.0.1:1",
    network,
    transcript: new Transcript(new Secrets()),
    label: "t",
  });
  const { publish } = publishingByUrl(`${server.url}/publish?room=1`, template);
  await publish({ http: new Http(rest) } as Account, 'say "x"\nand y');
  await network.close();
  expect(got).toEqual([["POST", "/publish?room=1", contentType, body]]);
});

test("a template without a marker is an error of the caller", () => {
  expect(() => publishingByCommand("curl http://h/p")).toThrow(UsageError);
  expect(() => publishingByUrl("http://h/p", "{}")).toThrow(UsageError);
});
