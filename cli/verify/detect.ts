// Which system a URL speaks, when nobody said so: each family of systems asks in its own way.

import type { Network } from "../../drivers/network.ts";
import type { System } from "../../systems/define.ts";
import { detectors, systems } from "../../systems/systems.ts";

export interface Detection {
  system: System;
  /** How it knew, for people. */
  how: string;
}

/** Throws TargetError that says what was seen when it is none of the built-in ones. */
export async function detectSystem(baseUrl: string, network: Network): Promise<Detection> {
  let failure: unknown;
  for (const detect of detectors) {
    try {
      const { system, how } = await detect(baseUrl, network);
      return { system: systems[system]!, how };
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}
