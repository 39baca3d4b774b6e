// What does every rule of a chat system have in reach?

import { roles, type Role } from "../../../../systems/discodeit/wire.ts";
import type { LoginGuard } from "../../../security/logins.ts";
import type { AccessTokens } from "../../../security/tokens.ts";
import type { SystemContext } from "../../system.ts";
import type { Payloads } from "./payloads.ts";
import type { UploadRules, Uploads } from "./uploads.ts";

export interface Rules extends UploadRules {
  /** A second login ends the first. */
  oneLoginPerUser: boolean;
  /** The access token has the claim `userDto`: the client has no other way to know the user. */
  tokenCarriesTheUser: boolean;
}

export interface Core extends SystemContext, Omit<LoginGuard, "store"> {
  rules: Rules;
  payloads: Payloads;
  tokens: AccessTokens;
  uploads: Uploads;
}

/** ADMIN may what CHANNEL_MANAGER may, and so on. */
export const hasRole = (role: Role, least: Role): boolean => roles.indexOf(role) >= roles.indexOf(least);
