// Mutants of contract/shared/fanout.ts and contract/shared/proxy.ts: two instances that do not act as one, and proxies in their way.
// Each needs a stack.

import { patch, prepend, swap, type Mutant } from "../../faulty.ts";

const bus = "server/bus/kafka-bus.ts";
const relay = "server/bus/outbox-relay.ts";
const logins = "server/systems/discodeit/domain/logins.ts";
const messages = "server/systems/discodeit/domain/messages.ts";
const instance = 'process.env["INSTANCE"]';
const stack = true;
/** A record says which instance made it. */
const madeHere = `...{ madeBy: ${instance} }`;

export const fanout: readonly Mutant[] = [
  {
    id: "fanout-one-group",
    what: "both instances follow the messages as one group: each channel's are heard on one instance only",
    stack,
    patches: [swap(bus, "kafka-one-group.ts")],
    red: ["fanout.stomp-crosses"],
  },
  {
    id: "fanout-posts-stay",
    what: "a message that was posted is delivered by the instance that took it, and by no other; one that was sent by all",
    stack,
    patches: [
      patch(
        "server/systems/discodeit/realtime.ts",
        "await postMessage(core, principal, parse(",
        "await postMessage(core, { ...principal, ...{ isSent: true } }, parse(",
      ),
      patch(
        messages,
        "await enqueue(tx, messageRecord(row, author.username, place, principal.userId, payload));",
        `await enqueue(tx, {
      ...messageRecord(row, author.username, place, principal.userId, payload),
      ...("isSent" in principal ? {} : { madeBy: ${instance} }),
    });`,
      ),
      swap(bus, "kafka-own-events.ts"),
    ],
    red: ["fanout.rest-crosses"],
  },
  {
    id: "fanout-events-stay",
    what: "an event is told by the instance that made it, and by no other",
    stack,
    patches: [
      patch("server/bus/new-records.ts", '  topic: "events",\n', `  topic: "events",\n  ${madeHere},\n`),
      swap(bus, "kafka-own-events.ts"),
    ],
    red: ["fanout.events-cross"],
  },
  {
    id: "fanout-ids-per-instance",
    what: "each instance gives an event an id of its own",
    stack,
    patches: [swap("server/sse/replay-log.ts", "replay-ids-per-instance.ts")],
    red: ["fanout.event-ids-are-equal", "fanout.replay-on-the-other-instance"],
  },
  {
    id: "fanout-notified-by-each",
    what: "each instance makes the notifications of a message",
    stack,
    patches: [
      patch(bus, "group: `${prefix}.${group}`,", `group: \`\${prefix}.\${group}.\${${instance}}\`,`),
      patch("server/systems/discodeit/domain/notifications.ts", "cause: record.id,", "cause: newId(),"),
    ],
    red: ["fanout.notifications-once"],
  },
  {
    id: "fanout-keys-in-memory",
    what: "each instance signs its tokens with a key of its own",
    stack,
    patches: [
      prepend("server/systems/discodeit/open.ts", 'import { randomBytes } from "node:crypto";'),
      patch("server/systems/discodeit/open.ts", "new AccessTokens(key,", "new AccessTokens(randomBytes(32),"),
    ],
    red: ["fanout.tokens-are-good-on-all"],
  },
  {
    id: "fanout-logins-cached",
    what: "an instance that has seen a login believes in it for ever",
    stack,
    patches: [swap(logins, "logins-cached.ts")],
    red: ["fanout.logout-reaches-all"],
  },
  {
    id: "fanout-connections-elsewhere-stay",
    what: "a logout ends the connections of one instance only",
    stack,
    patches: [
      patch(
        "server/security/logins.ts",
        "return rows.map((row) => row.id);",
        `return ${instance} === "server-1" ? rows.map((row) => row.id) : [];`,
      ),
    ],
    red: ["fanout.logout-ends-connections-elsewhere"],
  },
  {
    id: "fanout-own-messages-first",
    what: "an instance delivers its own messages at once, those of the other a little later",
    stack,
    patches: [
      patch(messages, '    topic: "messages",\n', `    topic: "messages",\n    ${madeHere},\n`),
      swap(bus, "kafka-own-messages-first.ts"),
    ],
    red: ["fanout.order-across-instances"],
  },
  {
    id: "fanout-presence-in-memory",
    what: "an instance knows of its own connections only",
    stack,
    patches: [
      patch(
        "server/instance.ts",
        "new PresenceTracker(redisPresence ?? new LocalPresence(), onFault)",
        "new PresenceTracker(new LocalPresence(), onFault)",
      ),
    ],
    red: ["fanout.presence-crosses"],
  },
  {
    id: "fanout-key-of-the-record",
    what: "a message's key on the topic is its own id",
    stack,
    patches: [patch("server/bus/records.ts", "key: recordKey(record),", "key: record.id,")],
    red: ["fanout.one-record-per-message"],
  },
  {
    id: "fanout-published-by-each",
    what: "each message is put on the topic twice",
    stack,
    patches: [
      patch(
        bus,
        "const messages = records.map((",
        "const messages = records.flatMap((record) => [record, record]).map((",
      ),
    ],
    red: ["fanout.one-record-per-message"],
  },
  {
    id: "fanout-topic-out-of-order",
    what: "what waits for publication goes last in, first out",
    stack,
    patches: [
      patch(relay, "      await this.#bus.publish(inOrder);", "      await this.#bus.publish(inOrder.toReversed());"),
      patch(
        relay,
        "        if (await this.#drainBatch())",
        "        await wait(100);\n        if (await this.#drainBatch())",
      ),
    ],
    red: ["fanout.topic-order-is-history"],
  },
  {
    id: "fanout-published-then-refused",
    what: "the length of a message is checked after its publication",
    stack,
    patches: [
      patch(
        "server/systems/discodeit/domain/validation.ts",
        "const content = text.max(limits.contentMax);",
        "const content = text;",
      ),
      patch(
        messages,
        "  return dto;\n",
        '  if (content.length > 2_000) throw invalid({ content: "is too long" });\n  return dto;\n',
      ),
    ],
    red: ["fanout.refused-is-not-published"],
  },
];

const locations = "deploy/nginx/locations.conf";
const template = "deploy/nginx/nginx.conf.template";

export const proxy: readonly Mutant[] = [
  {
    id: "proxy-nameless-errors",
    what: "errors do not say which instance answered",
    stack,
    patches: [
      patch(
        locations,
        "add_header X-Upstream-Server $upstream_name always;",
        "add_header X-Upstream-Server $upstream_name;",
      ),
    ],
    red: ["proxy.names-the-upstream"],
  },
  {
    id: "proxy-one-instance",
    what: "all requests go to one instance",
    stack,
    patches: [
      patch(
        template,
        "    server @SERVER_2@:8080 weight=@WEIGHT_2@ max_fails=0;",
        "    server @SERVER_2@:8080 backup;",
      ),
    ],
    red: ["proxy.spreads-the-load"],
  },
  {
    id: "proxy-no-upgrade",
    what: "upgrade headers are not passed on",
    stack,
    patches: [
      patch(
        locations,
        "proxy_set_header Upgrade $http_upgrade;\nproxy_set_header Connection $connection_header;",
        'proxy_set_header Connection "";',
      ),
    ],
    red: ["proxy.websocket-passes"],
  },
  {
    id: "proxy-buffers-events",
    what: "event streams are buffered",
    stack,
    // What comes in chunks passes a buffering Nginx at once: HTTP/1.0 has none.
    patches: [
      patch(
        locations,
        "  proxy_buffering off;\n  proxy_cache off;\n  proxy_read_timeout 1h;\n  proxy_send_timeout 1h;\n  error_page",
        "  proxy_http_version 1.0;\n  proxy_ignore_headers X-Accel-Buffering;\n  proxy_read_timeout 1h;\n  proxy_send_timeout 1h;\n  error_page",
      ),
    ],
    red: ["proxy.sse-is-not-buffered"],
  },
  {
    id: "proxy-sessions-move",
    what: "the requests of a SockJS session go to either instance",
    stack,
    patches: [patch(locations, "proxy_pass http://$system-sessions;", "proxy_pass http://$system;")],
    red: ["proxy.sockjs-stays"],
  },
  {
    id: "proxy-page-for-everything",
    what: "unknown paths below /api give the web page",
    stack,
    patches: [
      patch(
        locations,
        "location /api/ { proxy_pass http://$system; }",
        "location /api/ {\n  proxy_pass http://$system;\n  proxy_intercept_errors on;\n  error_page 401 404 =200 /index.html;\n}",
      ),
    ],
    red: ["proxy.page-falls-back"],
  },
  {
    id: "proxy-no-fall-back",
    what: "unknown paths are answered 404",
    stack,
    patches: [patch(locations, "try_files $uri /index.html;", "try_files $uri $uri/index.html =404;")],
    red: ["proxy.page-falls-back"],
  },
];
