// What to try when a target could not be verified: every error that a user sees ends with a next step.

import { HarnessError, TargetError, TimeoutError } from "../drivers/errors.ts";
import { WriteError } from "../reports/write-error.ts";

/** Errors of targets, networks and machines: printed in one line, without a stack trace; exit 4. */
export const isExpected = (error: unknown): error is TargetError | TimeoutError | HarnessError =>
  error instanceof TargetError || error instanceof TimeoutError || error instanceof HarnessError;

/** What to do about it; empty when the message says it already. */
export function nextStep(error: unknown): string {
  if (error instanceof WriteError) return error.hint;
  if (isExpected(error) && error.hint !== undefined) return error.hint;
  if (error instanceof TimeoutError)
    return "Sign-up, login and one message must work before anything can be verified. Is the server slow? Try --timeout 20000";
  if (!(error instanceof TargetError)) return "";
  const { message, code } = error;
  const address = /(?:https?|wss?):\/\/\S+?(?=[:,]?(?:\s|$))/.exec(message)?.[0];
  const asked = address?.replace(/^ws/, "http") ?? "<address>";
  if (/EPROTO|wrong version number|SSL routines/i.test(message))
    return "That port speaks no TLS: try http:// instead of https://";
  if (/ALTNAME/i.test(message)) return "The certificate is for another name: use the name that it is for";
  if (/certificate|self.signed|CERT_|LEAF_SIGNATURE/i.test(message))
    return "A private certificate authority is given by --ca FILE (PEM)";
  if (/https?:\/\/\S+\/api(?: speaks|\/api\/)/.test(message)) return "A base URL ends before /api: leave it away";
  if (code === "unreachable") return `Is the server running, and is the address right? Try: curl -i ${asked}`;
  if (code === "closed")
    return `The connection ended without a whole answer. Is something in between, and is this HTTP? Try: curl -i ${asked}`;
  return "Sign-up, login and one message must work before anything can be verified. Is this the chat server, and does it speak that system? A backend of your own is described in a rollcall.config.ts (README).";
}
