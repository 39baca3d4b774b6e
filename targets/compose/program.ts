// Which program do the server containers run? No image is built for it: the folder that holds it and its node_modules
// is mounted, read-only. In the clone that is the clone (server/main.ts); installed, it is the node_modules folder that
// rollcall lies in (rollcall/dist/server/main.js).

import { existsSync } from "node:fs";
import path from "node:path";
import { packageDir } from "../../deploy/images.ts";

/** Variables of deploy/compose.yml. ROLLCALL_APP, ROLLCALL_APP_AT and ROLLCALL_MAIN of the environment come first. */
export function programMount(): Record<string, string> {
  const user = process.getuid === undefined ? {} : { ROLLCALL_USER: `${process.getuid()}:${process.getgid?.() ?? 0}` };
  const own = { ...mountOf(packageDir), ...user };
  return Object.fromEntries(Object.entries(own).map(([name, value]) => [name, process.env[name] ?? value]));
}

export function mountOf(folder: string): { ROLLCALL_APP: string; ROLLCALL_APP_AT: string; ROLLCALL_MAIN: string } {
  if (existsSync(path.join(folder, "server")))
    return { ROLLCALL_APP: folder, ROLLCALL_APP_AT: "/app", ROLLCALL_MAIN: "/app/server/main.ts" };
  const modules = path.dirname(folder);
  const name = path.basename(folder);
  return {
    ROLLCALL_APP: modules,
    ROLLCALL_APP_AT: "/app/node_modules",
    ROLLCALL_MAIN: `/app/node_modules/${name}/dist/server/main.js`,
  };
}
