// Mutants of contract/discodeit/accounts.ts: servers that get users wrong.

import { patch, type Mutant } from "../../faulty.ts";

export const accounts: readonly Mutant[] = [
  {
    id: "accounts-user-without-a-profile",
    what: "a UserDto lacks its profile when there is none",
    patches: [
      patch(
        "server/systems/discodeit/domain/payloads.ts",
        "profile: row.profile && this.file(row.profile), online:",
        "profile: (row.profile && this.file(row.profile)) ?? (undefined as never), online:",
      ),
    ],
    red: ["accounts.user-has-its-fields"],
  },
  {
    id: "accounts-not-sign-up-returns-the-user",
    what: "sign-up is answered 200",
    patches: [
      patch(
        "server/systems/discodeit/routes/users.ts",
        "response.status(201).json(user);",
        "response.status(200).json(user);",
      ),
    ],
    red: ["accounts.sign-up-returns-the-user"],
  },
  {
    id: "accounts-not-sign-up-stores-the-profile",
    what: "the profile of a sign-up is lost",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        'await tx.query("UPDATE users SET profile_id = $2 WHERE id = $1", [userId, file?.id]);',
        "",
      ),
    ],
    red: ["accounts.sign-up-stores-the-profile"],
  },
  {
    id: "accounts-not-list-holds-the-user",
    what: "the list of users ends after three",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        "ORDER BY u.created_at, u.id`",
        "ORDER BY u.created_at, u.id LIMIT 3`",
      ),
    ],
    red: ["accounts.list-holds-the-user"],
  },
  {
    id: "accounts-not-update-changes-the-user",
    what: "a new username is not taken over",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        "username = COALESCE($2, username)",
        "username = COALESCE(username, $2)",
      ),
    ],
    red: ["accounts.update-changes-the-user"],
  },
  {
    id: "accounts-not-update-takes-optional-fields",
    what: "a change must name the username",
    patches: [
      patch(
        "server/systems/discodeit/domain/validation.ts",
        "newUsername: username.nullish()",
        "newUsername: username",
      ),
    ],
    red: ["accounts.update-takes-optional-fields"],
  },
  {
    id: "accounts-not-update-to-the-own-value",
    what: "the own username counts as taken",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        "if (principal.userId !== id) {",
        'if (changes.newUsername === principal.username) throw new Problem(409, "DUPLICATE_USERNAME", "Cannot save the user: the username is taken"); if (principal.userId !== id) {',
      ),
    ],
    red: ["accounts.update-to-the-same-value"],
  },
  {
    id: "accounts-not-update-only-self",
    what: "anybody may change a user",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        "if (principal.userId !== id) {",
        'if (principal.userId === "") {',
      ),
    ],
    red: ["accounts.update-only-self"],
  },
  {
    id: "accounts-not-update-only-self-is-403",
    what: "changing another user is answered 404",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        'throw forbidden("Cannot change the user: only users themselves may");',
        'throw notFound("user", id);',
      ),
    ],
    red: ["accounts.update-only-self-is-403"],
  },
  {
    id: "accounts-not-delete-removes-the-user",
    what: "DELETE is answered, and the user stays",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        'await tx.query("DELETE FROM users WHERE id = $1", [id]);',
        "",
      ),
    ],
    red: ["accounts.delete-removes-the-user"],
  },
  {
    id: "accounts-not-delete-is-204",
    what: "deleting a user is answered 200",
    patches: [
      patch("server/systems/discodeit/routes/users.ts", "response.status(204).end();", "response.status(200).end();"),
    ],
    red: ["accounts.delete-is-204"],
  },
  {
    id: "accounts-not-delete-only-self-or-admin",
    what: "anybody may delete a user",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        'const allowed = principal.userId === id || hasRole(principal.role, "ADMIN");',
        "const allowed = true;",
      ),
    ],
    red: ["accounts.delete-only-self-or-admin"],
  },
  {
    id: "accounts-not-delete-by-admin",
    what: "an admin may not delete a user",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        'const allowed = principal.userId === id || hasRole(principal.role, "ADMIN");',
        "const allowed = principal.userId === id;",
      ),
    ],
    red: ["accounts.delete-by-admin"],
  },
  {
    id: "accounts-not-deleted-author-is-null",
    what: "a deleted user's messages go, too",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        'await tx.query("DELETE FROM users WHERE id = $1", [id]);',
        'await tx.query("DELETE FROM messages WHERE author_id = $1", [id]); await tx.query("DELETE FROM users WHERE id = $1", [id]);',
      ),
    ],
    red: ["accounts.deleted-author-is-null"],
  },
  {
    id: "accounts-not-username-not-empty",
    what: "a username may be empty",
    patches: [
      patch(
        "server/systems/discodeit/domain/validation.ts",
        ".pipe(text.trim().min(limits.usernameMin)",
        ".pipe(text.trim().min(0)",
      ),
    ],
    red: ["accounts.username-not-empty"],
  },
  {
    id: "accounts-not-email-has-a-form",
    what: "any text is an e-mail address",
    patches: [
      patch(
        "server/systems/discodeit/domain/validation.ts",
        ".max(limits.emailMax).pipe(z.email());",
        ".max(limits.emailMax);",
      ),
    ],
    red: ["accounts.email-has-a-form"],
  },
  {
    id: "accounts-not-limits-are-exact",
    what: "a username may have one character more",
    patches: [
      patch(
        "server/systems/discodeit/domain/validation.ts",
        ".max(limits.usernameMax)",
        ".max(limits.usernameMax + 1)",
      ),
    ],
    red: ["accounts.limits-are-exact"],
  },
  {
    id: "accounts-not-duplicate-username",
    what: "a taken username is answered with some user",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        'if (constraint === "users_username" ||',
        'if (constraint?.startsWith("users_username")) return (await listUsers(core))[0]!; if (constraint === "users_username" ||',
      ),
    ],
    red: ["accounts.duplicate-username"],
  },
  {
    id: "accounts-not-duplicate-is-409",
    what: "a taken e-mail address is answered 400",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        'new Problem(409, "DUPLICATE_EMAIL"',
        'new Problem(400, "DUPLICATE_EMAIL"',
      ),
    ],
    red: ["accounts.duplicate-is-409"],
  },
  {
    id: "accounts-not-role-change-by-admin",
    what: "the answer to a role change holds the old role",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        "return core.payloads.user(after, online);",
        "return core.payloads.user(before, online);",
      ),
    ],
    red: ["accounts.role-change-by-admin"],
  },
  {
    id: "accounts-not-role-change-ends-logins",
    what: "a role change leaves the logins as they are",
    patches: [patch("server/systems/discodeit/domain/accounts.ts", "await endLogins(tx, userId);", "")],
    red: ["accounts.role-change-ends-logins"],
  },
  {
    id: "accounts-not-role-change-only-by-admin",
    what: "anybody may change roles",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        'if (!hasRole(principal.role, "ADMIN")) throw',
        'if (!hasRole(principal.role, "USER")) throw',
      ),
    ],
    red: ["accounts.role-change-only-by-admin"],
  },
  {
    id: "accounts-not-roles-are-a-hierarchy",
    what: "roles are no hierarchy",
    patches: [
      patch("server/systems/discodeit/domain/core.ts", "roles.indexOf(role) >= roles.indexOf(least)", "role === least"),
    ],
    red: ["accounts.roles-are-a-hierarchy"],
  },
  {
    id: "accounts-not-password-never-shown",
    what: "the answer to a sign-up holds the password's hash",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        "return { user: core.payloads.user(row, nobody), uploaded };",
        "return { user: { ...core.payloads.user(row, nobody), passwordHash: hash }, uploaded };",
      ),
    ],
    red: ["accounts.password-never-shown"],
  },
  {
    id: "accounts-role-change-untold",
    what: "a role change is told to nobody",
    patches: [
      patch(
        "server/systems/discodeit/domain/accounts.ts",
        'await tell(tx, core, "userUpdated", core.payloads.userEvent(after, online), "everyone");',
        "",
      ),
    ],
    red: ["accounts.role-change-sends-an-event"],
  },
];
