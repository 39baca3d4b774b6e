import { expect, test } from "vitest";
import { TargetError } from "../drivers/errors.ts";
import type { PageOrigin } from "../drivers/page.ts";
import type { Account } from "./account-pool.ts";
import { unmeasured } from "./baseline.ts";
import { asksForAdmin, makeEarly } from "./before.ts";

const before = { baseline: unmeasured(undefined), page: "http://localhost:5173" };

function poolOf(lease: (count: number) => Promise<Account[]>) {
  const released: unknown[] = [];
  return { lease, released, release: (accounts: readonly Account[]) => void released.push(...accounts) };
}

test("makeEarly() makes accounts as the page that was let in, and leaves them to the first proof", async () => {
  const network: { page: PageOrigin } = { page: undefined };
  const made = [{}, {}] as Account[];
  const pages: PageOrigin[] = [];
  const pool = poolOf((count) => {
    pages.push(network.page);
    return Promise.resolve(made.slice(0, count));
  });
  await makeEarly({ pool, network }, undefined);
  expect(pages).toEqual([]);
  await makeEarly({ pool, network }, before);
  expect(pages).toEqual([before.page]);
  expect(pool.released).toEqual(made);
});

test("makeEarly() leaves it to a proof that nobody can be signed up", async () => {
  const pool = poolOf(() => Promise.reject(new TargetError("refused", "answered 503")));
  await makeEarly({ pool, network: { page: undefined } }, before);
  expect(pool.released).toEqual([]);
  const broken = poolOf(() => Promise.reject(new TypeError("a mistake of ours")));
  await expect(makeEarly({ pool: broken, network: { page: undefined } }, before)).rejects.toThrow(TypeError);
});

test("asksForAdmin() on a target that was found out before only for who needs one", () => {
  expect(asksForAdmin(["subscribe.exactly-once"], undefined)).toBe(true);
  expect(asksForAdmin(["subscribe.exactly-once"], before)).toBe(false);
  expect(asksForAdmin(["subscribe.exactly-once", "subscribe.as-admin"], before)).toBe(true);
});
