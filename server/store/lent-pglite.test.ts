import { expect, test } from "vitest";
import { lendStores } from "./lent-pglite.ts";

test("lendStores() lends a database that was used before, empty, and to one at a time", async () => {
  const used = (await lendStores(["sse"])).get("sse")!;
  await used.query("CREATE SCHEMA sse");
  await used.query("CREATE TABLE notes (text TEXT)");
  const another = new Error("another database is opened");
  await expect(lendStores(["sse"], () => Promise.reject(another))).rejects.toThrow(another);
  await used.close();
  await expect(used.ping()).rejects.toThrow("closed");
  const next = (await lendStores(["sse"], () => Promise.reject(another))).get("sse")!;
  expect(await next.query("SELECT to_regclass('notes') AS name")).toEqual([{ name: null }]);
  await next.close();
});
