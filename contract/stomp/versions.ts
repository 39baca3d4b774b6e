// STOMP 1.0, 1.1 and 1.2: which is spoken, and what differs. Source: STOMP 1.0–1.2; obligations STS, STF.

import type { Area } from "../clause.ts";

export const versions = {
  "versions.each-alone": {
    level: "MUST",
    text: "CONNECT with one version alone is answered by one CONNECTED with that version, or by ERROR.",
    source: "STS-01",
  },
  "versions.none-is-the-oldest": {
    level: "MUST",
    text: "CONNECT without accept-version is answered by CONNECTED as for 1.0, or by ERROR.",
    source: "STS-04",
  },
  "versions.oldest-has-no-escapes": {
    level: "MUST",
    text: "In a session of 1.0 a backslash in a header is a backslash.",
    source: "STF-09",
  },
  "versions.escaped-cr-is-of-1-2": {
    level: "MUST",
    text: "In a session of 1.1 the escape of a carriage return is undefined: it gets ERROR.",
    source: "STF-09",
    negative: true,
  },
  "versions.oldest-needs-no-id": {
    level: "house",
    text: "A session of 1.0 may subscribe without an id, and unsubscribe by destination.",
    source: "SUB-02",
    negative: true,
  },
} as const satisfies Area<"versions">;
