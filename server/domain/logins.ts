// When is a request somebody's? A login is a row; it lives until logout, the end of its refresh token, a role change, the deletion of its
// user, or, in revision 2, a second login. An access token is good while it has not expired and its login lives, on every instance.
// Source: the Discodeit contract, "Rules".

import { v7 as newId } from "uuid";
import type { Principal } from "../realtime/ports.ts";
import { newRefreshToken, refreshTokenHash } from "../security/tokens.ts";
import type { Queryable } from "../store/store.ts";
import type { Core } from "./core.ts";
import type { UserDto } from "./payloads.ts";
import { unauthenticated } from "./problem.ts";
import { userColumns, userTables, type UserRow } from "./rows.ts";

export interface Session {
  user: UserDto;
  accessToken: string;
}

export interface RenewedSession extends Session {
  refreshToken: string;
}

interface LoginRow extends Record<string, unknown> {
  id: string;
  userId: string;
}

/** Throws Problem 401, in the same time whether the name or the password was wrong. */
export async function logIn(core: Core, username: string, password: string): Promise<RenewedSession> {
  const [user] = await core.store.query<{ id: string; hash: string }>("SELECT id, password_hash AS hash FROM users WHERE username = $1", [username]);
  const refused = unauthenticated("Cannot log in: unknown username or wrong password");
  if (!(await core.passwords.verify(password, user?.hash)) || !user) throw refused;
  const refreshToken = newRefreshToken();
  const login = { id: newId(), userId: user.id };
  await core.store.transaction(async (tx) => {
    // The row lock makes two logins of one user take turns; the hash may have changed since it was checked.
    const [same] = await tx.query("SELECT 1 FROM users WHERE id = $1 AND password_hash = $2 FOR NO KEY UPDATE", [user.id, user.hash]);
    if (!same) throw refused;
    await tx.query(`DELETE FROM logins WHERE user_id = $1 AND ($2 OR expires_at <= clock_timestamp())`, [user.id, core.rules.oneLoginPerUser]);
    await tx.query(`INSERT INTO logins (id, user_id, refresh_hash, expires_at) VALUES ($1, $2, $3, ${expiry("$4")})`, [
      login.id,
      login.userId,
      refreshTokenHash(refreshToken),
      core.config.refreshTokenSeconds,
    ]);
  });
  return { ...(await sessionOf(core, login)), refreshToken };
}

/** Exchanges a refresh token for a new one, which lives as long again; the old one is good no more. Throws Problem 401. */
export async function refresh(core: Core, refreshToken: string | undefined): Promise<RenewedSession> {
  const next = newRefreshToken();
  const [login] = await core.store.query<LoginRow>(
    `UPDATE logins SET refresh_hash = $2, expires_at = ${expiry("$3")}
     WHERE refresh_hash = $1 AND expires_at > clock_timestamp() RETURNING id, user_id AS "userId"`,
    [refreshTokenHash(refreshToken ?? ""), refreshTokenHash(next), core.config.refreshTokenSeconds],
  );
  return { ...(await sessionOf(core, login)), refreshToken: next };
}

/** A new access token for the holder of a refresh token, which stays as it is. Throws Problem 401. */
export async function currentSession(core: Core, refreshToken: string | undefined): Promise<Session> {
  const sql = `SELECT id, user_id AS "userId" FROM logins WHERE refresh_hash = $1 AND expires_at > clock_timestamp()`;
  const [login] = await core.store.query<LoginRow>(sql, [refreshTokenHash(refreshToken ?? "")]);
  return sessionOf(core, login);
}

/** Ends the login of this refresh token, if there is one. */
export async function logOut(core: Core, refreshToken: string | undefined): Promise<void> {
  if (refreshToken !== undefined) await core.store.query("DELETE FROM logins WHERE refresh_hash = $1", [refreshTokenHash(refreshToken)]);
}

/** Ends all logins of a user, in the caller's transaction. */
export async function endLogins(tx: Queryable, userId: string): Promise<void> {
  await tx.query("DELETE FROM logins WHERE user_id = $1", [userId]);
}

/** undefined: the token is bad or expired, or its login ended. */
export async function authenticate(core: Core, accessToken: string): Promise<Principal | undefined> {
  const claims = await core.tokens.read(accessToken);
  if (!claims) return undefined;
  const [principal] = await core.store.query<Principal & Record<string, unknown>>(
    `SELECT u.id AS "userId", u.username, u.role, l.id AS "loginId" FROM logins l JOIN users u ON u.id = l.user_id
     WHERE l.id = $1 AND u.id = $2 AND l.expires_at > clock_timestamp()`,
    [claims.loginId, claims.userId],
  );
  return principal;
}

/** Why a token is refused that `authenticate` refused: for the log, not for the caller. */
export async function whyRefused(core: Core, accessToken: string): Promise<"token-forged" | "token-expired" | "token-ended"> {
  if (await core.tokens.read(accessToken)) return "token-ended";
  return (await core.tokens.isExpired(accessToken)) ? "token-expired" : "token-forged";
}

/** Of these logins, those that no longer live. */
export async function endedLogins(core: Core, loginIds: readonly string[]): Promise<string[]> {
  const rows = await core.store.query<{ id: string }>(
    `SELECT asked.id FROM unnest($1::uuid[]) AS asked (id)
     WHERE NOT EXISTS (SELECT 1 FROM logins l WHERE l.id = asked.id AND l.expires_at > clock_timestamp())`,
    [loginIds],
  );
  return rows.map((row) => row.id);
}

const expiry = (seconds: string): string => `clock_timestamp() + ${seconds} * interval '1 second'`;

async function sessionOf(core: Core, login: { id: string; userId: string } | undefined): Promise<Session> {
  const ended = unauthenticated("Cannot renew the login: the refresh token is unknown or has ended");
  if (!login) throw ended;
  const [row] = await core.store.query<UserRow & Record<string, unknown>>(`SELECT ${userColumns} FROM ${userTables} WHERE u.id = $1`, [login.userId]);
  if (!row) throw ended;
  const user = core.payloads.user(row, await core.presence.online([row.id]));
  const told = { username: user.username, ...(core.rules.tokenCarriesTheUser && { userDto: user }) };
  return { user, accessToken: await core.tokens.issue({ userId: login.userId, loginId: login.id }, told) };
}
