// How is the page built? Into plain files without inline scripts, for browsers of the last three years: index.html with
// the chat, and for each system without one the same page under its name, which tells the script whose panel to show.
// `npx vite web` serves the chat while it is worked on, before a `rollcall serve` on the usual ports.

import { defineConfig, type Plugin } from "vite";
import { systemNames } from "../systems/discodeit/wire.ts";
import { servedSystems } from "../systems/served/wire.ts";

const server = "http://127.0.0.1:8080";

const hasChat = (system: string): boolean => systemNames.some((name) => name === system);

const panels = (): Plugin => ({
  name: "rollcall-panels",
  enforce: "post",
  generateBundle(_, bundle) {
    const chat = bundle["index.html"];
    if (chat?.type !== "asset") throw new Error("Cannot make the panels: there is no index.html");
    for (const system of servedSystems.filter((name) => !hasChat(name))) {
      const source = String(chat.source).replace('id="page"', `id="page" data-system="${system}"`);
      this.emitFile({ type: "asset", fileName: `${system}.html`, source });
    }
  },
});

// eslint-disable-next-line import/no-default-export -- Vite asks for it
export default defineConfig({
  // What CommonJS (sockjs-client) calls the global object.
  // Definitions look for secrets in the environment, and a browser has none.
  define: { global: "globalThis", "process.env": "{}" },
  plugins: [panels()],
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
