// Who has an event stream hears what was caused, and the definition knows it by its key.

import type { SseEvent } from "../../drivers/codecs/sse.ts";
import { within } from "../../drivers/deadline.ts";
import { TargetError } from "../../drivers/errors.ts";
import type { EventStream, StreamHead } from "../../drivers/sse.ts";
import { holds } from "../text.ts";
import type { World } from "../world.ts";
import { given, shown, Wrong, type Stage, type Trial } from "./trial.ts";

/** Some servers send no head before the first event. */
const headWaitMs = 2_000;

export function streamTrials(world: World): Trial[] {
  const { events } = world.system;
  if (events === undefined) return [];
  const streams: EventStream[] = [];
  const causes = Object.entries(events.causes).filter(([, { cause }]) => cause !== undefined);
  return [
    { name: "events.url", rests: ["rooms.open"], work: (stage) => open(stage, streams) },
    ...causes.map(([kind]) => ({
      name: `events.causes.${kind}.cause`,
      rests: ["events.url"],
      work: (stage: Stage) => causeAndHear(stage, streams, kind),
    })),
  ];
}

async function open({ world, people }: Stage, streams: EventStream[]): Promise<string> {
  for (const account of people.slice(0, 2)) streams.push(world.openEvents(account));
  const [stream] = streams as [EventStream];
  const head = await within<StreamHead | undefined>(headWaitMs, stream.head, () => undefined).catch(
    (error: unknown) => {
      if (!(error instanceof TargetError) || !/answered 40[13]/.test(error.message)) throw error;
      throw new Wrong(`${error.message}: is events.auth right?`, { cause: error });
    },
  );
  if (head === undefined) return "nothing came as yet";
  const type = head.headers["content-type"] ?? "none";
  if (!type.startsWith("text/event-stream"))
    throw new Wrong(`GET ${stream.url.split("?", 1)[0]} is no event stream: its content type is ${type}`);
  return `${head.status} ${type}`;
}

async function causeAndHear(
  { world, people, deadlineMs }: Stage,
  streams: EventStream[],
  kind: string,
): Promise<string> {
  const keys: string[] = [];
  const before = streams.map((stream) => stream.events.length);
  const fresh = (): SseEvent[] => streams.flatMap((stream, at) => stream.events.slice(before[at]));
  // Since when a stream is live nobody says: what was missed is caused once more.
  for (const waitMs of [deadlineMs / 4, deadlineMs]) {
    keys.push((await world.causeEvent(people[0]!, people[1]!, 0, kind)).id);
    const isIt = (event: SseEvent): boolean => keys.some((key) => world.tellsOf(event, kind, key));
    const heard = Promise.any(streams.map((stream) => stream.awaitEvent("an event", isIt, waitMs)));
    const event = await heard.catch(() => undefined);
    if (event !== undefined) return checkName(world, kind, event, keys);
  }
  throw whyUnheard(world, kind, keys, fresh(), deadlineMs);
}

function checkName(world: World, kind: string, event: SseEvent, keys: readonly string[]): string {
  const { name } = world.system.events!.causes[kind]!;
  if (name === undefined || name === event.name) return `${shown(event.name)} was heard, with the key ${keys.at(-1)}`;
  throw new Wrong(`the event that came is called ${shown(event.name)}, not ${shown(name)}`, {
    blamed: `events.causes.${kind}.name`,
  });
}

function whyUnheard(
  world: World,
  kind: string,
  keys: readonly string[],
  came: readonly SseEvent[],
  deadlineMs: number,
): Wrong {
  const { keyOf } = world.system.events!.causes[kind]!;
  const likely = came.find(({ data }) => keys.some((key) => holds(data, key)));
  if (likely !== undefined && keyOf !== undefined) {
    const blamed = `events.causes.${kind}.keyOf`;
    const { name, data = "" } = likely;
    const key = given(blamed, () => keyOf({ name, data }));
    return new Wrong(`it gives ${shown(key)} for ${shown({ name, data })}; the key was ${keys.join(", ")}`, { blamed });
  }
  const last = came.at(-1);
  return new Wrong(
    last === undefined
      ? `the event with the key ${keys.join(", ")} did not come within ${deadlineMs / 1_000} s, nor any other`
      : `no event with the key ${keys.join(", ")} came, but ${shown({ name: last.name, data: last.data })}`,
  );
}
