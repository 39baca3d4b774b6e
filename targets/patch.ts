// One change of a source text: `find` must stand there exactly once, so that a patch that no longer fits is noticed at once.

export interface Patch {
  /** Path below the package, as server/realtime/broker.ts. */
  file: string;
  find: string;
  replace: string;
}

/** Applies all patches of one file. Throws Error when a `find` occurs not exactly once. */
export function applyPatches(text: string, patches: readonly Patch[]): string {
  let patched = text;
  for (const { file, find, replace } of patches) {
    const parts = patched.split(find);
    if (parts.length !== 2) throw new Error(`Cannot patch ${file}: ${JSON.stringify(find)} occurs ${parts.length - 1} times, not once`);
    patched = parts.join(replace);
  }
  return patched;
}
