// Who exists, and when is a request somebody's? A login is a row; it lives until logout or the end of its refresh
// token. An access token is good while it has not expired and its login lives, on every instance. Source: the study-room
// contract, "Auth".

import { v4 as newProviderId, v7 as newId } from "uuid";
import { refreshSeconds } from "../../../../systems/study-room/wire.ts";
import type { Principal } from "../../../realtime/ports.ts";
import type { Turn } from "../../../security/fair-gate.ts";
import { notePlace, stillKnown, turnOf } from "../../../security/known-places.ts";
import { newRefreshToken, refreshTokenHash } from "../../../security/tokens.ts";
import type { Queryable } from "../../../store/store.ts";
import { brokenConstraint } from "../../../store/store-errors.ts";
import { Problem, unauthenticated } from "../../problem.ts";
import type { Core } from "./core.ts";

export interface Session {
  user: { id: number; email: string; nickname: string };
  accessToken: string;
  refreshToken: string;
}

interface UserRow extends Record<string, unknown> {
  id: number;
  providerId: string;
  email: string;
  nickname: string;
}
const userColumns = `u.id, u.provider_id AS "providerId", u.email, u.nickname`;

/** Signs somebody up, and in. Throws Problem 409, or BusyError. */
export async function signUp(
  core: Core,
  { email, password, nickname }: { email: string; password: string; nickname: string },
  address: string,
): Promise<Session> {
  const hash = await core.passwords.hash(password, await turnOf(core, address));
  try {
    return await core.store.transaction(async (tx) => {
      const [user] = await tx.query<UserRow>(
        `INSERT INTO users AS u (provider_id, email, nickname, password_hash) VALUES ($1, $2, $3, $4) RETURNING ${userColumns}`,
        [newProviderId(), email, nickname, hash],
      );
      return await beginLogin(core, tx, user!, address);
    });
  } catch (error) {
    if (brokenConstraint(error) === "users_email") throw new Problem(409, "DUPLICATE_EMAIL", "email is taken");
    throw error;
  }
}

interface Candidate extends Record<string, unknown> {
  user: (UserRow & { hash: string }) | null;
  isKnown: boolean;
  isSeen: boolean;
}

/**
 * Throws Problem 401, in the same time whether the address or the password was wrong; TooManyFailuresError; or
 * BusyError.
 */
export async function logIn(
  core: Core,
  { email, password }: { email: string; password: string },
  address: string,
): Promise<Session> {
  const account = email.trim().toLowerCase();
  const lookup = (): Promise<Candidate> => candidate(core, account, core.placeOf(address));
  const { user, isKnown, isSeen } = await core.loginLookups.run({ lane: "stranger", key: address }, lookup);
  const attempt = { account, address, isKnown };
  await core.loginLimits.check(attempt);
  const turn: Turn = isKnown
    ? { lane: "known", key: `${account}@${address}` }
    : { lane: isSeen ? "seen" : "stranger", key: address };
  const fits = await core.passwords.verify(password, user?.hash, turn, () => core.loginLimits.checkHere(attempt));
  if (!fits || !user) {
    await core.loginLimits.failed(attempt);
    throw unauthenticated("wrong email or password");
  }
  const session = await core.store.transaction((tx) => beginLogin(core, tx, user, address));
  await core.loginLimits.succeeded(attempt);
  return session;
}

async function candidate(core: Core, email: string, place: string): Promise<Candidate> {
  const known = `SELECT 1 FROM known_places k WHERE k.place = $2 AND ${stillKnown}`;
  const [row] = await core.store.query<Candidate>(
    `SELECT CASE WHEN u.id IS NULL THEN NULL ELSE json_build_object('id', u.id, 'providerId', u.provider_id,
         'email', u.email, 'nickname', u.nickname, 'hash', u.password_hash) END AS user,
       EXISTS (${known} AND k.user_id = u.id) AS "isKnown", EXISTS (${known}) AS "isSeen"
     FROM (SELECT 1) AS one LEFT JOIN users u ON u.email = $1`,
    [email, place],
  );
  return row ?? { user: null, isKnown: false, isSeen: false };
}

const expiry = (seconds: string): string => `clock_timestamp() + ${seconds} * interval '1 second'`;

async function beginLogin(core: Core, tx: Queryable, user: UserRow, address: string): Promise<Session> {
  const refreshToken = newRefreshToken();
  const loginId = newId();
  await tx.query("DELETE FROM logins WHERE user_id = $1 AND expires_at <= clock_timestamp()", [user.id]);
  await tx.query(`INSERT INTO logins (id, user_id, refresh_hash, expires_at) VALUES ($1, $2, $3, ${expiry("$4")})`, [
    loginId,
    user.id,
    refreshTokenHash(refreshToken),
    refreshSeconds,
  ]);
  await notePlace(tx, String(user.id), core.placeOf(address));
  const { id, email, nickname } = user;
  return { user: { id, email, nickname }, accessToken: await accessToken(core, user, loginId), refreshToken };
}

const accessToken = (core: Core, { id, providerId }: Pick<UserRow, "id" | "providerId">, loginId: string) =>
  core.tokens.issue({ userId: String(id), loginId }, { username: providerId });

/** A new access token for the holder of a refresh token, which stays as it is. Throws Problem 401. */
export async function refresh(core: Core, refreshToken: string | undefined): Promise<string> {
  const [row] = await core.store.query<UserRow & { loginId: string }>(
    `SELECT ${userColumns}, l.id AS "loginId" FROM logins l JOIN users u ON u.id = l.user_id
     WHERE l.refresh_hash = $1 AND l.expires_at > clock_timestamp()`,
    [refreshTokenHash(refreshToken ?? "")],
  );
  if (!row) throw unauthenticated("unknown refresh token");
  return accessToken(core, row, row.loginId);
}

/** Ends the login of the refresh token, and that of the access token. */
export async function logOut(core: Core, refreshToken = "", token = ""): Promise<void> {
  const loginId = (await core.tokens.read(token))?.loginId ?? null;
  await core.store.query("DELETE FROM logins WHERE refresh_hash = $1 OR id = $2", [
    refreshTokenHash(refreshToken),
    loginId,
  ]);
}

/** undefined: the token is bad or expired, or its login ended. */
export async function authenticate(core: Core, token: string): Promise<Principal | undefined> {
  const claims = await core.tokens.read(token);
  if (!claims) return undefined;
  const [row] = await core.store.query<{ nickname: string }>(
    `SELECT u.nickname FROM logins l JOIN users u ON u.id = l.user_id
     WHERE l.id = $1 AND u.id = $2 AND l.expires_at > clock_timestamp()`,
    [claims.loginId, claims.userId],
  );
  return row && { ...claims, username: row.nickname, role: "USER" };
}

/** Of these logins, those that no longer live. */
export async function endedLogins(core: Core, loginIds: readonly string[]): Promise<string[]> {
  const rows = await core.store.query<{ id: string }>(
    `SELECT asked.id FROM unnest($1::uuid[]) AS asked (id)
     WHERE NOT EXISTS (SELECT 1 FROM logins l WHERE l.id = asked.id AND l.expires_at > clock_timestamp())`,
    [loginIds],
  );
  return rows.map(({ id }) => id);
}

/** GET /api/users/me. */
export async function me(core: Core, { userId }: Principal): Promise<unknown> {
  const [row] = await core.store.query(
    `SELECT u.id, u.email, u.nickname, NULL AS "profileImageUrl", 'LOCAL' AS provider, 0 AS "totalStudyTime",
       (SELECT count(*) FROM room_members m WHERE m.user_id = u.id) AS "studyRoomCount" FROM users u WHERE u.id = $1`,
    [userId],
  );
  if (!row) throw new Problem(404, "USER_NOT_FOUND", "user not found");
  return row;
}
