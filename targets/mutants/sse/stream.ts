// Mutants of contract/sse/stream.ts.

import { patch, prepend, type Mutant } from "../../faulty.ts";

const system = "sse";
const routes = "server/systems/sse/routes.ts";
const streams = "server/systems/sse/streams.ts";
const hub = "server/sse/hub.ts";
const log = "server/sse/replay-log.ts";
const live = "server/sse/stream.ts";
const recorded = "name: event, data, receivers";
const inLines = 'data.replaceAll(/\\r\\n|\\r|\\n/g, "\\ndata: ")';

export const stream: readonly Mutant[] = [
  {
    id: "stream-published-twice",
    what: "what is published comes twice, with two ids",
    system,
    patches: [
      patch(
        routes,
        "await core.bus.publish([publicationOf({ ...record, stream: nameIn(request) })]).catch(isAway);",
        "for (const one of [record, { ...record, id: newId() }]) await core.bus.publish([publicationOf({ ...one, stream: nameIn(request) })]);",
      ),
    ],
    red: ["stream.published-is-heard"],
  },
  {
    id: "stream-ids-per-reader",
    what: "every reader gets an event with an id of its own",
    system,
    patches: [
      patch(
        live,
        "    this.#response.write(entry.chunk);\n",
        "    this.#response.write(eventChunk(entry.record.name, entry.record.data, crypto.randomUUID()));\n",
      ),
    ],
    red: ["stream.readers-agree"],
  },
  {
    id: "stream-latin-alone",
    what: "of each character one octet is kept",
    system,
    patches: [patch(routes, recorded, 'name: event, data: Buffer.from(data, "latin1").toString("latin1"), receivers')],
    red: ["stream.any-text"],
  },
  {
    id: "stream-one-line",
    what: "line ends in data become spaces",
    system,
    patches: [patch(log, inLines, 'data.replaceAll(/\\r\\n|\\r|\\n/g, " ")')],
    red: ["stream.several-lines"],
  },
  {
    id: "stream-no-space-after-colon",
    what: "data is written right behind the colon, so that clients take a space of its own away",
    system,
    patches: [patch(log, `data: \${${inLines}}`, `data:\${${inLines}}`)],
    red: ["stream.leading-space"],
  },
  {
    id: "stream-raw-data",
    what: "data is written as it is, whatever line ends are in it",
    system,
    patches: [patch(log, inLines, "data")],
    red: ["stream.content-makes-no-event", "stream.several-lines"],
  },
  {
    id: "stream-short-events",
    what: "of large data the first 32 KiB are kept",
    system,
    patches: [patch(routes, recorded, "name: event, data: data.slice(0, 32 * 1024), receivers")],
    red: ["stream.large-event-is-whole"],
  },
  {
    id: "stream-held-by-a-compressor",
    what: "a compressor holds events back until it has enough of them",
    system,
    patches: [
      prepend(streams, 'import { holdBack } from "../../../targets/mutants/sse/modules/held-gzip.ts";'),
      patch(
        streams,
        "return hub.handler(request, response, next);",
        "holdBack(request, response);\n    return hub.handler(request, response, next);",
      ),
    ],
    red: ["stream.compressed-comes-at-once"],
  },
  {
    id: "stream-with-a-length",
    what: "a stream says that it is a gigabyte long",
    system,
    patches: [
      patch(hub, '"X-Accel-Buffering": "no",', '"X-Accel-Buffering": "no",\n      "Content-Length": "1000000000",'),
    ],
    red: ["stream.no-length"],
  },
  {
    id: "stream-unknown-id-is-404",
    what: "an unknown last id is answered 404",
    system,
    patches: [
      patch(
        hub,
        '    if (request.method === "HEAD")',
        '    const last = lastEventIdOf(request);\n    if (last !== undefined && this.log.positionOf(last) === undefined)\n      return void response.status(404).end();\n    if (request.method === "HEAD")',
      ),
    ],
    red: ["stream.unknown-id-is-no-error"],
  },
  {
    id: "stream-head-hangs",
    what: "HEAD is not answered",
    system,
    patches: [
      patch(
        hub,
        'if (request.method === "HEAD") return void response.end();',
        'if (request.method === "HEAD") return;',
      ),
    ],
    red: ["stream.head-is-answered"],
  },
  {
    id: "stream-options-hang",
    what: "OPTIONS is not answered",
    system,
    patches: [
      patch(
        routes,
        'router.options(path, (_, response) => void response.set("Allow", methods).status(204).end());',
        "router.options(path, () => undefined);",
      ),
    ],
    red: ["stream.options-are-answered"],
  },
  {
    id: "stream-takes-patches",
    what: "PATCH is answered 204",
    system,
    patches: [
      patch(
        routes,
        "  router.all(path, (_, response) => {",
        "  router.patch(path, (_, response) => void response.status(204).end());\n  router.all(path, (_, response) => {",
      ),
    ],
    red: ["stream.other-methods-are-refused"],
  },
  {
    id: "stream-json-is-a-fault",
    what: "who accepts JSON alone is answered 500",
    system,
    patches: [patch(routes, 'new Problem(406, "NOT_ACCEPTABLE"', 'new Problem(500, "NOT_ACCEPTABLE"')],
    red: ["stream.other-types-are-no-fault", "stream.other-types-are-406"],
  },
  {
    id: "stream-for-readers-of-json",
    what: "who accepts JSON alone gets a stream",
    system,
    patches: [patch(routes, 'if (request.accepts("text/event-stream") === false)', 'if (request.method === "")')],
    red: ["stream.other-types-are-406"],
  },
  {
    id: "stream-without-retry",
    what: "a stream does not say when clients shall come back",
    system,
    patches: [patch(streams, "`retry: ${retryMs}\\n\\n: open\\n\\n`", "`: open, and not ${retryMs}\\n\\n`")],
    red: ["stream.begins-with-retry"],
  },
  {
    id: "stream-anybody-publishes",
    what: "publishing needs no token",
    system,
    patches: [
      patch(
        routes,
        "const principal = tokens.read(bearerOf(request));",
        'const anybody = { userId: "x", username: "x", role: "USER", loginId: "x" } as const;\n    const principal = tokens.read(bearerOf(request)) ?? (request.method === "POST" ? anybody : undefined);',
      ),
    ],
    red: ["stream.publishing-needs-the-token"],
  },
];
