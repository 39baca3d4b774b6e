// Mistakes in wiring that servers of this system make, each with the words that name it and mend it. Source: the
// Discodeit contract, "field" notes.

export const wiringMistakes = {
  slashes:
    "dots, not slashes: the contract's destination is /sub/channels.{id}.messages; this server delivers to /sub/channels/{id}/messages",
  singularSend:
    'wrong send destination: this server takes /pub/message, the contract says /pub/messages (@MessageMapping("/messages"))',
  doubledPub:
    "doubled prefix: this server takes /pub/pub/messages; @MessageMapping holds the destination without the application prefix",
} as const;
