// What does every rule of a chat system have in reach?

import { roles, type Role } from "../../../../systems/discodeit/wire.ts";
import type { FairGate } from "../../../security/fair-gate.ts";
import type { Passwords } from "../../../security/passwords.ts";
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

export interface Core extends SystemContext {
  rules: Rules;
  payloads: Payloads;
  passwords: Passwords;
  /** Who comes to log in is looked up here: many at once would keep the store from everybody else. */
  loginLookups: FairGate;
  tokens: AccessTokens;
  uploads: Uploads;
  /** The place of an address (places.ts). */
  placeOf(address: string): string;
}

/** ADMIN may what CHANNEL_MANAGER may, and so on. */
export const hasRole = (role: Role, least: Role): boolean => roles.indexOf(role) >= roles.indexOf(least);
