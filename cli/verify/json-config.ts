// What is wrong in a config, in plain words: the line where it is JSON, the field, and what was expected there.

import { readFileSync } from "node:fs";
import type { z } from "zod";
import { definitionOf } from "../../systems/json/definition.ts";
import { jsonSystem } from "../../systems/json/shape.ts";
import type { SystemDefinition } from "../../systems/types.ts";
import { lineOf } from "../init/json-lines.ts";
import { UsageError } from "./usage-error.ts";

type Issue = z.core.$ZodIssue;

/** Throws UsageError with a line for each mistake. */
export function definitionInJson(system: unknown, path: string): SystemDefinition {
  const parsed = jsonSystem.safeParse(system);
  if (parsed.success) return definitionOf(parsed.data);
  const issues = parsed.error.issues.map((issue) => ({ ...issue, path: ["system", ...issue.path] }));
  throw new UsageError(`${path} is not right:\n  ${withLines(issues, path, { system }).join("\n  ")}`);
}

/** Each mistake with its field, and its line where the file is JSON. */
export function withLines(issues: readonly Issue[], path: string, value?: unknown): string[] {
  const text = path.endsWith(".json") ? readFileSync(path, "utf8") : undefined;
  return issues.map((issue) => {
    const fields = issue.path.map(String);
    const line = text === undefined ? undefined : lineOf(text, fields);
    const where = fields.join(".") || "the file";
    return `${line === undefined ? "" : `line ${line}: `}${where}: ${wordsOf(issue, value)}`;
  });
}

function wordsOf(issue: Issue, value: unknown): string {
  if (issue.code === "unrecognized_keys")
    return `no such field: ${issue.keys.map((key) => JSON.stringify(key)).join(", ")}`;
  if (value === undefined || !issue.message.startsWith("expected")) return issue.message;
  const found = issue.path.reduce<unknown>(
    (below, part) => (below as Record<PropertyKey, unknown> | undefined)?.[part],
    value,
  );
  if (found === undefined) return `is missing; ${issue.message}`;
  return `${JSON.stringify(found).slice(0, 60)} is not what is needed: ${issue.message}`;
}
