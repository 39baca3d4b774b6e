// What was posted is heard, and what was said is in the history, oldest first.

import { setTimeout as wait } from "node:timers/promises";
import type { Account } from "../account-pool.ts";
import { holds } from "../text.ts";
import type { World } from "../world.ts";
import { shown, Wrong, type Stage, type Trial } from "./trial.ts";

/** Between two looks at a history into which something is still being written. */
const lookAgainMs = 100;

export function storeTrials(world: World): Trial[] {
  const { post, history, presence, stomp } = world.system;
  const trials: (Trial | false)[] = [
    post !== undefined &&
      (stomp === undefined || stomp.send !== undefined) && { name: "post", rests: ["rooms.open"], work: postOne },
    history !== undefined && { name: "history", rests: ["rooms.open", "stomp.send", "post"], work: readHistory },
    presence?.isOnline !== undefined && { name: "presence.isOnline", rests: ["rooms.open"], work: seeWhoIsOnline },
  ];
  return trials.filter((trial) => trial !== false);
}

async function postOne({ world, people, room, subscription, deadlineMs }: Stage): Promise<string> {
  const text = world.marker("tryout");
  const { id } = await world.speaker.post(people[1]!, room!.room, text);
  const gave = id === undefined ? "" : ` It gave the id ${id}.`;
  if (subscription === undefined) return `posted.${gave}`;
  await subscription.awaitMessage("what was posted", ({ body }) => holds(body, text), deadlineMs);
  return `what was posted was heard on ${subscription.destination}.${gave}`;
}

async function readHistory(stage: Stage): Promise<string> {
  const { world, people, room, deadlineMs } = stage;
  const [owner] = people as [Account];
  const texts = [world.marker("tryout-first"), world.marker("tryout-second")];
  const startMs = performance.now();
  const read = () => world.speaker.history(owner, room!.room);
  for (const text of texts) {
    await world.post(people[1]!, room!, text);
    // The second is said when the first is stored: else their order is nobody's fault.
    for (;;) {
      const stored = await read();
      if (stored.some((entry) => entry.text === text)) break;
      if (performance.now() - startMs > deadlineMs)
        throw new Wrong(`of ${stored.length} entries none has the text ${shown(text)}: ${shown(stored.at(-1) ?? [])}`);
      await wait(lookAgainMs);
    }
  }
  const stored = await read();
  const [first, second] = texts.map((text) => stored.findIndex((entry) => entry.text === text)) as [number, number];
  if (first > second)
    throw new Wrong(`it gives the newest entry first (${first} of ${stored.length}): oldest first is asked for`);
  return `${stored.length} entries, oldest first${stored[first]!.id === undefined ? ", without ids" : ""}`;
}

async function seeWhoIsOnline({ world, people: [owner, member] }: Stage): Promise<string> {
  const isOnline: unknown = await world.speaker.isOnline(owner!, member!);
  if (typeof isOnline !== "boolean") throw new Wrong(`it gives ${shown(isOnline)}, which is neither true nor false`);
  return `${member!.username} is ${isOnline ? "online" : "not online"}`;
}
