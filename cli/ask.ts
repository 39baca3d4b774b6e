// A question that is answered by yes or no on a terminal. Ctrl-C there is not a signal but a key: it is passed on as
// one.

import { createInterface } from "node:readline/promises";

/** Whether there is somebody to ask. */
export const canAsk = (): boolean => process.stdin.isTTY;

/** Anything but y or yes is no, Ctrl-C and an end of the input too. Call it only when `canAsk()`. */
export async function askYes(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const over = new AbortController();
  terminal.on("close", () => over.abort());
  terminal.on("SIGINT", () => {
    if (!process.emit("SIGINT", "SIGINT")) process.kill(process.pid, "SIGINT");
    terminal.close();
  });
  try {
    return /^y(es)?$/i.test((await terminal.question(question, { signal: over.signal })).trim());
  } catch (error) {
    if (over.signal.aborted) return false;
    throw error;
  } finally {
    terminal.close();
  }
}
