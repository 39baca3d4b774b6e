// What does every rule of a system that signs people up itself have in reach?

import type { LoginGuard } from "../security/logins.ts";
import type { AccessTokens } from "../security/tokens.ts";
import type { SystemContext } from "./system.ts";

export interface Core extends SystemContext, Omit<LoginGuard, "store"> {
  tokens: AccessTokens;
}
