// Does the server still type-check with a fault in it? All faults are checked in one program, since most of the
// compiler's time goes into what they share: each gets a folder with the modules that it patches, and with those that
// import them, directly or not; every other module is the server's own, found by `rootDirs`. Some 300 faults take 18 s
// of a processor instead of 300 × 3 s.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { packageDir } from "../deploy/images.ts";
import { ProgramError, run } from "../drivers/programs.ts";
import { applyPatches, isSwap, type Patch } from "./patch.ts";

const compilerDeadlineMs = 600_000;

export interface Checked {
  id: string;
  patches: readonly Patch[];
}

/**
 * As typeErrorsOf, in a fifth of the time when there are no errors: faults that do not get in each other's way share a
 * copy of the server. Of a copy with errors those faults are checked each by itself that patch a file that an error
 * names, and the others once more together; if there are errors without these, too, all of them are. It overlooks what
 * another fault happens to declare.
 */
export async function typeErrorsOfMany(faults: readonly Checked[]): Promise<Map<string, string[]>> {
  const groups = grouped(faults);
  const errors = await typeErrorsOf(groups.map(together));
  const found = new Map<string, string[]>();
  const [suspects, others]: [Checked[], Checked[][]] = [[], []];
  for (const [at, members] of groups.entries()) {
    const told = errors.get(nameOf(at));
    if (told === undefined) continue;
    if (members.length === 1) found.set(members[0]!.id, told);
    else {
      const isNamed = ({ file }: Patch): boolean => told.some((error) => error.includes(file.replace(/\.ts$/, "")));
      const { named = [], unnamed = [] } = Object.groupBy(members, ({ patches }) =>
        patches.some(isNamed) ? "named" : "unnamed",
      );
      suspects.push(...named);
      others.push(unnamed);
    }
  }
  const again = await typeErrorsOf([...suspects, ...others.map(together)]);
  const still = others.filter((_, at) => again.has(nameOf(at)));
  const alone = await typeErrorsOf(still.flat());
  for (const { id } of suspects) if (again.has(id)) found.set(id, again.get(id)!);
  return new Map([...found, ...alone]);
}

const nameOf = (at: number): string => `copy ${at}`;
const together = (members: readonly Checked[], at: number): Checked => ({
  id: nameOf(at),
  patches: members.flatMap(({ patches }) => patches),
});

function grouped(faults: readonly Checked[]): Checked[][] {
  const originals = readModules().texts;
  const groups: { members: Checked[]; texts: Map<string, string> }[] = [];
  for (const fault of faults) {
    const files = Map.groupBy(fault.patches.filter(isInServer), ({ file }) => file);
    const isAlone = fault.patches.some(isSwap);
    const joins = groups.some(({ members, texts }) => {
      try {
        const patched = [...files].map(
          ([file, patches]) => [file, applyPatches(texts.get(file) ?? originals.get(file) ?? "", patches)] as const,
        );
        if (isAlone || members.some(({ patches }) => patches.some(isSwap))) return false;
        members.push(fault);
        for (const [file, text] of patched) texts.set(file, text);
        return true;
      } catch {
        return false; // the text that it patches is patched already
      }
    });
    if (joins) continue;
    const texts = [...files].map(
      ([file, patches]) => [file, applyPatches(originals.get(file) ?? "", patches)] as const,
    );
    groups.push({ members: [fault], texts: new Map(texts) });
  }
  return groups.map(({ members }) => members);
}

/**
 * What the compiler says of each fault that does not type-check, by its id. Throws when a patch does not fit, or when
 * the compiler does not run.
 */
export async function typeErrorsOf(faults: readonly Checked[]): Promise<Map<string, string[]>> {
  const modules = readModules();
  const folder = mkdtempSync(path.join(os.tmpdir(), "rollcall-types-"));
  try {
    // Names that the compiler's report can be split by, whatever an id is.
    const checked = faults
      .map((fault, at) => ({ fault, name: `fault-${at}` }))
      .filter(({ fault }) => fault.patches.some(isInServer));
    if (checked.length === 0) return new Map();
    symlinkSync(path.join(packageDir, "node_modules"), path.join(folder, "node_modules"));
    for (const { fault, name } of checked) writeOverlay(path.join(folder, name), fault.patches, modules);
    const ids = new Map(checked.map(({ fault, name }) => [name, fault.id]));
    const unparsed = errorsById(await compile(folder, [...ids.keys()]), ids);
    if (![...unparsed.values()].flat().some((error) => isSyntaxError.test(error))) return unparsed;
    // As long as one of its files does not parse, the compiler says nothing of the types in any.
    const parsed = [...ids].filter(([, id]) => !unparsed.has(id)).map(([name]) => name);
    return new Map([...unparsed, ...(parsed.length === 0 ? [] : errorsById(await compile(folder, parsed), ids))]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const isSyntaxError = /error TS1\d{3}:/;

const isInServer = ({ file }: Patch): boolean => file.startsWith("server/");

interface Modules {
  /** Path below the package → text. */
  texts: ReadonlyMap<string, string>;
  /** Path → who imports it. */
  importers: ReadonlyMap<string, ReadonlySet<string>>;
}

function readModules(): Modules {
  const files = readdirSync(path.join(packageDir, "server"), { recursive: true, encoding: "utf8" })
    .map((file) => `server/${file.split(path.sep).join("/")}`)
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  const texts = new Map(files.map((file) => [file, readFileSync(path.join(packageDir, file), "utf8")]));
  const importers = new Map<string, Set<string>>();
  for (const [file, text] of texts)
    for (const [, specifier = ""] of text.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
      const imported = path.posix.join(path.posix.dirname(file), specifier);
      importers.set(imported, (importers.get(imported) ?? new Set()).add(file));
    }
  return { texts, importers };
}

function writeOverlay(folder: string, patches: readonly Patch[], { texts, importers }: Modules): void {
  const byFile = Map.groupBy(patches.filter(isInServer), ({ file }) => file);
  const changed = new Set(byFile.keys());
  for (const file of changed) for (const importer of importers.get(file) ?? []) changed.add(importer);
  for (const file of changed) {
    const text = texts.get(file);
    if (text === undefined) throw new Error(`Cannot patch ${file}: there is no such file`);
    const mine = byFile.get(file) ?? [];
    const swap = mine.find(isSwap);
    if (swap !== undefined && mine.length > 1) throw new Error(`Cannot patch ${file}: ${swap.by} stands in for it`);
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(
      path.join(folder, file),
      swap === undefined
        ? applyPatches(text, mine)
        : `export * from ${JSON.stringify(path.join(packageDir, swap.by))};\n`,
    );
  }
}

function writeProject(folder: string, names: readonly string[]): void {
  const { compilerOptions } = JSON.parse(readFileSync(path.join(packageDir, "tsconfig.json"), "utf8")) as {
    compilerOptions: object;
  };
  writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(
    path.join(folder, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        ...compilerOptions,
        rootDirs: [packageDir, ...names],
        typeRoots: [path.join(packageDir, "node_modules/@types")],
      },
      include: names.map((name) => `${name}/**/*.ts`),
    }),
  );
}

/** The compiler's report; it exits with 1 or 2 when there is something to report. */
async function compile(folder: string, names: readonly string[]): Promise<string> {
  writeProject(folder, names);
  const compiler = path.join(packageDir, "node_modules/typescript/bin/tsc");
  const ended = run(process.execPath, [compiler, "-p", ".", "--pretty", "false"], {
    cwd: folder,
    deadlineMs: compilerDeadlineMs,
  });
  return (await ended.catch(reportOf)).stdout;
}

/** What a program wrote that ended with its own code. Throws what else became of it. */
function reportOf(error: unknown): { stdout: string } {
  if (error instanceof ProgramError && error.stdout !== "") return error;
  throw error;
}

function errorsById(report: string, ids: ReadonlyMap<string, string>): Map<string, string[]> {
  const errors = new Map<string, string[]>();
  // Lines that are indented explain the one before.
  for (const line of report.split("\n").filter((text) => text !== "" && !text.startsWith(" "))) {
    const [, name = "", what] = /^(fault-\d+)\/(.*)$/.exec(line) ?? [];
    const id = ids.get(name);
    if (id === undefined || what === undefined) throw new Error(`Cannot type-check the faults: ${line}`);
    errors.set(id, [...(errors.get(id) ?? []), what]);
  }
  return errors;
}
