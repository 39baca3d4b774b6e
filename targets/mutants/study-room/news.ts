// Mutants of contract/study-room/news.ts: servers that notify the wrong people, or nobody.

import { patch, type Mutant } from "../../faulty.ts";

const system = "study-room";
const routes = "server/systems/study-room/routes/routes.ts";
const realtime = "server/systems/study-room/realtime.ts";
const rooms = "server/systems/study-room/domain/rooms.ts";
const facts = "server/systems/study-room/domain/facts.ts";
const hub = "server/sse/hub.ts";
const told = "await roomNews(tx, { type, roomId, actor, message: textOf(actor.nickname) })";
const toNobody = (type: string): string => `{ ...(${told}), ...(type === "${type}" && { receivers: [] }) }`;

export const news: readonly Mutant[] = [
  {
    id: "news-for-strangers",
    what: "who has no cookie gets a stream",
    system,
    patches: [
      patch(
        routes,
        "open: authRoutes(core),",
        `open: authRoutes(core).get("/notifications/subscribe", (request, response, next) => {
      if (tokenOf(request) !== undefined) return next();
      response.locals["principal"] = { userId: "0", username: "", role: "USER", loginId: "00000000-0000-0000-0000-000000000000" };
      return events(request, response, next);
    }),`,
      ),
    ],
    red: ["news.needs-a-login"],
  },
  {
    id: "news-begins-with-ping",
    what: "the first event is ping",
    system,
    patches: [patch(realtime, "greeting: connectedEvent,", 'greeting: { ...connectedEvent, name: "ping" },')],
    red: ["news.connected-comes-first"],
  },
  {
    id: "news-not-of-joins",
    what: "nobody is notified of a join",
    system,
    patches: [patch(rooms, told, toNobody("USER_JOIN"))],
    red: ["news.of-a-join"],
  },
  {
    id: "news-not-of-leaves",
    what: "nobody is notified of a leave",
    system,
    patches: [patch(rooms, told, toNobody("USER_LEAVE"))],
    red: ["news.of-a-leave"],
  },
  {
    id: "news-to-the-actor",
    what: "the actor is notified, too",
    system,
    patches: [patch(facts, "AND user_id <> $2", "AND $2::bigint IS NOT NULL")],
    red: ["news.of-a-message"],
  },
  {
    id: "news-to-everyone",
    what: "everyone is notified of messages",
    system,
    patches: [
      patch(
        facts,
        "newEvent(notificationEvent, data, receivers,",
        'newEvent(notificationEvent, data, type === "CHAT_MESSAGE" ? "everyone" : receivers,',
      ),
    ],
    red: ["news.not-to-strangers"],
  },
  {
    id: "news-end-with-one-stream",
    what: "when a stream of a user breaks off, its other streams fall silent",
    system,
    patches: [
      patch(hub, "#draining = false;", "#draining = false;\n  readonly #broken = new WeakSet<SseStream>();"),
      patch(
        hub,
        "this.#streams.delete(stream);",
        "this.#streams.delete(stream);\n      for (const one of this.#streams) if (one.principal.userId === principal.userId) this.#broken.add(one);",
      ),
      patch(
        hub,
        "if (stream.publish(entry)) count += 1;",
        "if (!this.#broken.has(stream) && stream.publish(entry)) count += 1;",
      ),
    ],
    red: ["news.dead-reader-stops-nobody"],
  },
  {
    id: "news-streams-counted-for-ever",
    what: "streams that broke off are counted",
    system,
    patches: [patch(hub, "this.#host.dismiss(stream, principal);", "")],
    red: ["news.streams-are-counted"],
  },
];
