// How does the realtime layer reach the domain? A SEND obeys the same rules as POST /api/messages; a rule that says no
// becomes the ErrorResponse that the sender finds on its error queue.

import { applicationPrefix, pingEvent, sendDestination, stompEndpoint } from "../../../systems/discodeit/wire.ts";
import { announceOnline } from "./domain/accounts.ts";
import { mayReadNow, maySubscribe } from "./domain/channels.ts";
import type { Core } from "./domain/core.ts";
import { authenticate, whyRefused } from "./domain/logins.ts";
import { postMessage } from "./domain/messages.ts";
import { notifyOfMessage } from "./domain/notifications.ts";
import { Problem } from "./domain/problem.ts";
import { messageSchema, parse } from "./domain/validation.ts";
import type { RealtimePorts } from "../../realtime/ports.ts";
import { endedLogins } from "../../security/logins.ts";
import { parseJson } from "./routes/body.ts";
import { problemOf } from "./routes/errors.ts";

export function realtimePorts(core: Core): RealtimePorts {
  return {
    profile: {
      endpoint: stompEndpoint,
      sockJs: true,
      applicationPrefix,
      greeting: { name: pingEvent, data: "{}" },
    },
    authenticate: (accessToken) => authenticate(core, accessToken),
    noteRefusedConnect(accessToken, from) {
      const note = (why: string): void => core.trace.refused({ kind: "connect", from, what: "CONNECT", why });
      if (accessToken === undefined) return note("no token");
      whyRefused(core, accessToken).then(note, core.onFault);
    },
    endedLogins: (loginIds) => endedLogins(core.store, loginIds),
    async maySubscribe(principal, destination) {
      const may = await maySubscribe(core, principal, destination);
      if (!may) core.trace.refused({ kind: "access", who: principal.username, what: `SUBSCRIBE ${destination}` });
      return may;
    },
    mayReadNow: (principal, event) => mayReadNow(core, principal, event),
    announceOnline: (userId, online) => announceOnline(core, userId, online),
    notifyOfMessage: (record) => notifyOfMessage(core, record),
    async send(principal, destination, body) {
      try {
        if (destination !== sendDestination)
          throw new Problem(404, "DESTINATION_NOT_FOUND", `Cannot send to "${destination}": nothing listens there`);
        await postMessage(core, principal, parse(messageSchema, parseJson(body)), []);
        return undefined;
      } catch (error) {
        const problem = problemOf(error);
        if (problem.status === 403)
          core.trace.refused({
            kind: "access",
            who: principal.username,
            what: `SEND ${destination}`,
            why: problem.message,
          });
        if (problem.status < 500) return problem.response();
        throw error;
      }
    },
  };
}
