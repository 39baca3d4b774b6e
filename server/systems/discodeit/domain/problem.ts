// Which refusals does Discodeit have beside those of all systems? Source: the Discodeit contract, ErrorResponse.

import { Problem } from "../../problem.ts";

export { forbidden, invalid, Problem, unauthenticated } from "../../problem.ts";

export const notFound = (what: string, id: string): Problem =>
  new Problem(404, `${what.toUpperCase().replaceAll(" ", "_")}_NOT_FOUND`, `Cannot find the ${what}: no such id`, {
    id,
  });
