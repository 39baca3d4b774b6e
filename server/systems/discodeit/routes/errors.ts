// What does a client see when something goes wrong? Always the ErrorResponse of the contract. Refusals say why; faults
// of ours say nothing but 500, and go to the log.

import type { ErrorRequestHandler, Request, Response } from "express";
import type { Core } from "../domain/core.ts";
import { invalid, Problem } from "../domain/problem.ts";
import { BusyError } from "../../../security/gate.ts";
import { TooManyFailuresError } from "../../../security/login-limits.ts";
import { StoreUnavailableError } from "../../../store/store-errors.ts";
import { UnstorableTextError, unstorableText } from "../../../store/text.ts";
import { noteRefusal } from "./refusals.ts";

const busySeconds = 1;

/** Answers every error of the routes. */
export function errorAnswers(core: Core): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request: Request, response: Response, _next) => {
    const problem = problemOf(error);
    if (problem.status >= 500) core.onFault(error);
    else noteRefusal(core, request, response, problem);
    if (response.headersSent) return void response.destroy();
    if (problem.status === 401) response.set("WWW-Authenticate", "Bearer");
    if (problem.retryAfterSeconds !== undefined) response.set("Retry-After", String(problem.retryAfterSeconds));
    response.status(problem.status).json(problem.response());
  };
}

/** What the caller sees of an error. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof UnstorableTextError) return invalid({ text: unstorableText });
  if (error instanceof StoreUnavailableError)
    return later(503, "STORE_UNAVAILABLE", "Cannot answer now: the database is away", busySeconds);
  if (error instanceof BusyError) return later(503, "BUSY", "Cannot answer now: too much is under way", busySeconds);
  if (error instanceof TooManyFailuresError)
    return later(429, "TOO_MANY_FAILED_LOGINS", error.message, error.retryAfterSeconds);
  const status = clientErrorStatus(error);
  if (status !== undefined)
    return new Problem(status, codes[status] ?? "BAD_REQUEST", `Cannot read the request: ${(error as Error).message}`);
  return new Problem(500, "INTERNAL_ERROR", "Cannot answer: an error of the server");
}

const later = (status: number, code: string, message: string, retryAfterSeconds: number): Problem =>
  Object.assign(new Problem(status, code, message), { retryAfterSeconds });

const codes: Readonly<Record<number, string>> = { 413: "PAYLOAD_TOO_LARGE", 415: "UNSUPPORTED_MEDIA_TYPE" };

/**
 * Express and its parsers mark the client's errors by a status: bad JSON, a body too large, a path that cannot be
 * decoded.
 */
function clientErrorStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("status" in error) || typeof error.status !== "number") return undefined;
  return error.status >= 400 && error.status < 500 ? error.status : undefined;
}
