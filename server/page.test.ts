import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import express, { type Router } from "express";
import { expect, test } from "vitest";
import { contentSecurityPolicy, pageRoutes, panelRoutes } from "./page.ts";

interface Got {
  status: number | undefined;
  headers: NodeJS.Dict<string | string[]>;
  text: string;
}

async function servedPage(routes: (web: string) => Router = pageRoutes) {
  const folder = await mkdtempDisposable(path.join(os.tmpdir(), "rollcall-web-"));
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(folder.path, file)), { recursive: true });
    writeFileSync(path.join(folder.path, file), text);
  };
  write("unbuilt/index.html", "not built");
  write("secret.txt", "secret");
  const server = createServer(express().use(routes(folder.path)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  /** The path as it is: `fetch` would resolve its dots. */
  const get = (at: string, method = "GET"): Promise<Got> =>
    new Promise((resolve, reject) => {
      request({ host: "127.0.0.1", port, path: at, method, agent: false }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
      })
        .on("error", reject)
        .end();
    });
  return {
    write,
    get,
    remove: (file: string): void => rmSync(path.join(folder.path, file), { recursive: true }),
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
      await folder[Symbol.asyncDispose]();
    },
  };
}

test("the page is given as soon as it is built, and its assets are kept by browsers", async () => {
  await using page = await servedPage();
  expect((await page.get("/")).text).toBe("not built");
  page.write("dist/index.html", "built");
  page.write("dist/assets/main-1a.js", "script");
  const index = await page.get("/");
  expect(index).toMatchObject({
    status: 200,
    text: "built",
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": contentSecurityPolicy,
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    },
  });
  const asset = await page.get("/assets/main-1a.js");
  expect(asset.headers["cache-control"]).toContain("immutable");
  expect(asset.headers["content-type"]).toMatch(/^text\/javascript/);
});

test("nothing is given that is not one of the page's files", async () => {
  await using page = await servedPage();
  page.write("dist/index.html", "built");
  page.write("dist/.key", "key");
  const paths = [
    "/../secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/assets/../../secret.txt",
    "/.key",
    "/no",
  ];
  for (const at of paths) {
    const { status, text } = await page.get(at);
    expect([at, (status ?? 0) >= 400, text === "secret"]).toEqual([at, true, false]);
  }
  expect((await page.get("/", "POST")).status).toBe(404);
});

test("the policy lets no inline script in", () => {
  expect(contentSecurityPolicy).not.toContain("unsafe");
});

test("the panel of a system is given at / alone, and the rest of its port is the system's", async () => {
  await using page = await servedPage((folder) => panelRoutes("stomp", folder));
  expect((await page.get("/")).text).toBe("not built");
  for (const [file, text] of [
    ["dist/index.html", "chat"],
    ["dist/stomp.html", "panel"],
    ["dist/assets/main-1a.js", "script"],
    ["dist/icon.svg", "icon"],
  ] as const)
    page.write(file, text);
  expect(await page.get("/")).toMatchObject({ text: "panel", headers: { "cache-control": "no-store" } });
  expect((await page.get("/assets/main-1a.js")).text).toBe("script");
  expect((await page.get("/icon.svg")).text).toBe("icon");
  for (const at of ["/index.html", "/stomp.html", "/sse.html", "/streams/a"])
    expect((await page.get(at)).status).toBe(404);
});
