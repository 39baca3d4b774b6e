// docs/rooms.md: the folders, and what each may import, as the lint rules have it. After a change of the rules:
// `npx vitest run --project unit docs/rooms.test.ts -u`.

import { globSync, readFileSync } from "node:fs";
import { matchesGlob } from "node:path";
import { expect, test } from "vitest";

/** In the order in which a run uses them. A folder that is missing here fails the test. */
const holds: Record<string, string> = {
  contract: "what must hold: the clauses, and the requirement sets",
  systems: "what each system is: its definition, its names and limits, its DTOs",
  drivers: "how to talk: one protocol a file, the codecs, the errors",
  runner: "how a run goes: people, rooms, connections, steps, clean-up",
  "runner/faults": "what may happen to a stack while everybody talks",
  checkers: "how verdicts are made of a history",
  targets: "what is tested: servers, stacks, mutants, variants",
  reports: "what the user sees: console, HTML, JUnit, JSON, CTRF",
  cli: "the command",
  load: "the load engine",
  server: "the reference server",
  web: "the page that people chat on",
  "web/panel": "what the page shows of the systems that have no chat",
  tests: "proofs of the clauses, sentences of users, faults, load scenarios",
  deploy: "images, Nginx, Compose",
  docs: "the guides",
};
const rooms = Object.keys(holds).filter((room) => room !== "docs");

interface Override {
  files: string[];
  rules: Record<string, [string, { patterns?: { group: string[] }[] }] | undefined>;
}

const { overrides } = JSON.parse(readFileSync(".oxlintrc.json", "utf8")) as { overrides: Override[] };

/** What the rules forbid a room to import; undefined: nothing. */
function forbiddenTo(room: string): string[] | undefined {
  const rule = overrides.findLast(
    ({ files, rules }) =>
      rules["eslint/no-restricted-imports"]?.[1].patterns !== undefined &&
      files.some((pattern) => pattern.startsWith(`${room}/**/`)),
  );
  return rule?.rules["eslint/no-restricted-imports"]?.[1].patterns?.flatMap(({ group }) => group);
}

/** Those of a room within it are not its own. */
const sourcesOf = (room: string): string[] =>
  globSync(`${room}/**/*.{ts,tsx}`, { exclude: (name) => /node_modules|dist$/.test(name) }).filter(
    (file) =>
      !file.endsWith(".test.ts") &&
      !rooms.some((inner) => inner.startsWith(`${room}/`) && file.startsWith(`${inner}/`)),
  );

/** Files of one kind in the folders of several systems are one entry. */
const kindOf = (file: string): string => file.replace(/^systems\/(?!json|examples|served)[^/]+\//, "systems/*/");

/** Whole folders, and of the others which files: "contract, systems (types.ts)". */
function importsOf(room: string): string {
  const forbidden = forbiddenTo(room);
  if (forbidden === undefined) return "all";
  // As in a .gitignore: the last pattern that matches decides, and "!" lets a file in again.
  const mayImport = (file: string): boolean => {
    const last = forbidden.findLast((pattern) => matchesGlob(`rollcall/${file}`, pattern.replace(/^!/, "")));
    return last === undefined || last.startsWith("!");
  };
  const allowed = rooms
    .filter((other) => other !== room)
    .flatMap((other) => {
      const files = sourcesOf(other);
      const free = files.filter(mayImport);
      if (free.length === 0) return [];
      if (free.length === files.length) return [other];
      return [`${other} (${[...new Set(free.map(kindOf))].map((file) => file.slice(other.length + 1)).join(", ")})`];
    });
  return allowed.length === 0 ? "nothing of ours" : allowed.join(", ");
}

test("docs/rooms.md says what the lint rules say", async () => {
  const found = globSync("*/", { exclude: ["node_modules", "dist"] }).filter((name) => !/node_modules|dist/.test(name));
  expect(rooms).toEqual(expect.arrayContaining(found.filter((name) => name !== "docs")));
  const rows = Object.entries(holds).map(([room, what]) =>
    room === "docs" ? `| docs | ${what} | |` : `| ${room} | ${what} | ${importsOf(room)} |`,
  );
  const page = [
    "# The rooms of the house",
    "",
    "Generated from `.oxlintrc.json`, which keeps it so: an import that is not in the third column does not pass the",
    "lint. Test files may import more.",
    "",
    "| folder | holds | may import |",
    "|---|---|---|",
    ...rows,
    "",
  ].join("\n");
  await expect(page).toMatchFileSnapshot("rooms.md");
});
