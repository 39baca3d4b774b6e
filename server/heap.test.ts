import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { heapFlags } from "./heap.ts";

/** Keeps a tenth of what it makes for a while, as sessions do, and prints how large the heap became, in MiB. */
const churn = `
  const kept = [];
  for (let count = 0; count < 2_000_000; count += 1) {
    const made = { text: "x".repeat(20) + count, list: [count, count + 1] };
    if (count % 10 === 0) kept[(count / 10) % 20_000] = made;
  }
  const { total_heap_size: bytes } = require("node:v8").getHeapStatistics();
  console.log(Math.round(bytes / 1024 / 1024));`;

test("heapFlags keep the garbage of a flood small", () => {
  const heapMiB = (flags: readonly string[]): number =>
    Number(spawnSync(process.execPath, [...flags, "-e", churn], { encoding: "utf8" }).stdout);
  // 40 and 160 MiB, give or take some.
  expect(heapMiB(heapFlags)).toBeLessThan(heapMiB([]) / 2);
});

test.each([
  ["Compose starts the server", "../deploy/compose.yml", /command: \["node", (.*), "\$\{ROLLCALL_MAIN/],
  ["the launcher starts the command", "../cli/rollcall.js", /const heap = \[(.*)\];/],
])("heapFlags are those with which %s", (_, file, flags) => {
  const text = readFileSync(new URL(file, import.meta.url), "utf8");
  expect(flags.exec(text)?.[1]).toBe(heapFlags.map((flag) => JSON.stringify(flag)).join(", "));
});
