// How do people sign up and log in where an e-mail address is the account? The password is hashed and checked in turn
// (security/logins.ts); the rows are each system's own.

import type { Request, Response } from "express";
import { turnOf } from "../security/known-places.ts";
import { userOf, type LoginGuard } from "../security/logins.ts";
import type { Queryable, Store } from "../store/store.ts";
import { brokenConstraint } from "../store/store-errors.ts";
import { Problem, unauthenticated } from "./problem.ts";
import { jsonBody } from "./request.ts";
import { credentialsSchema, parse, type Credentials } from "./validation.ts";

/**
 * Stores somebody new, in a transaction. Throws Problem 409 when the e-mail address, of which `constraint` is the name,
 * is taken; or BusyError.
 */
export async function signUpBy<T>(
  core: LoginGuard & { store: Store },
  { password, address, constraint }: { password: string; address: string; constraint: string },
  work: (tx: Queryable, hash: string) => Promise<T>,
): Promise<T> {
  const hash = await core.passwords.hash(password, await turnOf(core, address));
  try {
    return await core.store.transaction((tx) => work(tx, hash));
  } catch (error) {
    if (brokenConstraint(error) === constraint) throw new Problem(409, "DUPLICATE_EMAIL", "email is taken");
    throw error;
  }
}

/**
 * Whose address and password these are; `sql` selects the user, with its `hash`, by the address, $1. Throws Problem
 * 401, in the same time whether the address or the password was wrong; TooManyFailuresError; or BusyError.
 */
export async function userBy<User extends { hash: string }>(
  core: LoginGuard,
  { email, password }: Credentials,
  address: string,
  sql: string,
): Promise<User> {
  const account = email.trim().toLowerCase();
  const user = await userOf<User>(core, { account, password, address, user: { sql, parameters: [account] } });
  if (!user) throw unauthenticated("wrong email or password");
  return user;
}

/** The credentials in the body; whose they are is noted where they are refused. Throws as `jsonBody` and `parse`. */
export async function credentialsIn(request: Request, response: Response): Promise<Credentials> {
  const credentials = parse(credentialsSchema, await jsonBody(request, response));
  response.locals["triedName"] = credentials.email;
  return credentials;
}
