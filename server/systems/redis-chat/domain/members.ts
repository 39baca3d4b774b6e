// Who exists, and when is a request somebody's? There is no logout: a token is good until it expires, and a connection
// ends with its token. Source: the Redis chat contract, sections 2 and 6.

import { randomUUID } from "node:crypto";
import { tokenSeconds } from "../../../../systems/redis-chat/wire.ts";
import type { Principal } from "../../../realtime/ports.ts";
import { notePlace } from "../../../security/known-places.ts";
import { signUpBy, userBy } from "../../accounts.ts";
import type { Core } from "../../core.ts";
import type { Credentials } from "../../validation.ts";
import type { NewMember } from "./validation.ts";

/** The new member's id. Throws Problem 409, or BusyError. */
export function signUp(core: Core, { name, email, password }: NewMember, address: string): Promise<number> {
  return signUpBy(core, { password, address, constraint: "members_email" }, async (tx, hash) => {
    const [member] = await tx.query<{ id: number }>(
      "INSERT INTO members (name, email, password_hash) VALUES ($1, $2, $3) RETURNING id",
      [name, email, hash],
    );
    if (!member) throw new Error("Cannot store a member: no row came back");
    await notePlace(tx, String(member.id), core.placeOf(address));
    return member.id;
  });
}

/** Throws as `userBy`. */
export async function logIn(
  core: Core,
  credentials: Credentials,
  address: string,
): Promise<{ id: number; token: string }> {
  const sql = "SELECT id, email, password_hash AS hash FROM members WHERE email = $1";
  const member = await userBy<{ id: number; email: string; hash: string }>(core, credentials, address, sql);
  await notePlace(core.store, String(member.id), core.placeOf(address));
  return { id: member.id, token: await tokenOf(core, member) };
}

const tokenOf = ({ tokens }: Core, { id, email }: { id: number; email: string }): Promise<string> =>
  tokens.issue({ userId: String(id), loginId: newLoginId() }, { username: email, role: "USER" });

/** A login is no row: its id says when it ends, so that connections end with their token. */
const newLoginId = (): string => `${Math.floor(Date.now() / 1_000) + tokenSeconds}.${randomUUID()}`;

/** Of these logins, those that no longer live. */
export const endedLogins = (loginIds: readonly string[]): string[] =>
  loginIds.filter((loginId) => Number.parseInt(loginId, 10) * 1_000 <= Date.now());

/** undefined: the token is bad or expired. */
export async function authenticate(core: Core, token: string): Promise<Principal | undefined> {
  const claims = await core.tokens.read(token);
  if (!claims) return undefined;
  const [member] = await core.store.query<{ email: string }>("SELECT email FROM members WHERE id = $1", [
    claims.userId,
  ]);
  return member && { ...claims, username: member.email, role: "USER" };
}

export const members = (core: Core): Promise<unknown[]> =>
  core.store.query("SELECT id, name, email FROM members ORDER BY id");
