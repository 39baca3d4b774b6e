// JSON that a target sent. JSON.parse takes any depth; what walks over the value afterwards (schemas, comparisons,
// JSON.stringify) does not, and would break with our own stack overflow.

import { TargetError } from "./errors.ts";

/** No DTO of a chat is nested deeper than a handful; other parsers stop at 500 to 1,000. */
export const jsonDepthMax = 200;

/** `what`: as "users: status 200". Throws TargetError "malformed" with the beginning of what came instead. */
export function parseJson(text: string, what: string): unknown {
  if (depthOf(text) > jsonDepthMax)
    throw new TargetError("malformed", `Cannot read ${what}, JSON nested more than ${jsonDepthMax} deep`);
  try {
    return JSON.parse(text);
  } catch {
    // What JSON.stringify gives is a copy: it keeps nothing else of the text alive.
    throw new TargetError("malformed", `Cannot read ${what}, no JSON but ${JSON.stringify(text.slice(0, 200))}`);
  }
}

/** How deep brackets are nested outside of strings; in a text that is no JSON, anything. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === "\\") at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "[" || character === "{") deepest = Math.max(deepest, ++depth);
    else if (character === "]" || character === "}") depth--;
  }
  return deepest;
}
