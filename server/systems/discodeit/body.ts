// How are a request's parts read? JSON bodies, ids in paths, query parameters: each in its checked form, or a Problem that names the field.

import { isUtf8 } from "node:buffer";
import { json, type Request, type Response } from "express";
import { Problem, invalid } from "../../domain/problem.ts";
import { idSchema } from "../../domain/validation.ts";
import type { Principal } from "../../realtime/ports.ts";

export const jsonBytesMax = 1024 * 1024;
const parser = json({ limit: jsonBytesMax, strict: false, verify: checkUtf8 });

/** Decoded leniently, other bytes would be stored as something that the sender never said. */
function checkUtf8(_request: unknown, _response: unknown, bytes: Buffer, charset: string): void {
  if (charset === "utf-8" && !isUtf8(bytes)) throw new Problem(400, "MALFORMED_JSON", "Cannot read the body: it is not UTF-8");
}

/** Reads a JSON body of at most 1 MiB. Throws Problem 415 for another content type, 400 when it is missing. */
export async function jsonBody(request: Request, response: Response): Promise<unknown> {
  const hasBody = request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0;
  if (!hasBody) throw invalid({ body: "is missing" });
  if (!request.is("application/json")) throw new Problem(415, "UNSUPPORTED_MEDIA_TYPE", "Cannot read the body: its Content-Type is not application/json");
  await new Promise<void>((resolve, reject) => parser(request, response, (error: unknown) => (error ? reject(error) : resolve())));
  return request.body as unknown;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Problem(400, "MALFORMED_JSON", "Cannot read the body: it is no JSON", { reason: error instanceof SyntaxError ? "syntax" : "unknown" });
  }
}

/** A UUID, in lower case. Throws Problem 400 whose details name `field`. */
export function idFrom(value: unknown, field: string): string {
  const result = idSchema.safeParse(value);
  if (result.success) return result.data;
  throw invalid({ [field]: value === undefined ? "is missing" : "must be a UUID" });
}

/** The access token of a request. It comes in this header and nowhere else: an address is written to logs. */
export const bearerOf = (request: Request): string | undefined => /^Bearer +(\S+)$/i.exec(request.get("Authorization") ?? "")?.[1];

/** Who speaks; set by the bearer check. */
export const principalOf = (response: Response): Principal => response.locals["principal"] as Principal;
