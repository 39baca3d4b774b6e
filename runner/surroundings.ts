// Is it the server, or what stands in front of it? A proxy that does not pass upgrades, one that buffers streams, and
// one that spreads a SockJS session over instances each break many clauses. Each is named only after its own probe.

import { setTimeout as wait } from "node:timers/promises";
import type { Verdict } from "../checkers/verdict.ts";
import { TargetError, TimeoutError } from "../drivers/errors.ts";
import { openWebSocketTransport } from "../drivers/websocket.ts";
import type { World } from "./world.ts";

interface Surrounding {
  diagnosis: string;
  /** Whether this verdict may be due to it. */
  concerns: (verdict: Verdict) => boolean;
  /** Whether it is so. */
  probe: (world: World) => Promise<boolean>;
}

const isBroken = ({ kind }: Verdict): boolean => kind === "fail" || kind === "weak";
const inAreas = ({ id }: Verdict, ...areas: readonly string[]): boolean => areas.includes(id.slice(0, id.indexOf(".")));

const surroundings: readonly Surrounding[] = [
  {
    diagnosis:
      'no WebSocket gets through, while SockJS over XHR does: a proxy in front does not pass the upgrade; in Nginx set proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade and Connection "upgrade" for the endpoint',
    concerns: ({ because }) => /instead of 101|closed with 1006/.test(because ?? ""),
    probe: async (world) => !(await upgrades(world)) && (await pollsOpen(world)),
  },
  {
    diagnosis:
      "requests of one SockJS session reach instances that do not know it: no sticky sessions; balance by the session segment of /ws/{server}/{session}/{transport}, or by ip hash",
    concerns: (verdict) => inAreas(verdict, "sockjs", "witness", "proxy", "csrf"),
    probe: isSpread,
  },
  {
    diagnosis:
      "events are held back until many of them have come: a proxy in front buffers the stream; in Nginx set proxy_buffering off for the event stream, or answer with X-Accel-Buffering: no",
    concerns: (verdict) => inAreas(verdict, "sse", "replay", "witness", "proxy", "notifications", "files", "tabs"),
    probe: isBuffered,
  },
];

/** Names, of what is broken, the surroundings that a probe found. `openWorld` makes a world for each probe. */
export async function nameSurroundings(verdicts: readonly Verdict[], openWorld: () => World): Promise<Verdict[]> {
  let named = [...verdicts];
  for (const { diagnosis, concerns, probe } of surroundings) {
    const concerned = named.filter((verdict) => isBroken(verdict) && concerns(verdict));
    if (concerned.length < 2) continue;
    await using world = openWorld();
    if (!(await answers(probe(world)))) continue;
    named = named.map((verdict) => (concerned.includes(verdict) ? { ...verdict, diagnosis } : verdict));
  }
  return named;
}

/** A probe that the target lets down proves nothing. */
async function answers(probe: Promise<boolean>): Promise<boolean> {
  try {
    return await probe;
  } catch (error) {
    if (error instanceof TargetError || error instanceof TimeoutError) return false;
    throw error;
  }
}

async function upgrades(world: World): Promise<boolean> {
  const url = world.webSocketUrl();
  const transport = openWebSocketTransport(url, { network: world.network, openTimeoutMs: world.deadlineMs });
  return await answers(
    transport.then((open) => {
      open.close();
      return true;
    }),
  );
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
