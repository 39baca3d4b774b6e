// In what are answers wrapped? `{ success, data, message }`, refusals too. Source: the study-room contract, "REST".

import type { ErrorRequestHandler, Response } from "express";
import type { Principal } from "../../../realtime/ports.ts";
import { noteFailure, problemOf } from "../../problem.ts";
import type { Core } from "../domain/core.ts";

export const answer = (response: Response, data: unknown, status = 200): void =>
  void response.status(status).json({ success: true, data, message: null });

/** Answers every error of the routes. */
export function errorAnswers(core: Core): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, _next) => {
    const problem = problemOf(error);
    const { status, retryAfterSeconds } = problem;
    if (status >= 500) noteFailure(core, error, request);
    else note(core, response, problem.message, { status, what: `${request.method} ${request.path}`, from: request.ip });
    if (response.headersSent) return void response.destroy();
    if (retryAfterSeconds !== undefined) response.set("Retry-After", String(retryAfterSeconds));
    const message = status === 500 ? "internal error" : messageOf(problem);
    response.status(status).json({ success: false, data: null, message });
  };
}

/** Of a field that breaks a rule: `field: text`. */
function messageOf({ message, details, code }: ReturnType<typeof problemOf>): string {
  const [field] = code === "VALIDATION_FAILED" ? Object.entries(details ?? {}) : [];
  return field === undefined ? message : field.join(": ");
}

function note(
  { trace }: Core,
  { locals }: Response,
  why: string,
  { status, what, from }: { status: number; what: string; from: string | undefined },
): void {
  const { triedName, principal } = locals as { triedName?: string; principal?: Principal };
  if (triedName !== undefined && (status === 401 || status === 429))
    trace.refused({ kind: "login", who: triedName, what, why, from });
  else if (principal && status === 403) trace.refused({ kind: "access", who: principal.username, what, why, from });
}
