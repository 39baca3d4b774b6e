// How is the page built? Into plain files without inline scripts, for browsers of the last three years. `npx vite web`
// serves it while it is worked on, before a `rollcall serve` on the usual ports.

import { defineConfig } from "vite";

const server = "http://127.0.0.1:8080";

// eslint-disable-next-line import/no-default-export -- Vite asks for it
export default defineConfig({
  // What CommonJS (sockjs-client) calls the global object.
  define: { global: "globalThis" },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": server, "/ws": { target: server, ws: true } } },
});
