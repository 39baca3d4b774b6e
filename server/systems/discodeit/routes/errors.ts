// What does a client see when something goes wrong? Always the ErrorResponse of the contract. Refusals say why; faults
// of ours say nothing but 500, and go to the log.

import type { ErrorRequestHandler, Request, Response } from "express";
import type { Core } from "../domain/core.ts";
import { noteFailure, problemOf } from "../../problem.ts";
import { noteRefusal } from "./refusals.ts";

export { problemOf } from "../../problem.ts";

/** Answers every error of the routes. */
export function errorAnswers(core: Core): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request: Request, response: Response, _next) => {
    const problem = problemOf(error);
    if (problem.status >= 500) noteFailure(core, error, request);
    else noteRefusal(core, request, response, problem);
    if (response.headersSent) return void response.destroy();
    if (problem.status === 401) response.set("WWW-Authenticate", "Bearer");
    if (problem.retryAfterSeconds !== undefined) response.set("Retry-After", String(problem.retryAfterSeconds));
    response.status(problem.status).json(problem.response());
  };
}
