// How do users and files look in SQL, wherever a statement reads them? Column lists that give each row its shape in one
// statement, so that nothing is asked row by row. Aliases: u users, p the profile's file.

import type { Role } from "../../../../systems/discodeit/wire.ts";

export interface FileRow {
  id: string;
  fileName: string;
  size: number;
  contentType: string;
  status: "WAITING" | "SUCCESS" | "FAILED";
}

export interface UserRow {
  id: string;
  username: string;
  email: string;
  role: Role;
  profile: FileRow | null;
}

const fields = (alias: string): [string, string][] => [
  ["id", `${alias}.id`],
  ["fileName", `${alias}.file_name`],
  ["size", `${alias}.size`],
  ["contentType", `${alias}.content_type`],
  ["status", `${alias}.status`],
];

/** A FileRow as columns. */
export const fileColumns = (alias: string): string =>
  fields(alias)
    .map(([name, column]) => `${column} AS "${name}"`)
    .join(", ");
/** A FileRow as one JSON value. */
export const fileJson = (alias: string): string =>
  `json_build_object(${fields(alias)
    .map(([name, column]) => `'${name}', ${column}`)
    .join(", ")})`;

const profileJson = `CASE WHEN p.id IS NULL THEN NULL ELSE ${fileJson("p")} END`;
export const userTables = "users u LEFT JOIN files p ON p.id = u.profile_id";
/** A UserRow as columns of `userTables`. */
export const userColumns = `u.id, u.username, u.email, u.role, ${profileJson} AS profile`;
/** A UserRow as one JSON value, NULL when there is no user. */
export const userJson = `CASE WHEN u.id IS NULL THEN NULL ELSE json_build_object('id', u.id, 'username', u.username, 'email', u.email, 'role', u.role, 'profile', ${profileJson}) END`;
