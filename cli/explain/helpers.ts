// What does a proof come to with the functions that it calls? The text of all of them, found in the modules of
// tests/contract as they stand: a declaration begins at the beginning of a line, as the formatter leaves it, and ends
// where the next one begins. Terms: helper – a function or constant of a module, which a proof names.

import { readFileSync } from "node:fs";

interface Module {
  /** What is declared in it, by name. */
  own: ReadonlyMap<string, string>;
  /** What it has of others of the proofs' modules: where from, by name. */
  imported: ReadonlyMap<string, string>;
}

const root = new URL("../../", import.meta.url);
/** Compiled, modules stand in the same folders under another ending. */
const ending = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
const declaration = /^(?:export )?(?:(?:async )?function\*?|const|class) (\w+)/gm;
const imports = /^import \{([^}]*)\} from "(\.[^"]*)";/gm;

/** A key that is the id of a clause. */
const holdsProofs = /^\s+"[a-z]+\.[a-z0-9-]+": /m;

export function moduleIn(text: string, at: string): Module {
  const found = [...text.matchAll(declaration)];
  const own = found.map(({ 1: name, index }, of) => [name!, text.slice(index, found[of + 1]?.index)] as const);
  const imported = [...text.matchAll(imports)].flatMap(([, names, from]) =>
    names!.split(",").map((name) => [name.trim(), new URL(from!, new URL(at, root)).href] as const),
  );
  // What holds the proofs is no helper, although it has the name of something that proofs do.
  return { own: new Map(own.filter(([, said]) => !holdsProofs.test(said))), imported: new Map(imported) };
}

const modules = new Map<string, Module>();

function moduleAt(url: string): Module {
  let found = modules.get(url);
  if (found === undefined) {
    found = moduleIn(readFileSync(new URL(url), "utf8"), url);
    modules.set(url, found);
  }
  return found;
}

/** Called, or handed on; not a property of something. */
const isNamed = (name: string, text: string): boolean => new RegExp(`(?<![.\\w])${name}\\b(?=[(,);<])`).test(text);

/**
 * A proof's text and that of its helpers, and of theirs.
 *
 * @param file The proof's module, as tests/contract/shared/sse.ts.
 */
export function textWithHelpers(text: string, file: string, read = moduleAt): string {
  const seen = new Set<string>();
  const texts = [text];
  const follow = (said: string, at: string): void => {
    const { own, imported } = read(at);
    const add = (name: string, where: string): void => {
      const declared = read(where).own.get(name);
      if (declared === undefined || seen.has(`${where} ${name}`) || !isNamed(name, said)) return;
      seen.add(`${where} ${name}`);
      texts.push(declared);
      follow(declared, where);
    };
    for (const name of own.keys()) add(name, at);
    for (const [name, where] of imported) if (where.includes("/tests/contract/")) add(name, where);
  };
  follow(text, new URL(file.replace(/\.ts$/, ending), root).href);
  return texts.join("\n");
}
