import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { unsetVariables } from "./compose.ts";

test("unsetVariables() finds every variable of the Compose files, and none that a container's shell fills in", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "rollcall-compose-"));
  writeFileSync(path.join(folder, "a.yml"), 'image: ${A_IMAGE:-one:1}\nurl: "x:${B_PASSWORD:?set it}@y"\n');
  writeFileSync(path.join(folder, "b.yml"), 'test: echo "$$INSIDE" $${INSIDE_TOO}\nplain: $C\n');
  writeFileSync(path.join(folder, "c.txt"), "${NOT_COMPOSE}\n");
  expect(unsetVariables(folder)).toEqual({ A_IMAGE: "", B_PASSWORD: "", C: "" });
  rmSync(folder, { recursive: true });
  expect(unsetVariables()).toMatchObject({
    ADMIN_PASSWORD: "",
    POSTGRES_PASSWORD: "",
    REDIS_PASSWORD: "",
    ROLLCALL_BIND: "",
    BALANCE: "",
  });
});
