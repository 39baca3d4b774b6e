import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageDir } from "../../deploy/images.ts";
import { run } from "../../drivers/programs.ts";
import { defineSystem } from "../../systems/define.ts";
import { definitionInJson } from "../verify/json-config.ts";
import { answersOf, type Flags } from "./answers.ts";
import { configInJson, configInTypeScript } from "./template.ts";

const backends: Readonly<Record<string, Flags>> = {
  usual: {},
  "with cookies": { token: "cookie", transport: "sockjs", events: "/events" },
  "without accounts": { signUp: "none", logIn: "none", transport: "raw", endpoint: "/chat" },
  "a broker": { signUp: "none", room: "none", destination: "/topic/{room}", send: "/topic/{room}", text: "data.text" },
  "only events": { transport: "none", roomId: "data.id", events: "/events" },
};

test("each config that init writes type-checks", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-init-"));
  try {
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
      deadlineMs: 100_000,
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
