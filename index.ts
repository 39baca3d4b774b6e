// What `import … from "rollcall"` gives: the description of a target, and of a system of one's own.

export { defineConfig, type Config, type TargetOptions } from "./systems/config.ts";
export { defineSystem, type System } from "./systems/define.ts";
export type * from "./systems/types.ts";
