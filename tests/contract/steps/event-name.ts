// EventSource listens by name: by which one does this target tell of what its streams are probed with? Where nobody has
// heard it yet, our own client does, which listens to everything.

import type { Account } from "../../../runner/account-pool.ts";
import type { World } from "../../../runner/world.ts";

export async function nameOfProbes(world: World, alice: Account, bob: Account): Promise<string> {
  const kind = world.probeKind;
  const known = world.eventName(kind);
  if (known !== undefined && world.knowsEventName(kind)) return known;
  const stream = await world.events(alice);
  const { name } = await world.awaitEvent(stream, kind, (await world.causeEvent(bob, alice)).id);
  // It is another client's turn: a stream that stays would keep for that one what was missed.
  stream.close();
  await stream.closed;
  return name;
}
