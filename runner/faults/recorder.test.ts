import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Recorder } from "./recorder.ts";

test("Recorder.note() writes each event at once, and nothing after close()", () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-recorder-"));
  try {
    const path = join(folder, "history.jsonl");
    const recorder = new Recorder(path);
    recorder.note({ type: "fault", fault: "f", what: "on", text: "f began" });
    const written = readFileSync(path, "utf8");
    expect(JSON.parse(written)).toMatchObject({ type: "fault", what: "on" });
    recorder.close();
    recorder.note({ type: "fault", fault: "f", what: "healed", text: "f was over" });
    expect(readFileSync(path, "utf8")).toBe(written);
    expect(recorder.events).toHaveLength(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
