// Preloaded in a faulty server's process (`node --import`): changes the source text of modules as they are loaded, or
// swaps whole modules. The server itself has no seam for faults and knows nothing of them. ROLLCALL_FAULTS holds the
// patches as JSON, see targets/patch.ts; files are relative to the package.

import { registerHooks } from "node:module";
import { applyPatches, isSwap, type Patch } from "./patch.ts";

const root = new URL("../", import.meta.url).href;
const patches = JSON.parse(process.env["ROLLCALL_FAULTS"] ?? "[]") as Patch[];
const standIns = new Map(patches.filter(isSwap).map(({ file, by }) => [root + file, root + by]));

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    const standIn = standIns.get(resolved.url);
    return standIn === undefined || standIn === context.parentURL
      ? resolved
      : { ...resolved, url: standIn, format: "module-typescript" };
  },
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const mine = patches.filter((patch) => !isSwap(patch) && url === root + patch.file);
    if (mine.length === 0) return loaded;
    if (loaded.source === undefined || loaded.source === null)
      throw new Error(`Cannot patch ${url}: it has no source text`);
    const text =
      typeof loaded.source === "string" ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString("utf8");
    return { ...loaded, source: applyPatches(text, mine) };
  },
});
