import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { reportOf, runOf, verdictsOfEachKind } from "./examples.ts";
import { prepareReport, readReport, renderReport, writeForBuildServer, writeReport } from "./write.ts";
import { WriteError } from "./write-error.ts";

function openFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), "rollcall-write-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

const report = reportOf(runOf(verdictsOfEachKind));

test("writeReport() writes three files, none with what is to be redacted", () => {
  using folder = openFolder();
  const dir = join(folder.path, "made/for/it");
  writeReport(dir, report, (text) => text.replaceAll("dots, not slashes", "‹gone›"));
  for (const name of ["report.json", "junit.xml", "report.html"]) {
    const text = readFileSync(join(dir, name), "utf8");
    expect(text).toContain("‹gone›");
    expect(text).not.toContain("dots, not slashes");
  }
});

test("readReport() gives back what was written, and renderReport() the same pages", () => {
  using folder = openFolder();
  writeReport(folder.path, report, (text) => text);
  const page = readFileSync(join(folder.path, "report.html"), "utf8");
  expect(readReport(folder.path)).toEqual(JSON.parse(JSON.stringify(report)));
  renderReport(folder.path, readReport(folder.path));
  expect(readFileSync(join(folder.path, "report.html"), "utf8")).toBe(page);
});

test("readReport() names the file that is missing or of another shape", () => {
  using folder = openFolder();
  expect(() => readReport(folder.path)).toThrow(/Cannot read .*report\.json: ENOENT/);
  writeFileSync(join(folder.path, "report.json"), '{"schema":2}');
  expect(() => readReport(folder.path)).toThrow("it is no report of this version");
});

/** More than Linux ever gives. */
const noProcess = 2 ** 22 + 1;

/** A lock of a process of this machine, or of another. */
function lock(dir: string, pid: number, host = hostname()): void {
  writeFileSync(join(dir, ".rollcall.lock"), JSON.stringify({ pid, host }));
}

test("prepareReport() takes the folder for one run at a time", () => {
  using folder = openFolder();
  lock(folder.path, process.ppid);
  expect(() => prepareReport(folder.path)).toThrow(
    `another run (process ${process.ppid}) is under way that writes there; next: name another folder, or delete ${join(folder.path, ".rollcall.lock")} if there is no such run`,
  );
});

test("prepareReport() removes what a build server would show of an earlier run, and no report", () => {
  using folder = openFolder();
  writeReport(folder.path, report, (text) => text);
  writeForBuildServer(folder.path, report);
  prepareReport(folder.path)[Symbol.dispose]();
  expect(readdirSync(folder.path).toSorted()).toEqual(["junit.xml", "report.html", "report.json"]);
});

test("prepareReport() takes over what a run left that is gone, and gives it back", () => {
  using folder = openFolder();
  // In a container the one before had the same number.
  for (const leave of [() => lock(folder.path, noProcess), () => lock(folder.path, process.pid)]) {
    leave();
    using _ = prepareReport(folder.path);
    expect(readdirSync(folder.path)).toEqual([".rollcall.lock"]);
  }
  lock(folder.path, process.ppid, "another-machine");
  prepareReport(folder.path)[Symbol.dispose]();
  writeFileSync(join(folder.path, ".rollcall.lock"), "{");
  prepareReport(folder.path)[Symbol.dispose]();
  expect(readdirSync(folder.path)).toEqual([]);
});

test("prepareReport() makes the folder, but not where a file is", () => {
  using folder = openFolder();
  prepareReport(join(folder.path, "made/for/it"));
  prepareReport(join(folder.path, "made/for/it"));
  writeFileSync(join(folder.path, "file"), "");
  for (const path of ["file", "file/below"])
    expect(() => prepareReport(join(folder.path, path))).toThrow(/EEXIST|ENOTDIR/);
});

test.runIf(process.platform === "linux")("prepareReport() does not try without end where nothing can be made", () => {
  expect(() => prepareReport("/proc/nowhere/below")).toThrow("ENOENT");
});

test.runIf(process.platform === "linux")(
  "writeReport() leaves no half of a file on a full disk, and says where",
  () => {
    using folder = openFolder();
    writeFileSync(join(folder.path, "report.html"), "of an earlier run");
    symlinkSync("/dev/full", join(folder.path, "report.html.partial"));
    const write = (): void => writeReport(folder.path, report, (text) => text);
    expect(write).toThrow(WriteError);
    symlinkSync("/dev/full", join(folder.path, "report.html.partial"));
    expect(write).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^Cannot write .*report\.html: ENOSPC: no space left on device/) as string,
        hint: `Make room in ${folder.path}, then: npx rollcall report ${folder.path}`,
      }),
    );
    expect(readdirSync(folder.path).toSorted()).toEqual(["junit.xml", "report.html", "report.json"]);
    expect(readFileSync(join(folder.path, "report.html"), "utf8")).toBe("of an earlier run");
    symlinkSync("/dev/full", join(folder.path, "report.json.partial"));
    expect(write).toThrow(expect.objectContaining({ hint: expect.stringContaining("--report DIR") as string }));
  },
);
