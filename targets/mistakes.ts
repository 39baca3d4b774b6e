// The common mistakes of the field, each as a server that makes it. A run must call each by its name
// (contract/diagnoses.ts). Mistakes that do not get in each other's way share a server, to save time.

import type { ClauseId } from "../contract/catalogue.ts";
import type { SystemName } from "../systems/discodeit/wire.ts";
import { patch, prepend } from "./faulty.ts";
import { mutants } from "./mutants.ts";
import type { Patch } from "./patch.ts";
import { secondPort } from "./second-port.ts";

export interface Mistake {
  /** The diagnosis that must be given, by its key. */
  diagnosis: string;
  /**
   * Where it must be given, and in which revision: discodeit-1 unless said otherwise. Both revisions share a server.
   */
  clause: ClauseId;
  system?: SystemName;
  patches: readonly Patch[];
}

export interface MistakenServer {
  mistakes: readonly Mistake[];
  environment?: Readonly<Record<string, string>>;
  /** Has a second port that is its second instance. */
  secondPort?: true;
}

const like = (id: string): readonly Patch[] => {
  const mutant = mutants.find((item) => item.id === id);
  if (mutant === undefined) throw new Error(`Cannot find mutant ${id}`);
  return mutant.patches;
};

const messages = "server/systems/discodeit/domain/messages.ts";
const enqueued = "await enqueue(tx, messageRecord(row, author.username, place, principal.userId, payload));";

const notifications = "server/systems/discodeit/domain/notifications.ts";
const listHead =
  "export async function listNotifications(core: EventSource, principal: Principal): Promise<unknown[]> {";

const hub = "server/sse/hub.ts";
const stream = "server/sse/stream.ts";
const resumes = "void stream.open(lastEventIdOf(request));";
const onSecondPort = "isDeaf(response.socket, Infinity)";

export const mistakenServers: readonly MistakenServer[] = [
  {
    mistakes: [
      { diagnosis: "oneInstance", clause: "fanout.events-cross", patches: secondPort(Infinity) },
      { diagnosis: "burstOrder", clause: "send.order-of-a-burst", patches: like("send-order-broken") },
      {
        diagnosis: "textPayload",
        clause: "subscribe.hears-the-channel",
        system: "discodeit-2",
        patches: [
          patch(
            messages,
            enqueued,
            enqueued
              .replace("messageRecord(", "{ ...messageRecord(")
              .replace("));", '), ...{ isText: core.name === "discodeit-2" } });'),
          ),
          patch(
            "server/stomp/broker.ts",
            "const body = Buffer.from(record.body);",
            'const isText = "isText" in record && record.isText === true && "content" in record;\n    const body = Buffer.from(isText ? String(record.content) : record.body);',
          ),
        ],
      },
    ],
    secondPort: true,
  },
  {
    mistakes: [
      {
        diagnosis: "keptByOne",
        clause: "fanout.replay-on-the-other-instance",
        patches: [
          ...secondPort(0),
          prepend(hub, 'import { isDeaf } from "../../targets/mutants/discodeit/modules/second-port.ts";'),
          patch(hub, resumes, `void stream.open(${onSecondPort} ? undefined : lastEventIdOf(request));`),
        ],
      },
      {
        diagnosis: "idsDiffer",
        clause: "fanout.event-ids-are-equal",
        patches: [
          patch(
            stream,
            "this.#response.write(entry.chunk);\n    if",
            `const own = ${onSecondPort.replace("response", "this.#response")};
    this.#response.write(own ? entry.chunk.toString().replace(/^id: ?.*$/m, "id: " + crypto.randomUUID()) : entry.chunk);
    if`,
          ),
        ],
      },
    ],
    secondPort: true,
  },
  {
    mistakes: [
      {
        diagnosis: "notKept",
        clause: "replay.exactly-the-missing",
        patches: [
          patch(hub, resumes, 'void stream.open(principal.username === "" ? lastEventIdOf(request) : undefined);'),
        ],
      },
      {
        diagnosis: "deadEmitters",
        clause: "messages.post-returns-the-message",
        patches: [
          prepend(hub, "export const dead: SseStream[] = [];"),
          patch(
            hub,
            "      this.#streams.delete(stream);\n",
            "      this.#streams.delete(stream);\n      dead.push(stream);\n",
          ),
          prepend(messages, 'import { dead } from "../../../sse/hub.ts";'),
          patch(
            messages,
            "    const { createdAt } = place;\n",
            `    const { createdAt } = place;
    if (dead.pop() !== undefined) throw new Error("the emitter has already completed");
`,
          ),
        ],
      },
    ],
  },
  {
    mistakes: [
      {
        diagnosis: "staleList",
        clause: "notifications.list-is-current",
        patches: like("notifications-list-of-the-first-look"),
      },
      {
        diagnosis: "replayedToOthers",
        clause: "replay.exactly-the-missing",
        patches: [
          prepend(stream, "const streams = new Set<SseStream>();"),
          patch(
            stream,
            "    this.principal = principal;\n",
            "    this.principal = principal;\n    streams.add(this);\n",
          ),
          patch(
            stream,
            "        this.#write(entry.chunk);\n",
            "        for (const other of streams) if (other !== this && other.principal.userId === this.principal.userId) other.#write(entry.chunk);\n",
          ),
        ],
      },
    ],
  },
  {
    mistakes: [
      {
        diagnosis: "eventName",
        clause: "notifications.event-to-the-receiver",
        patches: like("notifications-wrong-event-name"),
      },
      {
        diagnosis: "sockjsCsrf",
        clause: "csrf.spares-sockjs",
        patches: [
          patch(
            "server/sockjs/http.ts",
            "if (!this.#options.originAllowed(request))",
            'if (request.method === "POST" || !this.#options.originAllowed(request))',
          ),
        ],
      },
      {
        diagnosis: "seventhStream",
        clause: "sse.more-than-six-streams",
        patches: [patch("server/sse/hub.ts", "return this.#refuse(stream, response);", "return;")],
      },
      { diagnosis: "idIgnored", clause: "replay.by-header", patches: like("replay-header-ignored") },
      { diagnosis: "duplicate", clause: "subscribe.exactly-once", patches: like("subscribe-second-delivery") },
      { diagnosis: "endedToken", clause: "connect.with-an-ended-token", patches: like("connect-ended-token") },
      { diagnosis: "framesBeforeConnect", clause: "connect.first-frame", patches: like("connect-first-frame-stored") },
      { diagnosis: "replayOfOthers", clause: "replay.only-mine", patches: like("replay-of-others") },
      { diagnosis: "adminRefused", clause: "subscribe.as-admin", patches: like("subscribe-admin-refused") },
      {
        diagnosis: "privateLeak",
        clause: "subscribe.private-by-stranger",
        patches: like("subscribe-private-channel-leaks"),
      },
      {
        diagnosis: "outlivesLogin",
        clause: "login.connections-end-with-logout",
        patches: [patch("server/security/logins.ts", "return rows.map((row) => row.id);", "return [];")],
      },
      {
        diagnosis: "slashes",
        clause: "subscribe.hears-the-channel",
        system: "discodeit-2",
        patches: [
          patch(
            messages,
            enqueued,
            enqueued
              .replace("messageRecord(", "{ ...messageRecord(")
              .replace(
                "));",
                '), ...(core.name === "discodeit-2" && { destination: `/sub/channels/${row.channelId}/messages` }) });',
              ),
          ),
          patch(
            "server/systems/discodeit/domain/channels.ts",
            "if (destination === errorQueue) return true;",
            'if (destination === errorQueue || (core.name === "discodeit-2" && destination.startsWith("/sub/"))) return true;',
          ),
        ],
      },
    ],
    environment: { STREAMS_PER_USER_MAX: "6" },
  },
  {
    mistakes: [
      {
        diagnosis: "replaysEverything",
        clause: "replay.unknown-id-is-reported",
        patches: like("replay-unknown-id-replays-everything"),
      },
      { diagnosis: "anonymousConnect", clause: "connect.without-a-token", patches: like("connect-anonymous") },
      { diagnosis: "pattern", clause: "subscribe.patterns-are-refused", patches: like("subscribe-patterns-deliver") },
      {
        diagnosis: "singularSend",
        clause: "send.stores-and-delivers",
        patches: [
          patch(
            "server/systems/discodeit/realtime.ts",
            "if (destination !== sendDestination) throw",
            'if (destination !== (core.name === "discodeit-1" ? "/pub/message" : "/pub/pub/messages")) return undefined;\n        if (destination === undefined) throw',
          ),
        ],
      },
      // The other destination of the same patch.
      { diagnosis: "doubledPub", clause: "send.stores-and-delivers", system: "discodeit-2", patches: [] },
    ],
  },
  {
    mistakes: [
      {
        diagnosis: "guardedHandshake",
        clause: "connect.with-a-token",
        patches: [
          patch(
            "server/realtime/websocket.ts",
            "    server.handleUpgrade(request, socket, head, (webSocket) =>",
            `    if (request.headers.authorization === undefined) return refuse(socket, "401 Unauthorized", "");
    server.handleUpgrade(request, socket, head, (webSocket) =>`,
          ),
        ],
      },
      {
        diagnosis: "brokenCache",
        clause: "notifications.list-is-current",
        system: "discodeit-2",
        patches: [
          prepend(notifications, "const cached = new Set<string>();"),
          patch(
            notifications,
            listHead,
            `${listHead}
  if (cached.has(principal.userId)) throw new Error("Cannot read JSON: expected a type id");
  cached.add(principal.userId);`,
          ),
        ],
      },
    ],
  },
  {
    mistakes: [
      { diagnosis: "shutOut", clause: "witness.pages-are-let-in", patches: like("witness-every-page-is-shut-out") },
      { diagnosis: "refusedCookie", clause: "login.cookies-are-kept", patches: like("login-not-cookies-are-kept") },
    ],
  },
];
