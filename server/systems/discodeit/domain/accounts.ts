// Who exists, and with which role? Sign-up, change, deletion and roles of users, each with the event that everyone
// hears. Source: the Discodeit contract, "REST" and "Rules".

import { v7 as newId } from "uuid";
import type { Role } from "../../../../systems/discodeit/wire.ts";
import type { Principal } from "../../../realtime/ports.ts";
import { ownTurn } from "../../../security/passwords.ts";
import type { Queryable } from "../../../store/store.ts";
import { brokenConstraint } from "../../../store/store-errors.ts";
import { hasRole, type Core } from "./core.ts";
import { commit, tell } from "./facts.ts";
import { storeFiles, type NewFile } from "./files.ts";
import { endLogins, endOtherLogins } from "./logins.ts";
import { nameKey } from "./names.ts";
import { notify } from "./notifications.ts";
import type { Online, UserDto } from "./payloads.ts";
import { notePlace, turnOf } from "../../../security/known-places.ts";
import { forbidden, notFound, Problem } from "./problem.ts";
import { userColumns, userTables, type UserRow } from "./rows.ts";
import type { SignUp, UserUpdate } from "./validation.ts";

const nobody: Online = new Set();

/** One user's row, or Problem 404. `lock` waits for other changes of this user and makes others wait. */
export async function userRow(
  tx: Queryable,
  id: string,
  lock: "" | "FOR KEY SHARE OF u" | "FOR NO KEY UPDATE OF u" | "FOR UPDATE OF u" = "",
): Promise<UserRow> {
  const [row] = await tx.query<UserRow & Record<string, unknown>>(
    `SELECT ${userColumns} FROM ${userTables} WHERE u.id = $1 ${lock}`,
    [id],
  );
  if (!row) throw notFound("user", id);
  return row;
}

export async function listUsers(core: Core): Promise<UserDto[]> {
  const rows = await core.store.query<UserRow & Record<string, unknown>>(
    `SELECT ${userColumns} FROM ${userTables} ORDER BY u.created_at, u.id`,
  );
  const online = await core.presence.online(rows.map((row) => row.id));
  return rows.map((row) => core.payloads.user(row, online));
}

/** `address`: the client's. Throws Problem 409, or BusyError. */
export async function signUp(
  core: Core,
  { username, email, password }: SignUp,
  profile: NewFile | undefined,
  address: string,
): Promise<UserDto> {
  const id = newId();
  const hash = await core.passwords.hash(password, await turnOf(core, address));
  return saved(core, async (tx) => {
    await tx.query(
      "INSERT INTO users (id, username, username_key, email, password_hash, role) VALUES ($1, $2, $3, $4, $5, 'USER')",
      [id, username, nameKey(username), email, hash],
    );
    await notePlace(tx, id, core.placeOf(address));
    const uploaded = await setProfile(tx, id, profile);
    const row = await userRow(tx, id);
    await tell(tx, core, "userCreated", core.payloads.userEvent(row, nobody), "everyone");
    return { user: core.payloads.user(row, nobody), uploaded };
  });
}

/** A new password ends every other login of the user. */
export async function updateUser(
  core: Core,
  principal: Principal,
  id: string,
  changes: UserUpdate,
  profile: NewFile | undefined,
): Promise<UserDto> {
  if (principal.userId !== id) {
    await userRow(core.store, id);
    throw forbidden("Cannot change the user: only users themselves may");
  }
  const hash =
    changes.newPassword == null ? null : await core.passwords.hash(changes.newPassword, { lane: "known", key: id });
  const online = await core.presence.online([id]);
  return saved(core, async (tx) => {
    const before = await userRow(tx, id, "FOR NO KEY UPDATE OF u");
    // One's own name may be kept, by a twin of another's too.
    const newName = changes.newUsername === before.username ? null : (changes.newUsername ?? null);
    await tx.query(
      `UPDATE users SET username = COALESCE($2, username), username_key = COALESCE($3, username_key), email = COALESCE($4, email),
         password_hash = COALESCE($5, password_hash) WHERE id = $1`,
      [id, newName, newName === null ? null : nameKey(newName), changes.newEmail ?? null, hash],
    );
    if (hash !== null) await endOtherLogins(tx, principal);
    const uploaded = await setProfile(tx, id, profile);
    const row = await userRow(tx, id);
    await tell(tx, core, "userUpdated", core.payloads.userEvent(row, online), "everyone");
    return { user: core.payloads.user(row, online), uploaded };
  });
}

/**
 * Removes the user, its logins, reads and notifications; its messages stay without an author, a private channel without
 * members goes.
 */
export async function deleteUser(core: Core, principal: Principal, id: string): Promise<void> {
  const allowed = principal.userId === id || hasRole(principal.role, "ADMIN");
  await commit(core, async (tx) => {
    const row = await userRow(tx, id, allowed ? "FOR UPDATE OF u" : "");
    if (!allowed) throw forbidden("Cannot delete the user: only users themselves and admins may");
    await tx.query(
      `DELETE FROM channels c WHERE c.type = 'PRIVATE' AND EXISTS (SELECT 1 FROM channel_members m WHERE m.channel_id = c.id AND m.user_id = $1)
       AND NOT EXISTS (SELECT 1 FROM channel_members m WHERE m.channel_id = c.id AND m.user_id <> $1)`,
      [id],
    );
    await tx.query("DELETE FROM users WHERE id = $1", [id]);
    if (row.profile) await tx.query("DELETE FROM files WHERE id = $1", [row.profile.id]);
    await tell(tx, core, "userDeleted", core.payloads.userEvent(row, nobody), "everyone");
  });
}

/** ADMIN only. Ends the user's logins and tells the user; the same role again changes nothing. */
export async function changeRole(core: Core, principal: Principal, userId: string, newRole: Role): Promise<UserDto> {
  if (!hasRole(principal.role, "ADMIN")) throw forbidden("Cannot change a role: only admins may");
  const online = await core.presence.online([userId]);
  return commit(core, async (tx) => {
    const before = await userRow(tx, userId, "FOR NO KEY UPDATE OF u");
    if (before.role === newRole) return core.payloads.user(before, online);
    const after: UserRow = { ...before, role: newRole };
    await tx.query("UPDATE users SET role = $2 WHERE id = $1", [userId, newRole]);
    await endLogins(tx, userId);
    await notify(tx, core, [userId], {
      cause: newId(),
      type: "ROLE_CHANGED",
      title: "권한이 변경되었습니다.",
      content: `${before.role} -> ${newRole}`,
      targetId: userId,
    });
    await tell(tx, core, "userUpdated", core.payloads.userEvent(after, online), "everyone");
    return core.payloads.user(after, online);
  });
}

/** Tells everyone that this user came or went. A user that is gone meanwhile is ignored. */
export async function announceOnline(core: Core, userId: string, online: boolean): Promise<void> {
  await commit(core, async (tx) => {
    const [row] = await tx.query<UserRow & Record<string, unknown>>(
      `SELECT ${userColumns} FROM ${userTables} WHERE u.id = $1`,
      [userId],
    );
    if (row)
      await tell(
        tx,
        core,
        "userUpdated",
        core.payloads.userEvent(row, online ? new Set([userId]) : nobody),
        "everyone",
      );
  });
}

/** Makes the admin of the configuration, unless the name is taken already (by an earlier start). */
export async function ensureAdmin(core: Core): Promise<void> {
  const { adminUsername, adminEmail, adminPassword } = core.config;
  const isThere = async (): Promise<boolean> =>
    (await core.store.query("SELECT 1 FROM users WHERE username = $1", [adminUsername])).length > 0;
  if (await isThere()) return;
  // Another instance may do the same in the same moment, and either of the two unique columns may meet it first.
  await core.store.query(
    "INSERT INTO users (id, username, username_key, email, password_hash, role) VALUES ($1, $2, $3, $4, $5, 'ADMIN') ON CONFLICT DO NOTHING",
    [newId(), adminUsername, nameKey(adminUsername), adminEmail, await core.passwords.hash(adminPassword, ownTurn)],
  );
  if (await isThere()) return;
  const twins = await core.store.query("SELECT 1 FROM users WHERE username_key = $1", [nameKey(adminUsername)]);
  const reason =
    twins.length > 0 ? "another user has a name that looks the same" : `ADMIN_EMAIL (${adminEmail}) is another user's`;
  throw new Error(`Cannot create the administrator ${adminUsername}: ${reason}`);
}

/** Gives the user this profile, if there is one, in place of the old. Returns the ids of what was uploaded. */
async function setProfile(tx: Queryable, userId: string, profile: NewFile | undefined): Promise<string[]> {
  if (!profile) return [];
  const [file] = await storeFiles(tx, [profile], { uploaderId: userId });
  await tx.query("DELETE FROM files WHERE id = (SELECT profile_id FROM users WHERE id = $1)", [userId]);
  await tx.query("UPDATE users SET profile_id = $2 WHERE id = $1", [userId, file?.id]);
  return file ? [file.id] : [];
}

/** Commits a new or changed user. Throws Problem 409 when the name or the address is another's. */
async function saved(
  core: Core,
  work: (tx: Queryable) => Promise<{ user: UserDto; uploaded: string[] }>,
): Promise<UserDto> {
  try {
    const { user, uploaded } = await commit(core, work);
    core.uploads.start(uploaded);
    return user;
  } catch (error) {
    const constraint = brokenConstraint(error);
    if (constraint === "users_username" || constraint === "users_username_key")
      throw new Problem(409, "DUPLICATE_USERNAME", "Cannot save the user: the username is taken", {
        field: "username",
      });
    if (constraint === "users_email")
      throw new Problem(409, "DUPLICATE_EMAIL", "Cannot save the user: the e-mail address is taken", {
        field: "email",
      });
    throw error;
  }
}
