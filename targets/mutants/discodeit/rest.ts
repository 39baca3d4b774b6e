// Mutants of contract/discodeit/rest.ts: servers that get answers and errors wrong.

import { patch, type Mutant } from "../../faulty.ts";

export const rest: readonly Mutant[] = [
  {
    id: "rest-not-request-id",
    what: "every answer has the same request id",
    patches: [
      patch(
        "server/systems/discodeit/routes/routes.ts",
        '[requestIdHeader]: randomBytes(16).toString("hex")',
        '[requestIdHeader]: "0".repeat(32)',
      ),
    ],
    red: ["rest.request-id"],
  },
  {
    id: "rest-not-errors-have-one-shape",
    what: "errors have a shape of their own",
    patches: [
      patch(
        "server/systems/discodeit/routes/errors.ts",
        "response.status(problem.status).json(problem.response());",
        "response.status(problem.status).json({ error: problem.message });",
      ),
    ],
    red: ["rest.errors-have-one-shape"],
  },
  {
    id: "rest-not-missing-parameter-is-400",
    what: "a missing parameter is a fault of the server",
    patches: [
      patch(
        "server/systems/discodeit/routes/body.ts",
        'throw invalid({ [field]: value === undefined ? "is missing" : "must be a UUID" });',
        'throw value === undefined ? new Error("missing") : invalid({ [field]: "must be a UUID" });',
      ),
    ],
    red: ["rest.missing-parameter-is-400"],
  },
  {
    id: "rest-not-malformed-uuid-is-400",
    what: "a malformed UUID is a fault of the server",
    patches: [
      patch(
        "server/systems/discodeit/routes/body.ts",
        'throw invalid({ [field]: value === undefined ? "is missing" : "must be a UUID" });',
        'throw value === undefined ? invalid({ [field]: "is missing" }) : new Error("no UUID");',
      ),
    ],
    red: ["rest.malformed-uuid-is-400"],
  },
  {
    id: "rest-not-unknown-id-is-404",
    what: "an unknown id is answered 400",
    patches: [patch("server/systems/discodeit/domain/problem.ts", "new Problem(404,", "new Problem(400,")],
    red: ["rest.unknown-id-is-404"],
  },
  {
    id: "rest-not-errors-reveal-nothing",
    what: "errors hold a stack trace",
    patches: [
      patch(
        "server/systems/discodeit/routes/errors.ts",
        "response.status(problem.status).json(problem.response());",
        'response.status(problem.status).json({ ...problem.response(), details: { trace: error instanceof Error ? error.stack : "" } });',
      ),
    ],
    red: ["rest.errors-reveal-nothing"],
  },
];
