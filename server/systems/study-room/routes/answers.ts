// In what are answers wrapped? `{ success, data, message }`, refusals too. Source: the study-room contract, "REST".

import type { Response } from "express";
import type { Problem } from "../../problem.ts";

export const answer = (response: Response, data: unknown, status = 200): void =>
  void response.status(status).json({ success: true, data, message: null });

export const refusalBody = (problem: Problem): object => ({
  success: false,
  data: null,
  message: problem.status === 500 ? "internal error" : messageOf(problem),
});

/** Of a field that breaks a rule: `field: text`. */
function messageOf({ message, details, code }: Problem): string {
  const [field] = code === "VALIDATION_FAILED" ? Object.entries(details ?? {}) : [];
  return field === undefined ? message : field.join(": ");
}
