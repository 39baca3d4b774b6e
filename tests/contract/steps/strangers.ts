// People without a good credential: where they are refused.

import { isUnauthorized } from "../../../drivers/errors.ts";
import type { StompConnection } from "../../../drivers/stomp.ts";
import type { World } from "../../../runner/world.ts";

/**
 * A connection of somebody without a good credential. Undefined: refused before there was one, on a target that wants the
 * credential in the HTTP upgrade.
 */
export async function openStranger(
  world: World,
  label: string,
  headers: Record<string, string> = {},
): Promise<StompConnection | undefined> {
  if (!world.baseline.guardedHandshake) return await world.openStomp(label);
  try {
    return await world.openStomp(label, { headers });
  } catch (error) {
    if (isUnauthorized(error)) return undefined;
    throw error;
  }
}
