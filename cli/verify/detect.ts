// Which system a URL speaks, when nobody said so: each family of systems asks in its own way.

import { TargetError } from "../../drivers/errors.ts";
import type { Network } from "../../drivers/network.ts";
import type { System } from "../../systems/define.ts";
import { detectors, systems } from "../../systems/systems.ts";

export interface Detection {
  system: System;
  /** How it knew, for people. */
  how: string;
}

/** Throws TargetError that says what was seen, and which systems it is not, when it is none of the built-in ones. */
export async function detectSystem(baseUrl: string, network: Network): Promise<Detection> {
  const failures: unknown[] = [];
  for (const detect of detectors) {
    try {
      const { system, how } = await detect(baseUrl, network);
      return { system: systems[system]!, how };
    } catch (error) {
      failures.push(error);
    }
  }
  const [first] = failures;
  if (!(first instanceof TargetError) || first.code !== "refused") throw first;
  throw new TargetError(
    "refused",
    `${first.message} It was asked for ${Object.keys(systems).join(", ")} and speaks none of them as far as it answered.`,
    { cause: first, hint: first.hint },
  );
}
