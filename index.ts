// What `import … from "rollcall"` gives: the definition of a system of one's own.

export { defineSystem, type System } from "./systems/define.ts";
export type * from "./systems/types.ts";
