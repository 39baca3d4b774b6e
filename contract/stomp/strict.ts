// STOMP to the letter: lengths, bodies, receipts and what comes too late. Source: STOMP 1.2; obligations STF, STS, SUB.

import type { Area } from "../clause.ts";

export const strict = {
  "strict.body-ends-where-it-says": {
    level: "SHOULD",
    text: "In a body that goes on where its content-length ends no other frame is found.",
    source: "STF-11",
    negative: true,
  },
  "strict.body-is-no-frame": {
    level: "SHOULD",
    text: "What stands in the body of a SUBSCRIBE is not acted on, whether the SUBSCRIBE is refused or not.",
    source: "STF-15",
    negative: true,
  },
  "strict.receipts-are-escaped": {
    level: "SHOULD",
    text: "A receipt with a colon, a backslash, a line end and Korean comes back as it was asked for.",
    source: "STS-21",
  },
  "strict.nothing-after-disconnect": {
    level: "SHOULD",
    text: "A SEND behind DISCONNECT is heard by nobody.",
    source: "STS-29",
    negative: true,
  },
  "strict.no-heart-beat-header": {
    level: "SHOULD",
    text: "Who connects without a heart-beat header gets no heart-beats, and may be as silent as who wants none.",
    source: "STS-11",
    needs: ["patience"],
    negative: true,
  },
  "strict.any-data-is-a-sign": {
    level: "SHOULD",
    text: "Who promised heart-beats and sends messages in their place is not given up.",
    source: "STS-14",
    needs: ["patience"],
  },
  "strict.patterns-are-names": {
    level: "SHOULD",
    security: true,
    text: "A message to a pattern is not heard where the pattern would match.",
    source: "SUB-23",
    negative: true,
  },
} as const satisfies Area<"strict">;
