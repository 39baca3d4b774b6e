// Who exists, and when is a request somebody's? A login is a row; it lives until logout or the end of its refresh
// token. An access token is good while it has not expired and its login lives, on every instance. Source: the study-room
// contract, "Auth".

import { v4 as newProviderId } from "uuid";
import { refreshSeconds } from "../../../../systems/study-room/wire.ts";
import type { Principal } from "../../../realtime/ports.ts";
import { beginLogin } from "../../../security/logins.ts";
import { refreshTokenHash } from "../../../security/tokens.ts";
import type { Queryable } from "../../../store/store.ts";
import { signUpBy, userBy } from "../../accounts.ts";
import type { Core } from "../../core.ts";
import { Problem } from "../../problem.ts";
import type { Credentials } from "../../validation.ts";
import type { Person } from "./facts.ts";
import type { NewUser } from "./validation.ts";

export interface Session {
  user: { id: number; email: string; nickname: string };
  accessToken: string;
  refreshToken: string;
}

interface UserRow extends Person {
  email: string;
}
const userColumns = `u.id, u.provider_id AS "providerId", u.email, u.nickname`;

/** Signs somebody up, and in. Throws Problem 409, or BusyError. */
export function signUp(core: Core, { email, password, nickname }: NewUser, address: string): Promise<Session> {
  return signUpBy(core, { password, address, constraint: "users_email" }, async (tx, hash) => {
    const [user] = await tx.query<UserRow>(
      `INSERT INTO users AS u (provider_id, email, nickname, password_hash) VALUES ($1, $2, $3, $4) RETURNING ${userColumns}`,
      [newProviderId(), email, nickname, hash],
    );
    return await openSession(core, tx, user!, address);
  });
}

/** Throws as `userBy`. */
export async function logIn(core: Core, credentials: Credentials, address: string): Promise<Session> {
  const sql = `SELECT ${userColumns}, u.password_hash AS hash FROM users u WHERE u.email = $1`;
  const user = await userBy<UserRow & { hash: string }>(core, credentials, address, sql);
  return core.store.transaction((tx) => openSession(core, tx, user, address));
}

async function openSession(core: Core, tx: Queryable, user: UserRow, address: string): Promise<Session> {
  const { id, email, nickname } = user;
  const login = { userId: id, place: core.placeOf(address), seconds: refreshSeconds };
  const { id: loginId, refreshToken } = await beginLogin(tx, login);
  return { user: { id, email, nickname }, accessToken: await accessToken(core, user, loginId), refreshToken };
}

const accessToken = (core: Core, { id, providerId }: UserRow, loginId: string): Promise<string> =>
  core.tokens.issue({ userId: String(id), loginId }, { username: providerId });

/** A new access token for the holder of a refresh token, which stays as it is. undefined: the token is nobody's. */
export async function refresh(core: Core, refreshToken = ""): Promise<string | undefined> {
  const [row] = await core.store.query<UserRow & { loginId: string }>(
    `SELECT ${userColumns}, l.id AS "loginId" FROM logins l JOIN users u ON u.id = l.user_id
     WHERE l.refresh_hash = $1 AND l.expires_at > clock_timestamp()`,
    [refreshTokenHash(refreshToken)],
  );
  return row && accessToken(core, row, row.loginId);
}

/** Ends the login of the refresh token, and that of the access token. */
export async function logOut(core: Core, refreshToken = "", token = ""): Promise<void> {
  const loginId = (await core.tokens.read(token))?.loginId ?? null;
  const sql = "DELETE FROM logins WHERE refresh_hash = $1 OR id = $2";
  await core.store.query(sql, [refreshTokenHash(refreshToken), loginId]);
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
