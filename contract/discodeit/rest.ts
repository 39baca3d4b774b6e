// What holds for every REST endpoint: request ids, errors, unknown and malformed input. Source: the Discodeit contract,
// "REST".

import type { Area } from "../clause.ts";

export const rest = {
  "rest.request-id": {
    level: "SHOULD",
    text: "Every response carries Discodeit-Request-ID, a new one each time.",
    source: "REST",
  },
  "rest.errors-have-one-shape": {
    level: "SHOULD",
    text: "An error is an ErrorResponse {timestamp, code, message, details, exceptionType, status} whose status is the response's.",
    source: "REST, DTOs",
    negative: true,
  },
  "rest.unparsable-json-is-400": {
    level: "house",
    text: "Unparsable JSON is answered 400.",
    source: "REST, validation",
    negative: true,
  },
  "rest.missing-parameter-is-400": {
    level: "house",
    text: "A missing query parameter or multipart part is answered 400.",
    source: "REST, validation",
    negative: true,
  },
  "rest.malformed-uuid-is-400": {
    level: "house",
    text: "A malformed UUID in a path or query is answered 400.",
    source: "REST, validation",
    negative: true,
  },
  "rest.unknown-id-is-404": {
    level: "SHOULD",
    text: "An unknown id of a user, channel, message, read status, file or notification is answered 404 (or 403, where the role is asked first).",
    source: "REST, validation",
    negative: true,
  },
  "rest.errors-reveal-nothing": {
    level: "SHOULD",
    security: true,
    text: "Error bodies hold no stack trace, SQL, class path or token.",
    source: "STS-24, SEC-28",
    negative: true,
  },
} as const satisfies Area<"rest">;
