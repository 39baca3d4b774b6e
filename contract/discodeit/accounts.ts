// Users: sign-up, the list, changes, deletion, roles. Source: the Discodeit contract, "REST".

import type { Area } from "../clause.ts";

export const accounts = {
  "accounts.user-has-its-fields": {
    level: "MUST",
    text: "A UserDto has id, username, email, profile, online and role.",
    source: "REST, DTOs",
  },
  "accounts.sign-up-returns-the-user": {
    level: "MUST",
    text: "POST /api/users (multipart part userCreateRequest) answers 201 with a UserDto.",
    source: "REST, POST /api/users",
  },
  "accounts.sign-up-stores-the-profile": {
    level: "MUST",
    text: "A profile file sent at sign-up is stored and named in the UserDto.",
    source: "REST, POST /api/users",
  },
  "accounts.list-holds-the-user": {
    level: "MUST",
    text: "GET /api/users answers 200 with UserDtos, a new user among them.",
    source: "REST, GET /api/users",
  },
  "accounts.update-changes-the-user": {
    level: "MUST",
    text: "PATCH /api/users/{id} by the user itself answers 200 with the changed UserDto.",
    source: "REST, PATCH /api/users",
  },
  "accounts.update-takes-optional-fields": {
    level: "MUST",
    text: "Every field of userUpdateRequest may be left out; what is left out stays.",
    source: "REST, PATCH /api/users",
  },
  "accounts.update-to-the-same-value": {
    level: "SHOULD",
    text: "A user may change its name and e-mail to the values they have already.",
    source: "REST, validation",
  },
  "accounts.update-only-self": {
    level: "MUST",
    security: true,
    text: "PATCH of another user is refused without effect.",
    source: "REST, who may",
    negative: true,
  },
  "accounts.update-only-self-is-403": {
    level: "SHOULD",
    text: "PATCH of another user is answered 403.",
    source: "REST, who may",
    negative: true,
  },
  "accounts.delete-removes-the-user": {
    level: "MUST",
    text: "DELETE /api/users/{id} by the user itself answers 2xx; the user is gone from the list and its token is refused.",
    source: "REST, DELETE /api/users",
  },
  "accounts.delete-is-204": {
    level: "SHOULD",
    text: "DELETE /api/users/{id} answers 204.",
    source: "REST, DELETE /api/users",
  },
  "accounts.delete-only-self-or-admin": {
    level: "MUST",
    security: true,
    text: "DELETE of another user by a USER is refused without effect.",
    source: "REST, who may",
    negative: true,
  },
  "accounts.delete-by-admin": {
    level: "house",
    text: "An ADMIN may delete any user.",
    source: "REST, who may",
    needs: ["admin"],
  },
  "accounts.deleted-author-is-null": {
    level: "SHOULD",
    text: "A deleted user's messages stay, with author null.",
    source: "REST, who may",
  },
  "accounts.username-not-empty": {
    level: "MUST",
    text: "An empty username at sign-up is answered 4xx, and no user is made.",
    source: "REST, validation",
    negative: true,
  },
  "accounts.email-has-a-form": {
    level: "MUST",
    text: "A malformed e-mail at sign-up is answered 4xx, and no user is made.",
    source: "REST, validation",
    negative: true,
  },
  "accounts.limits-are-exact": {
    level: "house",
    text: "Username 3–50, e-mail up to 100, password 8–60 with a letter, a digit and one of !@#$%^&*: the limits are accepted, one beyond is answered 400 with field details.",
    source: "REST, validation",
    negative: true,
  },
  "accounts.duplicate-username": {
    level: "MUST",
    text: "A username that is taken is refused without effect.",
    source: "REST, validation",
    negative: true,
  },
  "accounts.duplicate-is-409": {
    level: "SHOULD",
    text: "A username or e-mail that is taken is answered 409.",
    source: "REST, validation",
    negative: true,
  },
  "accounts.role-change-by-admin": {
    level: "MUST",
    text: "PUT /api/auth/role by an ADMIN answers 200 with the UserDto in its new role.",
    source: "REST, PUT /api/auth/role",
    needs: ["admin"],
  },
  "accounts.role-change-ends-logins": {
    level: "MUST",
    text: "After a role change the user's access token is refused.",
    source: "REST, PUT /api/auth/role",
    needs: ["admin"],
  },
  "accounts.role-change-sends-an-event": {
    level: "MUST",
    text: "A role change is told to everyone as a user event.",
    source: "SSE, users",
    needs: ["admin"],
  },
  "accounts.role-change-only-by-admin": {
    level: "MUST",
    security: true,
    text: "PUT /api/auth/role by a USER is refused without effect.",
    source: "REST, PUT /api/auth/role",
    negative: true,
  },
  "accounts.roles-are-a-hierarchy": {
    level: "MUST",
    text: "An ADMIN may do what CHANNEL_MANAGER may: create a public channel.",
    source: "REST, roles",
    needs: ["admin"],
  },
  "accounts.password-never-shown": {
    level: "SHOULD",
    security: true,
    text: "No answer about a user holds its password or a hash of it.",
    source: "SEC-28",
  },
} as const satisfies Area<"accounts">;
