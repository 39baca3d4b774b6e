import { expect, test } from "vitest";
import { lendStores } from "./lent-pglite.ts";

test("lendStores() lends a database that was used before, empty, and to one at a time", async () => {
  const first = (await lendStores(["sse"])).get("sse")!;
  await first.query("CREATE SCHEMA sse");
  await first.query("CREATE TABLE notes (text TEXT)");
  await first.query("INSERT INTO notes VALUES ($1)", ["kept"]);
  const beside = (await lendStores(["sse"])).get("sse")!;
  const tables = "SELECT to_regclass('notes') AS name";
  expect(await beside.query(tables)).toEqual([{ name: null }]);
  await first.close();
  await expect(first.ping()).rejects.toThrow("closed");
  const next = (await lendStores(["sse"])).get("sse")!;
  expect(await next.query(tables)).toEqual([{ name: null }]);
  await Promise.all([beside.close(), next.close()]);
});
