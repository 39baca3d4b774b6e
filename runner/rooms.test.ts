import { expect, test } from "vitest";
import type { Account } from "./account-pool.ts";
import { Rooms, type RunContext } from "./rooms.ts";
import { Secrets, Transcript } from "../drivers/transcript.ts";

test("a proof that ended while it waited for accounts gives them back when they come", async () => {
  const account = { label: "A1" } as Account;
  const released: Account[] = [];
  const late = Promise.withResolvers<Account[]>();
  const pool = { lease: () => late.promise, release: (accounts: Account[]) => released.push(...accounts) };
  const rooms = new Rooms({ pool, target: { system: {} } } as unknown as RunContext, new Transcript(new Secrets()));
  const asked = rooms.accounts(1);
  await rooms[Symbol.asyncDispose]();
  late.resolve([account]);
  await expect(asked).rejects.toThrow("the proof is over");
  expect(released).toEqual([account]);
});
