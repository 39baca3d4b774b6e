// Who gives the chat page to the browser? Nginx in the stack; without it, each Discodeit port itself. The files are those
// that Vite built (web/dist, see deploy/page.ts); before that, one page that says so and looks again. Only files that are
// there are given, nothing above their folder, and each with the headers that keep foreign script out.

import { existsSync } from "node:fs";
import path from "node:path";
import express, { Router } from "express";

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

export function pageRoutes(web: string = webFolder()): Router {
  const router = Router();
  // Asked each time: the page may be built after the server started.
  for (const folder of ["dist", "unbuilt"])
    router.use(
      express.static(path.join(web, folder), {
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
