import { pino } from "pino";
import { expect, test } from "vitest";
import { crashIn } from "./crash.ts";

/** The line that the server logs for what this throws. */
function logged(work: () => unknown): string {
  let line = "";
  const log = pino({}, { write: (text: string) => (line = text) });
  try {
    work();
  } catch (error) {
    log.warn({ err: error }, "fault");
  }
  return line;
}

const raise = (error: Error): never => {
  throw error;
};
const undeclared = (): unknown => (globalThis as unknown as Record<string, () => unknown>)["undeclaredFunction"]!();

test.each([
  ["a TypeError in the log", logged(undeclared)],
  ["a SyntaxError in the log", logged(() => JSON.parse("{"))],
  [
    "a ReferenceError as the cause of another",
    logged(() => raise(new Error("Cannot answer", { cause: new ReferenceError("undeclared is not defined") }))),
  ],
  [
    "one of several errors",
    logged(() => raise(new AggregateError([new Error("first"), new TypeError("second")], "both failed"))),
  ],
  ["an uncaught error on stderr", "TypeError: undeclared is not a function"],
  ["one with a code", "TypeError [ERR_INVALID_ARG_TYPE]: The argument must be of type string"],
])("crash: %s", (_, line) => {
  expect(crashIn(line)).toMatch(/^(TypeError|ReferenceError|SyntaxError)/);
});

test.each([
  ["an error of another kind", logged(() => raise(new Error("no cookie")))],
  ["a message that only speaks of one", JSON.stringify({ level: 40, msg: "TypeError: is what a client sent" })],
  ["a line that is no JSON", "{ TypeError"],
  ["a warning of Node", "(node:1) ExperimentalWarning: Type Stripping is an experimental feature"],
])("no crash: %s", (_, line) => {
  expect(crashIn(line)).toBeUndefined();
});
