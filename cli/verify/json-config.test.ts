// Is a mistake in the JSON form named by its line and its field?

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { definitionInJson } from "./json-config.ts";

const right = `{
  "system": {
    "name": "game",
    "actions": {
      "ready": {
        "act": [
          { "post": "/rooms/{room}/turn" },
          { "destination": "/app/rooms/{room}/ready" }
        ],
        "isEffect": "/ready",
        "repeatable": true
      }
    }
  }
}
`;

function messageOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-json-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "rollcall.config.json");
  writeFileSync(file, text);
  const { system } = JSON.parse(text) as { system: unknown };
  try {
    definitionInJson(system, file);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

test.each([
  ["{room}/ready", "{rooom}/ready", "line 8: system.actions.ready.act.1.destination: there is no {rooom} here"],
  ['"destination"', '"get": "/x", "destination"', "line 8: system.actions.ready.act.1: "],
  ['"destination"', '"destinations"', 'line 8: system.actions.ready.act.1: no such field: "destinations"'],
  [
    '"/ready"',
    '"ready"',
    'line 10: system.actions.ready.isEffect: "ready" is not what is needed: expected a JSON pointer',
  ],
  ['"repeatable"', '"repeats"', 'line 5: system.actions.ready: no such field: "repeats"'],
  ["true", '"yes"', 'line 11: system.actions.ready.repeatable: "yes" is not what is needed: expected true or false'],
])("definitionInJson() names the line where %s is %s", (was, is, words) => {
  expect(messageOf(right)).toBe("");
  expect(messageOf(right.replace(was, is))).toContain(words);
});
