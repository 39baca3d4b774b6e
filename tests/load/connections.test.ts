import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { k6File } from "../../cli/doctor/k6.ts";
import { closedEnvironment } from "../../targets/environment.ts";

const script = fileURLToPath(new URL("./connections.ts", import.meta.url));

const plan = {
  webSocketUrls: ["ws://127.0.0.1:9/ws/websocket"],
  connections: 250,
  socketsPerVu: 100,
  rampSeconds: 2,
  holdSeconds: 3,
  receipts: true,
  listeners: [],
  publisher: { handshake: {}, connect: {}, rooms: [] },
  rooms: [],
  p99Ms: 700,
};

test("k6 reads connections.ts, and the plan sets its load and its thresholds", () => {
  const k6 = k6File();
  expect(k6, "k6 is not here; next: npx rollcall doctor --fix").toBeDefined();
  const folder = mkdtempSync(join(tmpdir(), "rollcall-k6-"));
  try {
    writeFileSync(join(folder, "plan.json"), JSON.stringify(plan));
    const { status, stdout, stderr } = spawnSync(
      k6!,
      ["inspect", "-e", `PLAN=${join(folder, "plan.json")}`, "-e", `SUMMARY=${join(folder, "summary.json")}`, script],
      {
        encoding: "utf8",
        timeout: 30_000,
        env: closedEnvironment({ K6_AUTO_EXTENSION_RESOLUTION: "false" }),
      },
    );
    expect(status, stderr).toBe(0);
    const options = JSON.parse(stdout) as { thresholds: Record<string, unknown>; scenarios: Record<string, unknown> };
    expect(Object.keys(options.thresholds)).toEqual(
      expect.arrayContaining(["rollcall_dropped", "rollcall_delivery_ms"]),
    );
    expect(JSON.stringify(options.thresholds)).toContain("700");
    expect(JSON.stringify(options.scenarios)).toContain('"vus":3');
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 40_000);
