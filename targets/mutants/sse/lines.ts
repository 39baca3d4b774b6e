// Mutants of contract/sse/lines.ts: what a stream says after its greeting.

import { patch, type Mutant } from "../../faulty.ts";

const system = "sse";

/** `more`: as it stands in a template literal. */
const greetedWith = (more: string): Mutant["patches"] => [
  patch("server/systems/sse/streams.ts", ": open\\n\\n`);", `: open\\n\\n${more}\`);`),
];

export const lines: readonly Mutant[] = [
  {
    id: "lines-latin-1",
    what: "a comment holds an octet that is no UTF-8",
    system,
    patches: [
      patch(
        "server/systems/sse/streams.ts",
        "const hello = Buffer.from(`retry: ${retryMs}\\n\\n: open\\n\\n`);",
        'const hello = Buffer.from(`retry: ${retryMs}\\n\\n: open\\n: gr\\u00fc\\u00df\\n\\n`, "latin1");',
      ),
    ],
    red: ["lines.are-utf-8"],
  },
  {
    id: "lines-mark-inside",
    what: "a line within the stream begins with a byte order mark",
    system,
    patches: greetedWith("\\uFEFF: marked\\n\\n"),
    red: ["lines.no-mark-inside"],
  },
  {
    id: "lines-retry-in-seconds",
    what: "a field retry has a unit",
    system,
    patches: greetedWith("retry: 3s\\n\\n"),
    red: ["lines.retry-is-digits"],
  },
  {
    id: "lines-nul-in-an-id",
    what: "an id holds NUL",
    system,
    patches: greetedWith("id: a\\0b\\n\\n"),
    red: ["lines.ids-have-no-nul"],
  },
  {
    id: "lines-id-beyond-ascii",
    what: "an id has letters that many a client cannot send back",
    system,
    patches: greetedWith("id: \\u6f22\\nevent: greeting\\ndata: hello\\n\\n"),
    red: ["lines.ids-fit-a-header"],
  },
  {
    id: "lines-id-without-data",
    what: "a block has an id and no data",
    system,
    patches: greetedWith("id: nothing\\n\\n"),
    red: ["lines.ids-come-with-data"],
  },
];
