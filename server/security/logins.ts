// How does a login begin, and which have ended? The same in every system: who is meant is looked up in turn, guessing is
// limited (login-limits.ts), passwords are checked in a fair order (fair-gate.ts), and the login becomes a row that all
// instances see. Tables of each system: users(id), logins(id, user_id, refresh_hash, expires_at), known_places.

import { createHmac } from "node:crypto";
import { v7 as newId } from "uuid";
import type { Queryable, Row } from "../store/store.ts";
import { FairGate, type Turn } from "./fair-gate.ts";
import { BusyError } from "./gate.ts";
import { notePlace, stillKnown } from "./known-places.ts";
import { pairOf, TooManyFailuresError, type LoginLimits } from "./login-limits.ts";
import { Passwords } from "./passwords.ts";
import { Pace } from "../turns.ts";
import { RecentStrangers } from "./recent-strangers.ts";
import { newRefreshToken, refreshTokenHash } from "./tokens.ts";

/** One at a time is as many as the embedded store runs; on PostgreSQL it is some 1,000 a second. */
const lookupsMax = 1;
const lookupsWaitingMax = 1_000;
/**
 * Whoever is refused asks again as soon as it has its answer: so many answers a round of the event loop are what a
 * flood is slowed down to. A new connection is accepted once a round, so rounds have to be short.
 */
const refusalsPerRound = 4;

export interface LoginGuard {
  store: Queryable;
  loginLimits: LoginLimits;
  /** Who comes to log in is looked up here: many at once would keep the store from everybody else. */
  loginLookups: FairGate;
  /** Who need not be looked up again. */
  strangers: RecentStrangers;
  refusals: Pace;
  passwords: Passwords;
  /** The place of an address (known-places.ts). */
  placeOf(address: string): string;
}

/** @param key the system's own. @param passwordCostLog2 log2 of scrypt's N. */
export const openLoginGuard = (
  key: Uint8Array,
  passwordCostLog2: number,
): Pick<LoginGuard, "loginLookups" | "strangers" | "refusals" | "passwords" | "placeOf"> => ({
  loginLookups: new FairGate(lookupsMax, lookupsWaitingMax),
  strangers: new RecentStrangers(),
  refusals: new Pace(refusalsPerRound),
  passwords: new Passwords(passwordCostLog2),
  placeOf: (address) => createHmac("sha256", key).update(address).digest("base64url").slice(0, 22),
});

export interface Credentials {
  /** The name that was typed, in the form in which accounts are compared. */
  account: string;
  password: string;
  /** The client's. */
  address: string;
  /** Selects the user that is meant, at most one: `id`, `hash`, and what else the system needs. */
  user: { sql: string; parameters: readonly unknown[] };
}

interface Candidate<User> extends Row {
  /** null: there is no such user. */
  user: User | null;
  /** Whether this user, and whether anybody, logged in from this place lately. */
  isKnown: boolean;
  isSeen: boolean;
}

/**
 * The user whose password this is. undefined, after the same time, whether the name or the password was wrong. Throws
 * TooManyFailuresError or BusyError, in turn: hundreds may be refused at once.
 */
export async function userOf<User extends { hash: string }>(
  guard: LoginGuard,
  credentials: Credentials,
): Promise<User | undefined> {
  try {
    return await checkedUser<User>(guard, credentials);
  } catch (error) {
    if (error instanceof TooManyFailuresError || error instanceof BusyError) await guard.refusals.next();
    throw error;
  }
}

async function checkedUser<User extends { hash: string }>(
  guard: LoginGuard,
  { account, password, address, user: asked }: Credentials,
): Promise<User | undefined> {
  const stranger = { account, address, isKnown: false };
  const pair = pairOf(stranger);
  // Refused whatever the database says: it is not asked.
  if (guard.strangers.has(pair)) await guard.loginLimits.checkHere(stranger);
  const lookup = (): Promise<Candidate<User>> => candidate(guard, asked, guard.placeOf(address));
  const { user, isKnown, isSeen } = await guard.loginLookups.run({ lane: "stranger", key: address }, lookup);
  if (!isKnown) guard.strangers.note(pair);
  const attempt = { account, address, isKnown };
  await guard.loginLimits.check(attempt);
  const turn: Turn = isKnown
    ? { lane: "known", key: `${account}@${address}` }
    : { lane: isSeen ? "seen" : "stranger", key: address };
  const fits = await guard.passwords.verify(password, user?.hash, turn, () => guard.loginLimits.checkHere(attempt));
  if (!fits || !user) {
    await guard.loginLimits.failed(attempt);
    return undefined;
  }
  await guard.loginLimits.succeeded(attempt);
  return user;
}

async function candidate<User>(
  { store }: LoginGuard,
  { sql, parameters }: Credentials["user"],
  place: string,
): Promise<Candidate<User>> {
  const known = `SELECT 1 FROM known_places k WHERE k.place = $${parameters.length + 1} AND ${stillKnown}`;
  const [row] = await store.query<Candidate<User>>(
    `SELECT row_to_json(u) AS user, EXISTS (${known} AND k.user_id = u.id) AS "isKnown", EXISTS (${known}) AS "isSeen"
     FROM (SELECT 1) AS one LEFT JOIN LATERAL (${sql}) u ON true`,
    [...parameters, place],
  );
  return row ?? { user: null, isKnown: false, isSeen: false };
}

/** SQL: so many seconds from now. */
export const expiry = (seconds: string): string => `clock_timestamp() + ${seconds} * interval '1 second'`;

export interface NewLogin {
  userId: string | number;
  /** From where. */
  place: string;
  /** How long its refresh token is good. */
  seconds: number;
  /** Ends the user's other logins. */
  isOnly?: boolean;
}

/** Begins a login in the caller's transaction. */
export async function beginLogin(
  tx: Queryable,
  { userId, place, seconds, isOnly = false }: NewLogin,
): Promise<{ id: string; refreshToken: string }> {
  const id = newId();
  const refreshToken = newRefreshToken();
  await tx.query("DELETE FROM logins WHERE user_id = $1 AND ($2 OR expires_at <= clock_timestamp())", [userId, isOnly]);
  await tx.query(`INSERT INTO logins (id, user_id, refresh_hash, expires_at) VALUES ($1, $2, $3, ${expiry("$4")})`, [
    id,
    userId,
    refreshTokenHash(refreshToken),
    seconds,
  ]);
  await notePlace(tx, String(userId), place);
  return { id, refreshToken };
}

/** Of these logins, those that no longer live. */
export async function endedLogins(store: Queryable, loginIds: readonly string[]): Promise<string[]> {
  const rows = await store.query<{ id: string }>(
    `SELECT asked.id FROM unnest($1::uuid[]) AS asked (id)
     WHERE NOT EXISTS (SELECT 1 FROM logins l WHERE l.id = asked.id AND l.expires_at > clock_timestamp())`,
    [loginIds],
  );
  return rows.map((row) => row.id);
}
