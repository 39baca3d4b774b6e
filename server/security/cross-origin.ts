// What may a page of another origin do with the API? A listed one everything that our own page may, with cookies; any
// other nothing: its requests are refused before they have an effect, not only hidden from the page. Source: the Fetch
// standard, "CORS protocol".

import type { RequestHandler } from "express";
import { csrfHeader, requestIdHeader } from "../../systems/discodeit/wire.ts";
import type { OriginCheck } from "./origins.ts";

const preflightSeconds = 600;

export function crossOrigin(originAllowed: OriginCheck): RequestHandler {
  return (request, response, next) => {
    const { origin } = request.headers;
    response.vary("Origin");
    if (origin === undefined) return next();
    if (!originAllowed(request)) return void response.status(403).json(refusal());
    response.set({
      "Access-Control-Allow-Origin": origin,
      "Access-Control-Allow-Credentials": "true",
      "Access-Control-Expose-Headers": `${requestIdHeader}, Retry-After`,
    });
    if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) return next();
    response.set({
      "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "Access-Control-Allow-Headers": `Authorization, Content-Type, Last-Event-ID, ${csrfHeader}`,
      "Access-Control-Max-Age": String(preflightSeconds),
    });
    response.status(204).end();
  };
}

function refusal(): Record<string, unknown> {
  const message = "Cannot accept the request: pages of this origin are not allowed";
  return {
    timestamp: new Date().toISOString(),
    code: "FORBIDDEN_ORIGIN",
    message,
    details: null,
    exceptionType: "ForbiddenOrigin",
    status: 403,
  };
}
