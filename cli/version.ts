// The version of the package, which is also the contract's.

import { readFileSync } from "node:fs";

const packageFile = import.meta.url.endsWith(".ts") ? "../package.json" : "../../package.json";
export const { version } = JSON.parse(readFileSync(new URL(packageFile, import.meta.url), "utf8")) as {
  version: string;
};
