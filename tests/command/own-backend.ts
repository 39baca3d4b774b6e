// A backend of our own making that resembles nothing built in, verified with the rollcall.config.ts beside it.

import { join } from "node:path";
import { expect } from "vitest";
import type { OwnBackend } from "../own/start.ts";
import { rollcall, type Ended } from "./rollcall.ts";

interface Verdict {
  id: string;
  kind: string;
  because?: string;
}

/** With the config beside the backend. */
export async function verify(
  { url, folder }: OwnBackend,
  ...flags: string[]
): Promise<Ended & { verdicts: Verdict[] }> {
  const config = ["--config", join(folder, "rollcall.config.ts")];
  const ended = await rollcall(["verify", url, ...config, "--json", ...flags]);
  const { runs } = JSON.parse(ended.stdout) as { runs: { verdicts: Verdict[] }[] };
  return { ...ended, verdicts: runs.flatMap(({ verdicts }) => verdicts) };
}

export const troubleIn = (verdicts: readonly Verdict[]): string[] =>
  verdicts
    .filter(({ kind }) => !["pass", "unsupported", "not scored"].includes(kind))
    .map(({ id, kind, because }) => `${kind} ${id}: ${because}`);

/** Of these areas, one clause after the other, this clause alone fails, for that reason. */
export async function expectAlone(backend: OwnBackend, only: string, id: string, words: RegExp): Promise<void> {
  const { verdicts, code } = await verify(backend, "--only", only, "--jobs", "1");
  const fails = verdicts.filter(({ kind }) => kind === "fail");
  expect(fails).toMatchObject([{ id, because: expect.stringMatching(words) }]);
  expect(code).toBe(1);
}
