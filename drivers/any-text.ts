// Any text, for the tests of codecs: as fast-check's `string({ unit: "binary" })`, which takes more than a second of a
// processor to set up.

import fc from "fast-check";

/** Any code point but half of a pair. */
const character = fc
  .integer({ min: 0, max: 0x10ffff })
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));

export const anyText = fc.string({ unit: character });
