// Mutants of contract/stomp/strict.ts: brokers that read a frame as they like, and say what they should not.

import { patch, type Mutant } from "../../faulty.ts";

const system = "stomp";
const codec = "server/stomp/codec.ts";
const session = "server/stomp/session.ts";

export const strict: readonly Mutant[] = [
  {
    id: "strict-longer-bodies",
    what: "what stands behind the end of a body is the next frame, with a NUL between them or without",
    system,
    patches: [
      patch(
        codec,
        '      if (this.#bytes[end] !== 0) throw this.#error("No NUL after the body that content-length announces");',
        "      if (this.#bytes[end] !== 0) return end - 1;",
      ),
    ],
    red: ["strict.body-ends-where-it-says"],
  },
  {
    id: "strict-subscribe-has-no-body",
    what: "behind the headers of a SUBSCRIBE comes the next frame",
    system,
    patches: [
      patch(
        codec,
        "    const limit = this.#start + frameBytesMax + 1;",
        [
          '    const isNext = this.#command === "SUBSCRIBE" && this.#bodyStart < this.#end;',
          "    if (isNext && this.#bytes[this.#bodyStart] !== 0) return this.#bodyStart - 1;",
          "    const limit = this.#start + frameBytesMax + 1;",
        ].join("\n"),
      ),
    ],
    red: ["strict.body-is-no-frame"],
  },
  {
    id: "strict-plain-receipts",
    what: "the id of a receipt is not escaped",
    system,
    patches: [
      patch(session, '{ "receipt-id": escapeHeader(receipt, this.#version) });', '{ "receipt-id": receipt });'),
    ],
    red: ["strict.receipts-are-escaped"],
  },
  {
    id: "strict-slow-farewell",
    what: "after DISCONNECT the session goes on for a moment",
    system,
    patches: [
      patch(
        session,
        '        return this.#end(closeCodes.normal, "");',
        '        return void setTimeout(() => this.#end(closeCodes.normal, ""), 200);',
      ),
    ],
    red: ["strict.nothing-after-disconnect"],
  },
  {
    id: "strict-beats-for-all",
    what: "who sends no heart-beat header is sent heart-beats",
    system,
    patches: [patch("server/stomp/heart-beat.ts", '(header ?? "0,0")', '(header ?? "0,1")')],
    red: ["strict.no-heart-beat-header"],
  },
  {
    id: "strict-line-ends-are-signs",
    what: "of what a client sends only line ends are signs of life",
    system,
    patches: [
      patch(session, "    this.#heartBeat?.noteRead();", "    if (chunk.length === 1) this.#heartBeat?.noteRead();"),
    ],
    red: ["strict.any-data-is-a-sign"],
  },
  {
    id: "strict-patterns",
    what: "a message to a pattern goes to every topic that it matches",
    system,
    patches: [
      patch(
        "server/stomp/exchange.ts",
        "    for (const subscription of this.#topics.get(destination) ?? [])",
        [
          '    const isHeard = (name: string): boolean => /[*#>]$/.test(destination) && name.startsWith(destination.replace(/[*#>]+$/, ""));',
          "    const names = [...this.#topics.keys()].filter((name) => name === destination || isHeard(name));",
          "    for (const subscription of names.flatMap((name) => [...(this.#topics.get(name) ?? [])]))",
        ].join("\n"),
      ),
    ],
    red: ["strict.patterns-are-names"],
  },
];
