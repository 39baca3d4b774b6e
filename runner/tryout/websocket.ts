// Who says something in a room over bare WebSocket JSON is heard there.

import { TimeoutError } from "../../drivers/errors.ts";
import { takeSeat, type Seat } from "../raw-rooms.ts";
import { holds } from "../text.ts";
import type { World } from "../world.ts";
import { given, parsed, placeIn, shown, Wrong, type Stage, type Trial } from "./trial.ts";

/** What comes back at all comes back at once. */
const echoWaitMs = 1_000;

export function webSocketTrials(world: World): Trial[] {
  if (world.system.websocket === undefined) return [];
  const seats: Seat[] = [];
  const heard: { marker: string; text: string }[] = [];
  return [
    { name: "websocket.url", rests: ["rooms.open"], work: (stage) => sit(stage, seats) },
    { name: "websocket.send", rests: ["websocket.url"], work: (stage) => say(stage, seats, heard) },
    { name: "websocket.textOf", rests: ["websocket.send"], work: (stage) => read(stage, heard[0]!) },
    {
      name: "websocket.echo",
      rests: ["websocket.send"],
      work: (stage) => listenToSelf(stage, seats, heard[0]!.marker),
    },
  ];
}

async function sit({ world, people, room }: Stage, seats: Seat[]): Promise<string> {
  for (const account of people.slice(0, 2)) seats.push(await takeSeat(world, account, room!));
  return "two sockets are in the room";
}

/** Until it is heard: nobody knows when a socket is in its room. */
async function say(
  { world, deadlineMs }: Stage,
  seats: Seat[],
  heard: { marker: string; text: string }[],
): Promise<string> {
  const [listener, speaker] = seats as [Seat, Seat];
  const startMs = performance.now();
  for (let attempt = 0; ; attempt++) {
    const marker = world.marker("tryout");
    speaker.say(marker);
    try {
      const isIt = (text: string): boolean => holds(text, marker);
      const { text } = await listener.socket.awaitText("a message", isIt, Math.min(deadlineMs, 500 * 2 ** attempt));
      heard.push({ marker, text });
      return `${shown(parsed(speaker.messageOf(marker)))} was heard by the other`;
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      if (performance.now() - startMs < deadlineMs) continue;
      const came = listener.socket.inbox.items.at(-1)?.text;
      const instead = came === undefined ? "nothing came" : `this came: ${shown(parsed(came))}`;
      throw new Wrong(`${shown(parsed(speaker.messageOf(marker)))} was not heard by the other; ${instead}`, {
        cause: error,
      });
    }
  }
}

async function read({ world }: Stage, { marker, text }: { marker: string; text: string }): Promise<string> {
  const message = parsed(text);
  const said = given("websocket.textOf", () => world.system.websocket!.textOf(message));
  if (said === marker) return shown(said);
  const place = placeIn(message, marker);
  throw new Wrong(
    `it gives ${shown(said)} for ${shown(message)}${place === undefined ? "" : `; the text is at message${place}`}`,
  );
}

async function listenToSelf({ world }: Stage, [, speaker]: Seat[], marker: string): Promise<string> {
  const { echo } = world.system.websocket!;
  let isHeard = true;
  try {
    await speaker!.socket.awaitText("its own message", (text) => holds(text, marker), echoWaitMs);
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    isHeard = false;
  }
  if (isHeard === echo) return `${echo}: who speaks ${echo ? "hears itself" : "does not hear itself"}`;
  throw new Wrong(`it says ${echo}, but who spoke ${isHeard ? "heard itself" : "did not hear itself"}`);
}
