// The verifier tested on servers that break a rule each, and on broken servers that prove nothing.

import { expect, test } from "vitest";
import { runMutants } from "../../cli/mutants/run.ts";
import { areas, type ClauseId } from "../../contract/catalogue.ts";
import { patch, type Mutant } from "../../targets/faulty.ts";
import { mutants } from "../../targets/mutants.ts";

/**
 * One mutant for each area, except for relay, fanout and proxy, which need a stack. `rollcall mutants` runs each of all
 * mutants alone; these do not get in each other's way and share a server, to save time.
 */
const chosenIds = [
  "accounts-not-sign-up-returns-the-user",
  "login-not-logout-clears-the-cookie",
  "csrf-not-token-status",
  "rest-not-request-id",
  "channels-not-public-is-created",
  "messages-post-is-200",
  "reads-not-updated",
  "files-not-download-headers",
  "notifications-not-mine-is-404",
  "connect-no-heart-beat-offer",
  "subscribe-plain-text",
  "send-without-destination",
  "messages-history-for-anybody",
  "frames-malformed-header-skipped",
  "sockjs-no-greeting",
  "sse-cached",
  "replay-query-wins",
  "presence-blind-to-stomp",
  "witness-info-sends-clients-away",
];
const chosenOfStudyRoom = [
  "handshake-cookies-half-as-long",
  "entrance-in-plain-words",
  "status-unknown-is-online",
  "membership-blank-is-said",
  "news-begins-with-ping",
  "actions-last-is-forgotten",
];
const chosenOfRedisChat = [
  "entry-token-of-hs256",
  "circles-named-after-one",
  "marks-read-by-anybody",
  "topics-history-newest-first",
];
const chosenOfGatewayChat = ["raw-echo", "aliases-timeless", "doors-any-room"];
const chosenOfSecureMode = ["guard-sender-from-the-body"];
const chosenOfBroker = [
  "versions-escaped-cr-in-all",
  "payload-empty-is-none",
  "acks-no-window",
  "transactions-begun-again",
  "queues-first-come",
  "tcp-lets-in",
  "strict-plain-receipts",
  "transports-nothing-allowed",
  "websocket-version-not-named",
];
const chosenOfStreams = ["lines-retry-in-seconds", "stream-latin-alone"];
/** What it breaks, replay rests on. */
const aloneId = "tabs-closing-one-stream-closes-all";

function inOneServer(ids: readonly string[]): Mutant {
  const chosen = mutants.filter(({ id }) => ids.includes(id));
  expect(chosen.length).toBe(ids.length);
  const { system } = chosen[0]!;
  return {
    id: `one-of-each-area-of-${system ?? "discodeit-1"}`,
    what: "",
    patches: chosen.flatMap(({ patches }) => patches),
    red: chosen.flatMap(({ red }) => red) as [ClauseId, ...ClauseId[]],
    ...(system !== undefined && { system }),
  };
}

const together = [
  chosenIds,
  chosenOfStudyRoom,
  chosenOfRedisChat,
  chosenOfGatewayChat,
  chosenOfSecureMode,
  chosenOfBroker,
  chosenOfStreams,
].map(inOneServer);
const servers = [...together, mutants.find(({ id }) => id === aloneId)!];

test.each(servers.map((server) => [server.id, server] as const))(
  "a server that breaks one rule of each area turns a clause of each red: %s",
  async (_, server) => {
    const [kill] = await runMutants([server], { jobs: 1, full: false });
    expect(kill).toMatchObject({ survived: [], because: "" });
  },
);

test("of each area a rule is broken, but for those of a stack", () => {
  const covered = servers.flatMap(({ red }) => red.map((id) => id.split(".")[0]));
  expect(Object.keys(areas).filter((area) => !covered.includes(area))).toEqual(["relay", "fanout", "proxy"]);
});

/** Turns its clause red, and many others, because it does not work at all. */
const failing: Mutant = {
  id: "calls-an-undeclared-function",
  what: "the notification's list answers 500: a patch calls what is not there",
  patches: [patch("server/systems/discodeit/routes/notifications.ts", "await listNotifications(", "undeclared(")],
  red: ["notifications.list-is-mine"],
};
const dead: Mutant = {
  id: "dies-when-it-starts",
  what: "the server ends before it listens",
  patches: [patch("server/main.ts", "let ending = false;\n", "let ending = false;\nprocess.exit(1);\n")],
  red: ["rest.request-id"],
};

test("a mutant that fails as code has killed nothing: it does not type-check, and, run nevertheless, it crashes", async () => {
  const [refused] = await runMutants([failing], { jobs: 1, full: false });
  expect(refused).toMatchObject({
    outcome: "does not type-check",
    red: [],
    survived: failing.red,
    because: expect.stringContaining("undeclared") as string,
  });
  const [forced] = await runMutants([failing], { jobs: 1, full: false, typeCheck: false });
  expect(forced).toMatchObject({
    outcome: "crashed",
    red: [],
    survived: failing.red,
    because: expect.stringContaining("ReferenceError: undeclared") as string,
  });
});

test("a mutant that does not start has killed nothing", async () => {
  const [kill] = await runMutants([dead], { jobs: 1, full: false, typeCheck: false });
  expect(kill).toMatchObject({ outcome: "did not start", red: [], survived: dead.red });
});
