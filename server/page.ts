// Who gives the page to the browser? Nginx in the stack, on the ports of Discodeit; everywhere else each port itself. The
// files are those that Vite built (web/dist, see deploy/page.ts); before that, one page that says so and looks again.
// Only files that are there are given, nothing above their folder, and each with the headers that keep foreign script
// out. Discodeit has the chat; the page of another system, <system>.html, has the panel "On the wire" alone.

import { existsSync } from "node:fs";
import path from "node:path";
import express, { Router } from "express";
import type { ServedSystem } from "../systems/served/wire.ts";

/** The page's own files alone: no inline script or style. Files that it shows come from memory (`blob:`). */
export const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

const assetsFolder = `${path.sep}assets${path.sep}`;

/** The folder of package.json, in the clone and (one level deeper, below dist/) in the installed package. */
function webFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, "package.json")) && folder !== path.dirname(folder))
    folder = path.dirname(folder);
  return path.join(folder, "web");
}

/** All that the page of another system asks for. Everything else on its port is the system's. */
const ownPaths = ["/", "/icon.svg", "/assets/*file"];

/** The panel of a system that has no chat page: before its routes, on paths that none of them has. */
export function panelRoutes(system: ServedSystem, web?: string): Router {
  return Router().get(ownPaths, pageRoutes(web, `${system}.html`));
}

export function pageRoutes(web: string = webFolder(), page = "index.html"): Router {
  const router = Router();
  // Asked each time: the page may be built after the server started.
  for (const [folder, index] of [
    ["dist", page],
    ["unbuilt", "index.html"],
  ] as const)
    router.use(
      express.static(path.join(web, folder), {
        index,
        dotfiles: "ignore",
        redirect: false,
        cacheControl: false,
        setHeaders(response, file) {
          // Names in assets/ hold a hash of what is in them. The rest is asked for each time and never compared by its
          // date: all files of a package have the same.
          const isAsset = file.includes(assetsFolder);
          response.setHeader("Cache-Control", isAsset ? "public, max-age=31536000, immutable" : "no-store");
          response.setHeader("Content-Security-Policy", contentSecurityPolicy);
          response.setHeader("X-Content-Type-Options", "nosniff");
          response.setHeader("Referrer-Policy", "no-referrer");
        },
      }),
    );
  return router;
}
