// Did the code of a broken server fail as code, so that what it did proves nothing? ReferenceError, TypeError and
// SyntaxError say that: a patch calls what is not there, or does not parse. They are looked for in each line that a
// server prints: pino's JSON lines (`err`, with its causes), and what Node prints of an uncaught error. Errors of other
// kinds may be what the mutant is about.

const names = "(?:ReferenceError|TypeError|SyntaxError)";
/** As a stack begins, and as pino goes on with a cause. */
const inStack = new RegExp(`(?:^|caused by: )${names}(?: \\[[A-Z_]+\\])?:.*`, "m");
const inText = new RegExp(`^(?:Uncaught )?${names}(?: \\[[A-Z_]+\\])?:.*`);

/** The crash that a line of the log speaks of, undefined when it speaks of none. */
export function crashIn(line: string): string | undefined {
  const record = recordOf(line);
  return record === undefined ? inText.exec(line.trim())?.[0] : crashOf(record["err"]);
}

function crashOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { type, message, stack, cause, aggregateErrors } = error as Record<string, unknown>;
  if (typeof type === "string" && new RegExp(`^${names}$`).test(type))
    return `${type}: ${String(message)}${placeOf(stack)}`;
  const found = typeof stack === "string" ? inStack.exec(stack)?.[0].replace(/^caused by: /, "") : undefined;
  const others = Array.isArray(aggregateErrors) ? (aggregateErrors as unknown[]) : [];
  return found ?? [cause, ...others].map(crashOf).find((crash) => crash !== undefined);
}

const placeOf = (stack: unknown): string => {
  const place = typeof stack === "string" ? /\n\s+at (.*)/.exec(stack)?.[1] : undefined;
  return place === undefined ? "" : ` (at ${place})`;
};

function recordOf(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
