// How servers of the field refuse: without a body, with a page, with a word, or with another object.

import type { Response } from "express";
import type { Problem } from "../../../../server/systems/discodeit/domain/problem.ts";

export function refuseAnyhow(response: Response, { status, code }: Problem): void {
  if (status === 403) response.status(403).end();
  else if (status === 404 || code === "MALFORMED_JSON")
    response.status(500).type("html").send("<html><body><h1>Whitelabel Error Page</h1></body></html>");
  else if (status === 401) response.status(401).type("text").send("Unauthorized");
  else response.status(status).json({ error: "Bad Request" });
}
