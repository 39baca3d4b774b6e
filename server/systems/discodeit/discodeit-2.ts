// Discodeit as most public servers speak it: events with whole DTOs, a JwtDto at login, one login per user.

import { openDiscodeit } from "./open.ts";
import type { OpenSystem } from "../system.ts";

export const open: OpenSystem = openDiscodeit({
  system: "discodeit-2",
  rules: { oneLoginPerUser: true, tokenCarriesTheUser: false, uploadFailureTo: "admins" },
  credentials: "form",
  sessionBody: "jwt-dto",
  hasMe: false,
  logoutStatus: 204,
  csrfBody: false,
});
