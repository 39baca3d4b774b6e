// With which key are a system's tokens signed? Table: settings(key, value).

import { randomBytes } from "node:crypto";
import type { Store } from "../store/store.ts";

/** The key of all instances of a system: made by the first, kept in its schema, so that it needs no configuration. */
export async function signingKey(store: Store): Promise<Uint8Array> {
  const sql = "INSERT INTO settings (key, value) VALUES ('signing-key', $1) ON CONFLICT (key) DO NOTHING";
  await store.query(sql, [randomBytes(32).toString("base64url")]);
  const [row] = await store.query<{ value: string }>("SELECT value FROM settings WHERE key = 'signing-key'");
  if (!row) throw new Error("Cannot read the signing key: the row that was just written is missing");
  return Buffer.from(row.value, "base64url");
}
