// How is it said what is wrong with a value's shape? By the first fields that differ, and "missing" for what is not
// there: a schema says of it what it should have been.

import type { z } from "zod";

const issuesMax = 3;

/** As `0.role is missing; 0.id: Invalid input: expected string, received null`. */
export const shapeFaults = (value: unknown, { issues }: z.ZodError): string =>
  issues
    .slice(0, issuesMax)
    .map(({ path, message }) => {
      const where = path.join(".") || "it";
      return isMissing(value, path) ? `${where} is missing` : `${where}: ${message}`;
    })
    .join("; ");

function isMissing(value: unknown, path: readonly PropertyKey[]): boolean {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null) return false;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at === undefined;
}
