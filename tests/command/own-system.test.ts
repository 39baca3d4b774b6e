// A backend that Rollcall has never seen, verified with the example of the README.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startToy } from "../verifier/toy/server.ts";
import { rollcall } from "./rollcall.ts";
import { toyConfig } from "./toy-config.ts";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const example = /```ts\n(import \{ defineConfig[^`]*(?:`[^`]+`[^`]*)*?)```/.exec(readme)?.[1];

test.each(["commonjs", "module"])("the README's own system is verified in a project of type %s", async (type) => {
  await using server = await startToy();
  const folder = mkdtempSync(join(tmpdir(), "rollcall-own-"));
  try {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type }));
    writeFileSync(join(folder, "rollcall.config.ts"), example!.replace("http://localhost:8080", server.url));
    const { code, stdout, stderr } = await rollcall(["verify"], { cwd: folder });
    expect(stderr).toContain("config: rollcall.config.ts");
    expect(stdout).toMatch(/study-chat.*\n(.*\n)*.*\d+ pass/);
    expect(stdout).toMatch(
      /unsupported  \d+ clauses?: needs what the system's definition does not say: events, and more/,
    );
    expect(code, stdout).toBe(0);
    // It deletes nothing, because the definition cannot: the next run takes the same people.
    expect(stdout).toMatch(/stays there {2}\d+ accounts .*, \d+ rooms/);
    const members = server.members().length;
    expect((await rollcall(["verify"], { cwd: folder })).code).toBe(0);
    // How many are needed at once depends on the time that proofs take; without the book each would be new.
    expect(server.members().length - members).toBeLessThan(members / 2);
    const wrong = example!.replace("accessToken", "token").replace("http://localhost:8080", server.url);
    writeFileSync(join(folder, "rollcall.config.ts"), wrong);
    const broken = await rollcall(["verify"], { cwd: folder });
    expect(broken.stderr + broken.stdout).toContain("accounts.logIn of the system");
    expect(broken.code).toBe(4);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("who cannot be deleted is named with a command that finds the definition", async () => {
  await using server = await startToy();
  const folder = mkdtempSync(join(tmpdir(), "rollcall-own-"));
  try {
    const refused = [
      "http.delete(`/members/${account.username}`)",
      'http.post("/login", { json: { name: account.username, password: "no" } })',
    ] as const;
    writeFileSync(join(folder, "ours.config.ts"), toyConfig(server.url, refused));
    const named = ["--config", "ours.config.ts"];
    const { stdout, stderr } = await rollcall(["verify", ...named, "--only", "connect.with-a-token"], { cwd: folder });
    const next = /left behind .*next: npx rollcall (verify --clean (\w+) --config ours\.config\.ts)$/m.exec(stderr);
    expect(next, stdout + stderr).not.toBeNull();
    const again = await rollcall(next![1]!.split(" "), { cwd: folder });
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`next: npx rollcall ${next![1]}\n`) as string,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
