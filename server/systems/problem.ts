// What does a refusal say? One class for every rule that says no, of every system; its routes and its error queue turn it
// into what the system's clients read. What drivers and limits throw becomes one here, too.

import type { Request } from "express";
import type { ErrorResponse } from "../realtime/ports.ts";
import { BusyError } from "../security/gate.ts";
import { TooManyFailuresError } from "../security/login-limits.ts";
import { StoreUnavailableError } from "../store/store-errors.ts";
import { UnstorableTextError, unstorableText } from "../store/text.ts";
import type { SystemContext } from "./system.ts";

const busySeconds = 1;

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

export const forbidden = (message: string): Problem => new Problem(403, "ACCESS_DENIED", message);
export const unauthenticated = (message: string): Problem => new Problem(401, "UNAUTHENTICATED", message);
export const invalid = (details: Record<string, unknown>): Problem =>
  new Problem(400, "VALIDATION_FAILED", "Cannot accept the request: it breaks a rule of its fields", details);

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

/** What the sender of a SEND hears of a refusal, undefined when there was none. Throws what is a fault of the server. */
export async function refusalOf(
  work: () => Promise<void>,
  onRefused: (problem: Problem) => void,
): Promise<ErrorResponse | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    const problem = problemOf(error);
    if (problem.status >= 500) throw error;
    onRefused(problem);
    return problem.response();
  }
}

/** Notes what was answered 5xx: that too much was under way is a refusal, anything else a fault of ours. */
export function noteFailure(
  { trace, onFault }: Pick<SystemContext, "trace" | "onFault">,
  error: unknown,
  { method, path, ip }: Pick<Request, "method" | "path" | "ip">,
): void {
  if (error instanceof BusyError) trace.refused({ kind: "busy", from: ip, what: `${method} ${path}` });
  else onFault(error);
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
