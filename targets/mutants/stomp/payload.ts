// Mutants of contract/stomp/payload.ts: brokers that mend, cut or drop what they hand on.

import { patch, type Mutant } from "../../faulty.ts";

const system = "stomp";
const desk = "server/stomp/desk.ts";
const codec = "server/stomp/codec.ts";
const subscription = "server/stomp/subscription.ts";
const forwarded = "[...headers].filter(([name]) => !notForwarded.has(name))";
const writing =
  "for (const [name, value] of headers) wire[escapeHeader(name, version)] = escapeHeader(value, version);";

export const payload: readonly Mutant[] = [
  {
    id: "payload-no-headers",
    what: "of a SEND's headers only the content-type goes on",
    system,
    patches: [patch(desk, forwarded, `${forwarded}.filter(([name]) => name === "content-type")`)],
    red: ["payload.headers-arrive"],
  },
  {
    id: "payload-half-escaped",
    what: "names of headers are not escaped, and line ends are spaces",
    system,
    patches: [
      patch(
        subscription,
        writing,
        'for (const [name, value] of headers)\n      wire[escapeHeader(name, version)] = escapeHeader(value.replaceAll("\\n", " "), version);',
      ),
    ],
    red: ["payload.escapes-in-headers"],
  },
  {
    id: "payload-empty-is-none",
    what: "a header without a value is dropped",
    system,
    patches: [patch(desk, forwarded, `${forwarded}.filter(([, value]) => value !== "")`)],
    red: ["payload.empty-header-arrives"],
  },
  {
    id: "payload-trimmed",
    what: "values of headers are trimmed",
    system,
    patches: [patch(codec, "const value = line.slice(colon + 1);", "const value = line.slice(colon + 1).trim();")],
    red: ["payload.headers-are-not-trimmed"],
  },
  {
    id: "payload-last-counts",
    what: "of repeated headers the last one counts",
    system,
    patches: [
      patch(
        codec,
        "if (!headers.has(decodedName)) headers",
        "if (!headers.has(decodedName) || plain !== undefined) headers",
      ),
    ],
    red: ["payload.first-of-repeated-counts"],
  },
  {
    id: "payload-trimmed-body",
    what: "line ends around a body are dropped",
    system,
    patches: [
      patch(desk, "body.copy(own);", 'own.fill(" ");\n    Buffer.from(body.toString("utf8").trim()).copy(own);'),
    ],
    red: ["payload.body-is-unchanged"],
  },
  {
    id: "payload-all-is-json",
    what: "every MESSAGE says that it is JSON",
    system,
    patches: [
      patch(
        subscription,
        'wire["content-length"] =',
        'wire["content-type"] = "application/json";\n    wire["content-length"] =',
      ),
    ],
    red: ["payload.content-type-passes"],
  },
  {
    id: "payload-labels-of-the-sender",
    what: "a message-id in a SEND is its MESSAGE's",
    system,
    patches: [patch(desk, "content-length message-id subscription ack", "content-length subscription ack")],
    red: ["payload.labels-are-the-servers"],
  },
  {
    id: "payload-any-case",
    what: "destinations have no case",
    system,
    patches: [
      patch(
        "server/stomp/exchange.ts",
        "this.#topics.get(destination) ?? [])",
        "this.#topics.get(destination.toLowerCase()) ?? [])",
      ),
    ],
    red: ["payload.near-misses-hear-nothing"],
  },
];
