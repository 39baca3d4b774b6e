// What a definition may promise, and what each promise means: for the clauses it is a feature (contract/clause.ts), for
// the judge of a fault run what it may ask for (checkers/promises.ts). The last ones take something away.

export const promises = {
  "order-per-sender": "What one connection sends into a room is heard in that order, and none of it is left out.",
  "order-per-room": "All hear a room's messages in one order, that of its history.",
  history: "Every message that was taken can be read again: whoever was away has it from there.",
  "stored-before-broadcast": "What is heard is stored.",
  replay: "An event stream goes on from Last-Event-ID: what came meanwhile comes first.",
  receipts: "A RECEIPT says that a frame was taken.",
  broker: "What is sent to a destination is what its subscribers hear, headers too.",
  acks: "A message that is not acknowledged comes again.",
  transactions: "What is sent in a transaction comes with its COMMIT, or never.",
  presence: "Who is there, and in which state, is said and is right.",
  "join-leave": "Who comes and who goes is said in the room.",
  "sender-checked": "Nobody speaks in another one's name.",
  "lossy-live":
    "Near a fault (5 s before to 5 s after) a message may be missed live; the history has it. Without a fault it may not.",
  "may-duplicate": "A message may come twice.",
  "public-rooms": "Everybody may hear every room.",
  "separate-instances": "What is said on one instance is not heard on another.",
} as const;

export type Promised = keyof typeof promises;
