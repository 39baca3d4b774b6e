// Servers that lack an endpoint, or refuse everybody: a proof that rests on a refusal must not hold there, or it would
// be a green test that is empty.

import { describe, expect, test } from "vitest";
import { areas, catalogue, clausesOf, owes, type AreaName, type ClauseId } from "../../contract/catalogue.ts";
import type { Capability } from "../../contract/clause.ts";
import { demoAdmin } from "../../systems/discodeit/wire.ts";
import { patch, startFaulty, swap, type Fault } from "../../targets/faulty.ts";
import { runContract } from "../../runner/run.ts";
import { discodeitSystems } from "../../systems/discodeit/definition.ts";

interface Lacking extends Pick<Fault, "patches" | "environment"> {
  what: string;
  clauses: readonly ClauseId[];
}

const system = "discodeit-1";
const clausesIn = (...names: AreaName[]): ClauseId[] =>
  names.flatMap((name) => Object.keys(areas[name]) as ClauseId[]).filter((id) => owes(system, id));
const isNegative = (id: ClauseId): boolean => catalogue[id].negative === true;
const except = (ids: readonly ClauseId[], ...others: ClauseId[]): ClauseId[] =>
  ids.filter((id) => !others.includes(id));

const without = (what: string, endpoints: string, status: number, clauses: readonly ClauseId[]): Lacking => ({
  what: `${what}, but ${status}`,
  patches: [swap("server/http.ts", "without-endpoints.ts")],
  environment: { WITHOUT: endpoints, WITHOUT_STATUS: String(status) },
  clauses,
});

/** All but what a run needs to be set up: sign-up, login, private channels, POST of messages, STOMP. */
const mostOfRest = [
  "(GET|PATCH|DELETE) /api/messages",
  "\\w+ /api/(readStatuses|notifications|binaryContents)",
  "(GET|PATCH|DELETE) /api/channels",
  "POST /api/channels/public",
  "(PATCH|DELETE) /api/users",
  "\\w+ /api/auth/(role|refresh|me|logout)",
];
const refusalsOfRest = except(
  clausesIn("accounts", "login", "rest", "channels", "messages", "reads", "files", "notifications").filter(isNegative),
  // They rest on what is there.
  "accounts.username-not-empty",
  "accounts.email-has-a-form",
  "accounts.limits-are-exact",
  "accounts.duplicate-username",
  "accounts.duplicate-is-409",
  "login.wrong-password-is-refused",
  "login.no-token-is-401",
  "login.bad-token-is-401",
  "login.refresh-token-is-no-access-token",
  "channels.private-needs-two",
  "channels.private-includes-the-caller",
  "channels.private-names-each-once",
  "messages.content-limit",
  "files.upload-event-to-nobody-else",
  "notifications.event-to-nobody-else",
  // It judges the answers, whatever they are.
  "rest.errors-reveal-nothing",
  "rest.errors-have-one-shape",
);
const refusalsOfPosts = [
  "messages.blank-is-refused",
  "messages.content-limit",
  "messages.author-is-the-caller",
  "messages.private-post-by-stranger",
] as const;

const lacking: readonly Lacking[] = [
  ...[404, 401].map((status) => without("no event streams", "^(GET|HEAD|POST) /api/sse", status, clausesIn("sse"))),
  without(
    "no SockJS beside WebSockets",
    "^(GET|POST|PUT) /ws",
    404,
    except(
      clausesIn("sockjs"),
      "sockjs.raw-websocket",
      "sockjs.native-websocket",
      "sockjs.subprotocol",
      "sockjs.over-websocket",
      "sockjs.heart-beats-are-borne",
      "sockjs.heart-beats-flow",
    ),
  ),
  ...[400, 401, 403, 404].map((status) =>
    without("few REST endpoints", `^(${mostOfRest.join("|")})`, status, refusalsOfRest),
  ),
  ...[400, 403, 404].map((status) => without("no posts", "^POST /api/messages", status, refusalsOfPosts)),
  without("no WebSockets", "^UPGRADE /ws", 404, clausesIn("connect")),
  {
    what: "no CONNECT is accepted",
    patches: [
      patch(
        "server/stomp/session.ts",
        'if (this.#state === "connected") throw new Refusal("Already connected");',
        'if (headers !== undefined) throw new Refusal("Authentication required");',
      ),
    ],
    clauses: [...clausesIn("connect"), "sockjs.refusal-closes"],
  },
];

describe.concurrent("no proof holds where there is nothing to refuse", () => {
  test.each(lacking.map((server) => [server.what, server] as const))(
    "%s",
    async (_, { patches, environment, clauses }) => {
      await using server = await startFaulty({ patches, ...(environment !== undefined && { environment }) });
      const target = {
        name: "lacking",
        system: discodeitSystems[system],
        instances: [server.urls[system]],
        capabilities: new Set<Capability>(["admin"]),
        admin: demoAdmin,
        throwAway: true,
      } as const;
      const result = await runContract({ target, only: clauses, house: true, timeoutMs: 2_000 });
      // Owners of steps run beside those that were asked for.
      const verdicts = result.verdicts.filter(({ id }) => clauses.includes(id as ClauseId));
      expect(verdicts.map(({ id }) => id)).toEqual(clausesOf(system).filter((id) => clauses.includes(id)));
      expect(verdicts.filter(({ kind }) => kind === "pass").map(({ id }) => id)).toEqual([]);
      expect(await server.end()).toBeUndefined();
    },
  );
});
