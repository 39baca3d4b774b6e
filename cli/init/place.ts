// In which line of the file does a function of the definition stand? What was thrown knows its line; else the engine
// knows where a function begins; and a value that is no function is looked for by its text.

import { readFileSync } from "node:fs";
import { Session, type Debugger, type Runtime } from "node:inspector";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { System } from "../../systems/define.ts";
import { lineOf } from "./json-lines.ts";

/** The place of a function by its name in the definition, as "rollcall.config.ts:12"; undefined: nobody knows. */
export type FindPlace = (name: string, error?: unknown) => string | undefined;

export function placeFinder(file: string, system: System): FindPlace {
  if (file.endsWith(".json")) {
    const text = readFileSync(file, "utf8");
    return (name) => {
      const [part, ...below] = name.split(".") as [string, ...string[]];
      const line = system[part as keyof System] === undefined ? undefined : lineOf(text, ["system", part, ...below]);
      return line === undefined ? undefined : `${file}:${line}`;
    };
  }
  const url = pathToFileURL(path.resolve(file)).href;
  return (name, error) => {
    const line = lineThrown(url, error) ?? lineDefined(url, file, valueAt(system, name));
    return line === undefined ? undefined : `${file}:${line}`;
  };
}

/** The first line of the file on an error's way, or on that of its cause. */
function lineThrown(url: string, error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const at = (error.stack ?? "").indexOf(`${url}:`);
  const line = at < 0 ? undefined : /^\d+/.exec(error.stack!.slice(at + url.length + 1))?.[0];
  return line === undefined ? lineThrown(url, error.cause) : Number(line);
}

/** The nearest part of a definition that has this name. */
function valueAt(system: System, name: string): unknown {
  let value: unknown = system;
  for (const part of name.split(".")) {
    const below = (value as Record<string, unknown> | undefined)?.[part];
    if (below === undefined) break;
    value = below;
  }
  return value;
}

function lineDefined(url: string, file: string, value: unknown): number | undefined {
  if (typeof value === "function") return functionLine(url, value);
  if (typeof value !== "string" || value === "") return undefined;
  const lines = readFileSync(file, "utf8").split("\n");
  const at = lines.findIndex((line) => ['"', "'", "`"].some((quote) => line.includes(`${quote}${value}${quote}`)));
  return at < 0 ? undefined : at + 1;
}

/** Where a function begins, if that is in this file. */
function functionLine(url: string, wanted: unknown): number | undefined {
  const session = new Session();
  const holder = globalThis as { rollcallWanted?: unknown };
  let line: number | undefined;
  session.connect();
  try {
    const scripts = new Map<string, string>();
    session.on("Debugger.scriptParsed", ({ params }) => void scripts.set(params.scriptId, params.url));
    session.post("Debugger.enable");
    holder.rollcallWanted = wanted;
    // A session on the own thread answers at once.
    session.post("Runtime.evaluate", { expression: "rollcallWanted" }, (_, found) => {
      const { objectId } = found.result;
      if (objectId === undefined) return;
      session.post("Runtime.getProperties", { objectId, ownProperties: true }, (_, properties) => {
        const location = locationIn(properties);
        if (location !== undefined && scripts.get(location.scriptId) === url) line = location.lineNumber + 1;
      });
    });
  } finally {
    delete holder.rollcallWanted;
    session.disconnect();
  }
  return line;
}

const locationIn = ({ internalProperties }: Runtime.GetPropertiesReturnType): Debugger.Location | undefined =>
  internalProperties?.find(({ name }) => name === "[[FunctionLocation]]")?.value?.value as
    | Debugger.Location
    | undefined;
