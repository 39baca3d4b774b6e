// The world of a user's sentence: fresh accounts and rooms on a running stack, deleted at the end. Users come through
// the proxy unless said otherwise.

import { randomBytes } from "node:crypto";
import { Network } from "../../drivers/network.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import type { Target } from "../../systems/target.ts";
import { cleanUp, RunFile } from "../../runner/clean-up.ts";
import { contextOf } from "../../runner/run.ts";
import { World } from "../../runner/world.ts";

/**
 * Our own server sends receipts, keeps order and greets; ten seconds are enough for everything that is owed without a
 * fault.
 */
const deadlineMs = 10_000;

/** Runs `tell` in a world of its own. `through`: the proxy alone (as users come), or the instances one by one. */
export async function people(
  target: Target,
  through: "proxy" | "instances",
  tell: (world: World) => Promise<void>,
): Promise<void> {
  const seen: Target = through === "proxy" ? { ...target, instances: [target.proxy!] } : target;
  const secrets = new Secrets();
  const network = new Network();
  const run = randomBytes(3).toString("hex");
  const context = contextOf({ target: seen }, run, network, secrets);
  Object.assign(context.baseline, { receipts: true, ordered: true, greets: true, deadlineMs });
  const file = new RunFile(run, seen, context);
  try {
    await using world = new World(context, new Transcript(secrets));
    await tell(world);
  } finally {
    await cleanUp(context, file);
    await network.close();
  }
}
