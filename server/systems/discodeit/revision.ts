// In what do the revisions of Discodeit differ, beyond names (systems/discodeit/wire.ts)? As data; everything else is shared.
// Source: the Discodeit contract, the table of revisions.

import type { SystemName } from "../../../systems/discodeit/wire.ts";
import type { Rules } from "./domain/core.ts";

export interface Revision {
  system: SystemName;
  rules: Rules;
  /** How POST /api/auth/login takes the credentials. */
  credentials: "json" | "form";
  /** What login and refresh answer: the access token as a JSON string, or the JwtDto {userDto, accessToken}. */
  sessionBody: "token" | "jwt-dto";
  /** Whether GET /api/auth/me gives an access token for the refresh cookie. */
  hasMe: boolean;
  logoutStatus: number;
  /** Whether GET /api/auth/csrf-token answers 200 with the token, or 203 without a body. */
  csrfBody: boolean;
}
