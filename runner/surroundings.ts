// Is it the server, or what stands in front of it? A proxy that does not pass upgrades, one that buffers streams, and
// one that spreads a SockJS session over instances each break many clauses.

import { setTimeout as wait } from "node:timers/promises";
import type { Verdict } from "../checkers/verdict.ts";
import { surroundingMistakes } from "../contract/diagnoses.ts";
import { TargetError, TimeoutError } from "../drivers/errors.ts";
import { openWebSocketTransport } from "../drivers/websocket.ts";
import type { Suspicion } from "./suspicions.ts";
import type { World } from "./world.ts";

const inAreas = ({ id }: Verdict, ...areas: readonly string[]): boolean => areas.includes(id.slice(0, id.indexOf(".")));

/** What is so, is said; `least` is two: one verdict alone, on which nothing rests, has its own reason. */
const about = (
  diagnosis: string,
  concerns: Suspicion["concerns"],
  isSo: (world: World) => Promise<boolean>,
): Suspicion => ({
  concerns,
  least: 2,
  probe: async (world) => ((await isSo(world)) ? diagnosis : undefined),
});

export const surroundings: readonly Suspicion[] = [
  about(
    surroundingMistakes.noUpgrade,
    ({ because }) => /instead of 101|closed with 1006/.test(because ?? ""),
    async (world) => (await pollsOpen(world)) && !(await upgrades(world)),
  ),
  about(
    surroundingMistakes.notSticky,
    (verdict) => inAreas(verdict, "sockjs", "transports", "witness", "proxy", "csrf"),
    isSpread,
  ),
  about(
    surroundingMistakes.bufferedStream,
    (verdict) =>
      inAreas(verdict, "sse", "replay", "witness", "proxy", "notifications", "files", "tabs") ||
      verdict.connection?.startsWith("sse ") === true,
    isBuffered,
  ),
];

async function upgrades(world: World): Promise<boolean> {
  const url = world.webSocketUrl();
  const transport = openWebSocketTransport(url, { network: world.network, openTimeoutMs: world.deadlineMs });
  try {
    (await transport).close();
    return true;
  } catch (error) {
    if (error instanceof TargetError || error instanceof TimeoutError) return false;
    throw error;
  }
}

const sessionPath = (world: World): string =>
  `${world.system.stomp?.url ?? ""}/000/r${Math.random().toString(36).slice(2, 10)}`;

async function pollsOpen(world: World): Promise<boolean> {
  if (!world.system.features.has("sockjs")) return false;
  const { status, text } = await world.stranger().request("POST", `${sessionPath(world)}/xhr`, { csrf: false });
  return status === 200 && text.startsWith("o");
}

/** A session that was just opened is unknown to some of the next requests. */
async function isSpread(world: World): Promise<boolean> {
  if (!world.system.features.has("sockjs")) return false;
  const rest = world.stranger();
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 4; attempt++) {
    const path = sessionPath(world);
    if (!(await rest.request("POST", `${path}/xhr`, { csrf: false })).text.startsWith("o")) continue;
    for (let message = 0; message < 2; message++) {
      const sent = { text: '["\\n"]', contentType: "text/plain", csrf: false } as const;
      statuses.push((await rest.request("POST", `${path}/xhr_send`, sent)).status);
    }
  }
  return statuses.includes(404) && statuses.includes(204);
}

/** At least 50 octets each: more than two buffers of Nginx hold. */
const eventsMade = 160;
const betweenMs = 20;

/** Events that are made one after the other come in clusters. */
async function isBuffered(world: World): Promise<boolean> {
  if (!world.system.features.has("events")) return false;
  const [alice, bob] = await world.accounts(2);
  const stream = world.openEvents(alice);
  const made: string[] = [];
  for (let count = 0; count < eventsMade; count++) {
    made.push((await world.causeEvent(bob, alice)).id);
    await wait(betweenMs);
  }
  const came = stream.events
    .filter((event) => made.some((id) => world.tellsOf(event, world.probeKind, id)))
    .map(({ atMs }) => atMs);
  return came.length > 0 && clustersOf(came) * 4 <= came.length;
}

/** How often something came after a pause; nothing comes in no cluster. */
export const clustersOf = (atMs: readonly number[]): number =>
  atMs.filter((at, index) => index === 0 || at - atMs[index - 1]! > betweenMs / 2).length;
