// How is something published into a stream that is not ours? By a POST, or by a command. Terms: template – a body or a
// command in which `{marker}` stands for what is published.

import { HarnessError } from "../../drivers/errors.ts";
import { Http } from "../../drivers/http.ts";
import { ProgramError, run } from "../../drivers/programs.ts";
import type { Account } from "../../systems/types.ts";
import { UsageError } from "./usage-error.ts";

export interface Publishing {
  publish: (account: Account, text: string) => Promise<unknown>;
  /** Whether it takes any text, or nothing but letters, digits and hyphens. */
  takesAnyText: boolean;
}

const placeholder = "{marker}";

/** A POST whose body is the template: JSON where the template is JSON, else text. */
export function publishingByUrl(url: string, template: string = placeholder): Publishing {
  if (!template.includes(placeholder)) throw new UsageError(`--publish-body: nothing in it says ${placeholder}`);
  const { origin, pathname, search } = new URL(url);
  const isJson = template !== placeholder && isJsonText(template);
  const contentType = isJson ? "application/json" : "text/plain;charset=utf-8";
  const publish = ({ http }: Account, text: string): Promise<unknown> => {
    // Where it is on the target itself, each instance is published on by itself.
    const { rest } = http;
    const isThere = new URL(rest.baseUrl).origin === origin;
    const client = isThere ? http : new Http(rest.at({ baseUrl: origin }));
    const body = template.replaceAll(placeholder, () => (isJson ? JSON.stringify(text).slice(1, -1) : text));
    return client.post(`${pathname}${search}`, { text: body, contentType });
  };
  return { publish, takesAnyText: true };
}

function isJsonText(template: string): boolean {
  try {
    JSON.parse(template);
    return true;
  } catch {
    return false;
  }
}

const commandWithinMs = 10_000;

/**
 * A command, run as it is; by a shell only where it needs one, and then with markers that no shell reads anything into.
 */
export function publishingByCommand(template: string): Publishing {
  if (!template.includes(placeholder)) throw new UsageError(`--publish: nothing in the command says ${placeholder}`);
  const words = wordsIn(template);
  if (words === undefined)
    return {
      publish: (_, text) => ended("sh", ["-c", template.replaceAll(placeholder, text)]),
      takesAnyText: false,
    };
  const publish = (_: Account, text: string): Promise<unknown> => {
    const [command = "", ...args] = words.map((word) => word.replaceAll(placeholder, () => text));
    return ended(command, args);
  };
  return { publish, takesAnyText: true };
}

/** Throws HarnessError where it does not end well: that is nothing that the target did. */
async function ended(command: string, args: readonly string[]): Promise<void> {
  try {
    await run(command, args, { deadlineMs: commandWithinMs });
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    throw new HarnessError(`Cannot publish by --publish: ${error.message}`, { cause: error });
  }
}

/** The words of a simple command, as a shell would part them; undefined: it needs a shell. */
export function wordsIn(command: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  // A piece in quotes, an escaped character, space, or any other character.
  for (const [piece] of command.matchAll(/'[^']*'|"(?:\\.|[^"\\])*"|\\.|\s+|./gs)) {
    if (/^\s/.test(piece)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (piece.startsWith("'") && piece.length > 1) word = (word ?? "") + piece.slice(1, -1);
    else if (piece.startsWith('"') && piece.length > 1) {
      if (/[$`]/.test(piece)) return undefined;
      word = (word ?? "") + piece.slice(1, -1).replaceAll(/\\(["\\])/g, "$1");
    } else if (piece.startsWith("\\") && piece.length > 1) word = (word ?? "") + piece.slice(1);
    else if (/[|&;<>()$`*?[\]#~='"\\]/.test(piece)) return undefined;
    else word = (word ?? "") + piece;
  }
  return word === undefined ? words : [...words, word];
}
