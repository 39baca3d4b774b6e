import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AccountBook } from "./account-book.ts";

const who = (name: string) => ({ username: name, email: `${name}@example.org`, password: "secret" });

test("AccountBook gives the people of earlier runs, each once, and not those of this one", () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-book-"));
  try {
    const url = "http://127.0.0.1:8080/chat";
    const first = new AccountBook("toy", url, folder);
    expect(first.take()).toBeUndefined();
    first.note(who("ann"));
    first.note(who("ben"));
    const second = new AccountBook("toy", url, folder);
    expect([second.take()?.username, second.take()?.username]).toEqual(["ben", "ann"]);
    second.note(who("cem"));
    expect([second.take(), second.size]).toEqual([undefined, 3]);
    second.drop(who("ann"));
    expect(new AccountBook("toy", url, folder).size).toBe(2);
    expect(new AccountBook("toy", "http://127.0.0.1:8081", folder).size).toBe(0);
    expect(readdirSync(folder)).toEqual(["toy@127.0.0.1_8080.json"]);
    expect(statSync(first.path).mode & 0o777).toBe(0o600);
    writeFileSync(first.path, "half a");
    expect(() => new AccountBook("toy", url, folder)).toThrow("Cannot read the accounts of earlier runs");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
