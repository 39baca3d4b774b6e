// One change of the server's source. Terms: text patch – one piece of text is replaced; `find` must occur exactly once, so that a patch that no
// longer fits is noticed at once; an empty one stands for the beginning of the file. Swap – a TypeScript module of ours stands in for a module of the server: whoever imports that one gets ours,
// and only ours gets the original, to wrap or extend it.

interface TextPatch {
  /** Path below the package, as server/realtime/broker.ts. */
  file: string;
  find: string;
  replace: string;
}

interface Swap {
  /** Path of the server's module below the package. */
  file: string;
  /** Path of the module that stands in for it. It is checked and linted with the tree. */
  by: string;
}

export type Patch = TextPatch | Swap;

export const isSwap = (patch: Patch): patch is Swap => "by" in patch;

/** Applies the text patches of one file. Throws Error when a `find` occurs not exactly once. */
export function applyPatches(text: string, patches: readonly Patch[]): string {
  let patched = text;
  for (const patch of patches) {
    if (isSwap(patch)) continue;
    const { file, find, replace } = patch;
    if (find === "") {
      patched = `${replace}\n${patched}`;
      continue;
    }
    const parts = patched.split(find);
    if (parts.length !== 2) throw new Error(`Cannot patch ${file}: ${JSON.stringify(find)} occurs ${parts.length - 1} times, not once`);
    patched = parts.join(replace);
  }
  return patched;
}
