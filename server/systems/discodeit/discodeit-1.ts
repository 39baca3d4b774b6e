// Discodeit as the mission's text has it: its own event names, tokens as JSON strings, any number of logins.

import { openDiscodeit } from "./open.ts";
import type { OpenSystem } from "../system.ts";

export const open: OpenSystem = openDiscodeit({
  system: "discodeit-1",
  rules: { oneLoginPerUser: false, tokenCarriesTheUser: true, uploadFailureTo: "uploader" },
  credentials: "json",
  sessionBody: "token",
  hasMe: true,
  logoutStatus: 200,
  csrfBody: true,
});
