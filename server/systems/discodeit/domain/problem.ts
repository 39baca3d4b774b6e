// What does a refusal say? One class for every rule that says no; the routes and the error queue turn it into the
// ErrorResponse. Source: the Discodeit contract, ErrorResponse.

import type { ErrorResponse } from "../../../realtime/ports.ts";

export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly code: string;
  readonly details: Record<string, unknown> | null;
  /** When the caller may come again. */
  retryAfterSeconds?: number;

  /** `code` in capitals (USER_NOT_FOUND); `status` as in HTTP, 400–503. */
  constructor(status: number, code: string, message: string, details: Record<string, unknown> | null = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }

  response(): ErrorResponse {
    const { status, code, message, details } = this;
    return {
      timestamp: new Date().toISOString(),
      code,
      message,
      details,
      exceptionType: exceptionTypeOf(code),
      status,
    };
  }
}

/** USER_NOT_FOUND → UserNotFoundException. */
function exceptionTypeOf(code: string): string {
  const words = code.split("_").map((word) => word.charAt(0) + word.slice(1).toLowerCase());
  return `${words.join("")}Exception`;
}

export const notFound = (what: string, id: string): Problem =>
  new Problem(404, `${what.toUpperCase().replaceAll(" ", "_")}_NOT_FOUND`, `Cannot find the ${what}: no such id`, {
    id,
  });
export const forbidden = (message: string): Problem => new Problem(403, "ACCESS_DENIED", message);
export const unauthenticated = (message: string): Problem => new Problem(401, "UNAUTHENTICATED", message);
export const invalid = (details: Record<string, unknown>): Problem =>
  new Problem(400, "VALIDATION_FAILED", "Cannot accept the request: it breaks a rule of its fields", details);
