import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { removeStalePidFile } from "./engine.ts";

test.each([
  ["a number that another program has by now", String(process.pid), false],
  ["a number that nobody has", "4194999", false],
  ["no number", "", false],
])("removeStalePidFile() removes a file with %s", (_, content, stays) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "rollcall-pid-"));
  const file = path.join(folder, "docker.pid");
  writeFileSync(file, content);
  removeStalePidFile(file);
  expect(existsSync(file)).toBe(stays);
  rmSync(folder, { recursive: true });
});
