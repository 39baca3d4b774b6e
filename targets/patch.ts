// One change of the server's source. Terms: text patch – one piece of text is replaced; `find` must occur exactly once,
// so that a patch that no longer fits is noticed at once; it matches code, not layout: white space and trailing commas
// do not count. An empty one stands for the beginning of the file. Swap – a TypeScript module of ours stands in for a
// module of the server: whoever imports that one gets ours, and only ours gets the original, to wrap or extend it.

interface TextPatch {
  /** Path below the package, as server/stomp/broker.ts. */
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

/** Code without its layout, and where each of its characters stands in the text. */
interface Compact {
  code: string;
  places: readonly number[];
}

function compact(text: string): Compact {
  const places: number[] = [];
  let code = "";
  for (const { 0: found, index } of text.matchAll(/,(?=\s*[)\]}])|\s+|[^\s,]+|,/g)) {
    if (/^\s/.test(found) || (found === "," && /^,\s*[)\]}]/.test(text.slice(index, index + 200)))) continue;
    for (let at = 0; at < found.length; at++) places.push(index + at);
    code += found;
  }
  return { code, places };
}

/** Where `find` stands, which must be once. */
function placeOf({ file, find }: TextPatch, code: string): { at: number; wanted: string } {
  const wanted = compact(find).code.replace(/,$/, "");
  const count = code.split(wanted).length - 1;
  if (count !== 1) throw new Error(`Cannot patch ${file}: ${JSON.stringify(find)} occurs ${count} times, not once`);
  return { at: code.indexOf(wanted), wanted };
}

/**
 * What a patch changes, and so many characters of code on both sides of it; empty for the beginning of a file. Throws
 * Error when `find` occurs not exactly once.
 */
export function surroundingsOf(text: string, patch: TextPatch, chars: number): string {
  if (patch.find === "") return "";
  const { code } = compact(text);
  const { at, wanted } = placeOf(patch, code);
  return code.slice(Math.max(0, at - chars), at + wanted.length + chars);
}

/** Applies the text patches of one file. Throws Error when a `find` occurs not exactly once. */
export function applyPatches(text: string, patches: readonly Patch[]): string {
  let patched = text;
  for (const patch of patches) {
    if (isSwap(patch)) continue;
    const { find, replace } = patch;
    if (find === "") {
      patched = `${replace}\n${patched}`;
      continue;
    }
    const { code, places } = compact(patched);
    const { at, wanted } = placeOf(patch, code);
    const after = patched.slice(places[at + wanted.length - 1]! + 1);
    patched =
      patched.slice(0, places[at]) + replace + (find.trimEnd().endsWith(",") ? after.replace(/^\s*,/, "") : after);
  }
  return patched;
}
