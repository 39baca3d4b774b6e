import { expect, test } from "vitest";
import { HarnessError } from "./drivers/errors.ts";
import { checkPeers, importPeer, isInstalled } from "./peers.ts";

/** As Node says it. */
const missing = (name: string): Error =>
  Object.assign(new Error(`Cannot find package '${name}' imported from /x.js`), { code: "ERR_MODULE_NOT_FOUND" });

test("importPeer() says how to install what is not there, in one line", async () => {
  const peer = importPeer("kafkajs", "--kafka needs", () => Promise.reject(missing("kafkajs")));
  await expect(peer).rejects.toThrow(HarnessError);
  await expect(peer).rejects.toThrow(
    /^Cannot load the package kafkajs, which --kafka needs: it is not installed; next: npm i -D kafkajs@\^2\.\d+\.\d+$/,
  );
});

test("importPeer() passes on what else goes wrong, and what is there", async () => {
  const inner = missing("long");
  await expect(importPeer("kafkajs", "--kafka needs", () => Promise.reject(inner))).rejects.toBe(inner);
  expect(await importPeer("kafkajs", "--kafka needs", async () => 1)).toBe(1);
});

test("checkPeers() knows without loading, and names all that are missing", () => {
  expect(isInstalled("kafkajs")).toBe(true);
  expect(isInstalled("kafkajs-that-nobody-has")).toBe(false);
  expect(() => checkPeers(["kafkajs", "yaml"], "--x needs")).not.toThrow();
  expect(() => checkPeers(["one-that-nobody-has", "kafkajs", "two-that-nobody-has"], "--x needs")).toThrow(
    "npm i -D one-that-nobody-has@latest two-that-nobody-has@latest",
  );
});
