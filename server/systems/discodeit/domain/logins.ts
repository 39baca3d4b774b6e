// When is a request somebody's? A login is a row; it lives until logout, the end of its refresh token, a role change,
// another login's change of the password, the deletion of its user, or, in revision 2, a second login. An access token
// is good while it has not expired and its login lives, on every instance. Of a login's refresh tokens only the newest
// is good; one that is used again after it was replaced ends the login, as it may be stolen. Within ten seconds it is
// refused and ends nothing: two tabs may renew at once, and the cookie of the first reaches the second. Source: the
// Discodeit contract, "Rules".

import type { Principal } from "../../../realtime/ports.ts";
import { beginLogin, expiry, userOf } from "../../../security/logins.ts";
import { newRefreshToken, refreshTokenHash } from "../../../security/tokens.ts";
import type { Queryable } from "../../../store/store.ts";
import type { Core } from "./core.ts";
import { nameKey } from "./names.ts";
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

const tabRaceSeconds = 10;
/** Old refresh tokens that a login remembers; one that is older yet is refused like any unknown one. */
const spentTokensMax = 100;

interface LoginRow extends Record<string, unknown> {
  id: string;
  userId: string;
}

export interface Credentials {
  username: string;
  password: string;
  /** The client's. */
  address: string;
}

/**
 * Throws Problem 401, in the same time whether the name or the password was wrong; TooManyFailuresError; or BusyError.
 */
export async function logIn(core: Core, { username, password, address }: Credentials): Promise<RenewedSession> {
  const user = await userOf<{ id: string; hash: string }>(core, {
    account: nameKey(username),
    password,
    address,
    // Exactly this name, or else as people read it.
    user: {
      sql: `SELECT id, password_hash AS hash FROM users WHERE username = $1 OR username_key = $2
            ORDER BY username = $1 DESC LIMIT 1`,
      parameters: [username, nameKey(username)],
    },
  });
  const refused = unauthenticated("Cannot log in: unknown username or wrong password");
  if (!user) throw refused;
  const { id, refreshToken } = await core.store.transaction(async (tx) => {
    // The row lock makes two logins of one user take turns; the hash may have changed since it was checked.
    const [same] = await tx.query("SELECT 1 FROM users WHERE id = $1 AND password_hash = $2 FOR NO KEY UPDATE", [
      user.id,
      user.hash,
    ]);
    if (!same) throw refused;
    return beginLogin(tx, {
      userId: user.id,
      place: core.placeOf(address),
      seconds: core.config.refreshTokenSeconds,
      isOnly: core.rules.oneLoginPerUser,
    });
  });
  return { ...(await sessionOf(core, { id, userId: user.id })), refreshToken };
}

/**
 * Exchanges a refresh token for a new one, which lives as long again; the old one is good no more. Throws Problem 401.
 */
export async function refresh(core: Core, refreshToken: string | undefined): Promise<RenewedSession> {
  const next = newRefreshToken();
  const hash = refreshTokenHash(refreshToken ?? "");
  const [login] = await core.store.query<LoginRow>(
    `WITH renewed AS (
       UPDATE logins SET refresh_hash = $2, expires_at = ${expiry("$3")}
       WHERE refresh_hash = $1 AND expires_at > clock_timestamp() RETURNING id, user_id AS "userId"
     ), spent AS (
       INSERT INTO spent_refresh_tokens (hash, login_id, spent_at) SELECT $1, id, clock_timestamp() FROM renewed ON CONFLICT DO NOTHING
     ), forgotten AS (
       DELETE FROM spent_refresh_tokens s USING renewed WHERE s.login_id = renewed.id AND s.hash IN
         (SELECT hash FROM spent_refresh_tokens o WHERE o.login_id = renewed.id ORDER BY o.spent_at DESC OFFSET ${spentTokensMax})
     )
     SELECT id, "userId" FROM renewed`,
    [hash, refreshTokenHash(next), core.config.refreshTokenSeconds],
  );
  if (!login) await endReused(core, hash);
  return { ...(await sessionOf(core, login)), refreshToken: next };
}

/** A new access token for the holder of a refresh token, which stays as it is. Throws Problem 401. */
export async function currentSession(core: Core, refreshToken: string | undefined): Promise<Session> {
  const sql = `SELECT id, user_id AS "userId" FROM logins WHERE refresh_hash = $1 AND expires_at > clock_timestamp()`;
  const hash = refreshTokenHash(refreshToken ?? "");
  const [login] = await core.store.query<LoginRow>(sql, [hash]);
  if (!login) await endReused(core, hash);
  return sessionOf(core, login);
}

/** Ends the login of this refresh token, also of one that was replaced. */
export async function logOut(core: Core, refreshToken: string | undefined): Promise<void> {
  const sql =
    "DELETE FROM logins WHERE refresh_hash = $1 OR id = (SELECT login_id FROM spent_refresh_tokens WHERE hash = $1)";
  if (refreshToken !== undefined) await core.store.query(sql, [refreshTokenHash(refreshToken)]);
}

/** Ends the login that this refresh token once belonged to, unless it was replaced just now. */
async function endReused(core: Core, hash: string): Promise<void> {
  await core.store.query(
    `DELETE FROM logins l USING spent_refresh_tokens s
     WHERE s.hash = $1 AND l.id = s.login_id AND s.spent_at < clock_timestamp() - ${tabRaceSeconds} * interval '1 second'`,
    [hash],
  );
}

/** Ends all logins of a user, in the caller's transaction. */
export async function endLogins(tx: Queryable, userId: string): Promise<void> {
  await tx.query("DELETE FROM logins WHERE user_id = $1", [userId]);
}

/**
 * Ends the user's logins but this one, and forgets from where it logged in: the password was perhaps known to somebody
 * else.
 */
export async function endOtherLogins(tx: Queryable, principal: Principal): Promise<void> {
  await tx.query("DELETE FROM logins WHERE user_id = $1 AND id <> $2", [principal.userId, principal.loginId]);
  await tx.query("DELETE FROM known_places WHERE user_id = $1", [principal.userId]);
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
export async function whyRefused(
  core: Core,
  accessToken: string,
): Promise<"token-forged" | "token-expired" | "token-ended"> {
  if (await core.tokens.read(accessToken)) return "token-ended";
  return (await core.tokens.isExpired(accessToken)) ? "token-expired" : "token-forged";
}

async function sessionOf(core: Core, login: { id: string; userId: string } | undefined): Promise<Session> {
  const ended = unauthenticated("Cannot renew the login: the refresh token is unknown or has ended");
  if (!login) throw ended;
  const [row] = await core.store.query<UserRow & Record<string, unknown>>(
    `SELECT ${userColumns} FROM ${userTables} WHERE u.id = $1`,
    [login.userId],
  );
  if (!row) throw ended;
  const user = core.payloads.user(row, await core.presence.online([row.id]));
  const told = { username: user.username, ...(core.rules.tokenCarriesTheUser && { userDto: user }) };
  return { user, accessToken: await core.tokens.issue({ userId: login.userId, loginId: login.id }, told) };
}
