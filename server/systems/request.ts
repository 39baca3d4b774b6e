// How are a request's parts read, whatever the system? Bodies, bearer tokens, addresses: each bounded, or a Problem.

import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Request, Response } from "express";
import { Problem, invalid } from "./problem.ts";
import type { Principal } from "../realtime/ports.ts";
import { networkOf } from "../security/proxies.ts";
import { BodyError, readBody } from "../security/read-body.ts";
import type { RequestShare } from "../security/request-share.ts";

/** Of one JSON part of a form. */
export const jsonBytesMax = 1024 * 1024;
const bodyWithinMs = 15_000;

/** What this request makes us keep counts for it. Set by http.ts. */
export const shareOf = (response: Response): RequestShare => response.locals["share"] as RequestShare;

/**
 * Reads a JSON body. Throws Problem 415 for another content type, 400 when it is missing or no JSON, 413, 408, or
 * BusyError.
 */
export async function jsonBody(request: Request, response: Response): Promise<unknown> {
  const hasBody =
    request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0;
  if (!hasBody) throw invalid({ body: "is missing" });
  if (!request.is("application/json"))
    throw new Problem(415, "UNSUPPORTED_MEDIA_TYPE", "Cannot read the body: its Content-Type is not application/json");
  return await withBody(request, response, parseJson);
}

/** Reads a body as text for as long as `use` takes. Throws Problem 408, 413 or 415, or BusyError. */
export async function withBody<T>(request: Request, response: Response, use: (text: string) => T): Promise<T> {
  const encoding = request.get("Content-Encoding") ?? "identity";
  if (encoding !== "identity")
    throw new Problem(
      415,
      "UNSUPPORTED_MEDIA_TYPE",
      `Cannot read the body: Content-Encoding ${encoding.slice(0, 40)} is not supported`,
    );
  const share = shareOf(response);
  const holding = share.openBody();
  try {
    const bytes = await readBody(request, { bytesMax: share.bodyBytesMax, withinMs: bodyWithinMs, holding });
    // Decoded leniently, other bytes would be stored as something that the sender never said.
    if (!isUtf8(bytes)) throw new Problem(400, "MALFORMED_BODY", "Cannot read the body: it is not UTF-8");
    return use(bytes.toString("utf8"));
  } catch (error) {
    if (error instanceof BodyError) throw new Problem(error.status, bodyCodes[error.status], error.message);
    throw error;
  } finally {
    holding.close();
  }
}

const bodyCodes = { 400: "INCOMPLETE_BODY", 408: "BODY_TOO_SLOW", 413: "PAYLOAD_TOO_LARGE" } as const;

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Problem(400, "MALFORMED_JSON", "Cannot read the body: it is no JSON", {
      reason: error instanceof SyntaxError ? "syntax" : "unknown",
    });
  }
}

/** The access token of a request. It comes in this header and nowhere else: an address is written to logs. */
export const bearerOf = ({ headers }: Pick<IncomingMessage, "headers">): string | undefined =>
  /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];

/**
 * Whose logins and sign-ups these are, for limits: the client's address, of IPv6 the network that one household or host
 * has.
 */
export const addressOf = (request: Request): string => networkOf(request.ip ?? "");

/** Who speaks; set by the bearer check. */
export const principalOf = (response: Response): Principal => response.locals["principal"] as Principal;
