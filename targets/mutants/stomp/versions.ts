// Mutants of contract/stomp/versions.ts: brokers that speak one version, whatever they say.

import { patch, type Mutant } from "../../faulty.ts";

const system = "stomp";
const session = "server/stomp/session.ts";
const codec = "server/stomp/codec.ts";

export const versions: readonly Mutant[] = [
  {
    id: "versions-always-the-newest",
    what: "whatever version a client asks for, it is connected with 1.2",
    system,
    patches: [
      patch(
        session,
        '    const version = pickVersion(headers.get("accept-version"));',
        '    const version = pickVersion(headers.get("accept-version")) && "1.2";',
      ),
    ],
    red: ["versions.each-alone"],
  },
  {
    id: "versions-none-is-the-newest",
    what: "who names no version is taken for one of 1.2",
    system,
    patches: [patch(session, '(acceptVersion ?? "1.0").split(",")', '(acceptVersion ?? "1.2").split(",")')],
    red: ["versions.none-is-the-oldest"],
  },
  {
    id: "versions-escapes-in-all",
    what: "a session of 1.0 has the escapes of 1.2",
    system,
    patches: [
      patch(
        codec,
        'const plain = version === "1.0" || frame.command === "CONNECT"',
        'const plain = frame.command === "CONNECT"',
      ),
      patch(codec, 'throw new FrameError("Undefined escape in a header");', "return escaped;"),
    ],
    red: ["versions.oldest-has-no-escapes"],
  },
  {
    id: "versions-escaped-cr-in-all",
    what: "a session of 1.1 has the escapes of 1.2",
    system,
    patches: [patch(codec, 'if (escaped === "r" && version === "1.2") return', 'if (escaped === "r") return')],
    red: ["versions.escaped-cr-is-of-1-2"],
  },
  {
    id: "versions-ids-in-all",
    what: "a session of 1.0, too, needs ids",
    system,
    patches: [
      patch(
        "server/stomp/desk.ts",
        'if (!id && (this.#version !== "1.0" || id !== undefined)) throw',
        "if (!id) throw",
      ),
    ],
    red: ["versions.oldest-needs-no-id"],
  },
];
