import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { mountOf } from "./program.ts";

test("mountOf() mounts a clone itself, and the node_modules folder around an installed package", () => {
  const root = mkdtempSync(path.join(os.tmpdir(), "rollcall-program-"));
  const clone = path.join(root, "clone");
  const installed = path.join(root, "node_modules/rollcall");
  mkdirSync(path.join(clone, "server"), { recursive: true });
  mkdirSync(installed, { recursive: true });
  expect(mountOf(clone)).toEqual({
    ROLLCALL_APP: clone,
    ROLLCALL_APP_AT: "/app",
    ROLLCALL_MAIN: "/app/server/main.ts",
  });
  expect(mountOf(installed)).toEqual({
    ROLLCALL_APP: path.dirname(installed),
    ROLLCALL_APP_AT: "/app/node_modules",
    ROLLCALL_MAIN: "/app/node_modules/rollcall/dist/server/main.js",
  });
  rmSync(root, { recursive: true });
});
