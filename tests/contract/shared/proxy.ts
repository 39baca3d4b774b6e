// Proofs of contract/shared/proxy.ts: everything here goes through the proxy.

import type { proxy as area } from "../../../contract/shared/proxy.ts";
import { upstreamHeader } from "../../../systems/discodeit/wire.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import type { Account } from "../../../runner/account-pool.ts";
import type { Channel, Where } from "../../../runner/rooms.ts";
import { allOwn, rely } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import type { TextTransport } from "../../../drivers/transport.ts";

/** The instance that answered, by the header. */
async function upstreamOf(world: World, path: string): Promise<string | null> {
  const answer = await world
    .stranger()
    .at({ baseUrl: world.instance("proxy") })
    .request("GET", path);
  return answer.headers.get(upstreamHeader);
}

interface Talk {
  alice: Account;
  channel: Channel;
  transport: TextTransport["kind"];
}

/** STOMP there: connects, subscribes, hears three messages. How often each came. */
async function talkAt(world: World, instance: Where, { alice, channel, transport }: Talk): Promise<number[]> {
  const connection = await world.stomp(alice, { instance, transport });
  const subscription = await world.subscribe(connection, channel);
  const markers = [world.marker(), world.marker(), world.marker("fence")];
  for (const marker of markers) {
    world.sendMessage(connection, alice, channel, marker);
    await world.hear(subscription, marker);
  }
  await world.settle();
  return markers.map((marker) => world.heardCount(subscription, marker));
}

/** What works directly works as often as this through the proxy. */
async function passes(world: World, transport: TextTransport["kind"], rounds = 1): Promise<void> {
  const isOnce = (counts: number[]): boolean => counts.every((count) => count === 1);
  const [alice, bob] = await world.accounts(2);
  const talk = { alice, channel: await world.privateChannel(alice, bob), transport };
  const direct = await talkAt(world, 0, talk);
  rely("deliver once", isOnce(direct), `messages came ${direct.join(", ")} times directly over ${transport}`);
  for (let round = 0; round < rounds; round++) {
    const counts = await allOwn(() => talkAt(world, "proxy", talk));
    claim(isOnce(counts), `messages came ${counts.join(", ")} times through the proxy over ${transport}`);
  }
}

export const proxy: Proofs<typeof area> = {
  "proxy.names-the-upstream": async (world) => {
    for (const path of ["/api/auth/csrf-token", "/api/users", "/api/rollcall-no-such", "/ws/info"]) {
      const name = await upstreamOf(world, path);
      claim(name !== null && name !== "", `the answer to GET ${path} names no upstream`);
      claim(!name.includes(","), `the answer to GET ${path} names several upstreams: ${name}`);
    }
  },

  "proxy.spreads-the-load": async (world) => {
    const names = new Set<string | null>();
    for (let index = 0; index < 20; index++) names.add(await upstreamOf(world, "/api/auth/csrf-token"));
    claim(names.size >= 2, `20 requests reached ${[...names].join(", ")} alone`);
  },

  "proxy.websocket-passes": async (world) => {
    await passes(world, "websocket");
    if (world.system.features.has("sockjs")) await passes(world, "sockjs-websocket");
  },

  "proxy.sse-is-not-buffered": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const direct = await world.events(alice);
    const proxied = await allOwn(() => world.events(alice, { instance: "proxy" }));
    for (let round = 0; round < 3; round++) {
      const { id } = await world.causeEvent(alice, bob);
      await world.awaitEvent(direct, world.probeKind, id);
      // One by one: a buffer would hold each back until the next.
      await allOwn(() => world.awaitEvent(proxied, world.probeKind, id));
    }
  },

  "proxy.sockjs-stays": async (world) => {
    // Several sessions: with two instances behind it, one that moved about would be lost soon.
    await passes(world, "xhr-polling", 3);
    await passes(world, "xhr-streaming");
  },

  "proxy.page-falls-back": async (world) => {
    const stranger = world.stranger().at({ baseUrl: world.instance("proxy") });
    const isPage = async (path: string): Promise<boolean> => {
      const { status, headers, text } = await stranger.request("GET", path);
      return status === 200 && (headers.get("content-type") ?? "").startsWith("text/html") && /<html/i.test(text);
    };
    for (const path of ["/", "/channels/7", "/rollcall/no/such"])
      claim(await isPage(path), `GET ${path} does not give the web page`);
    for (const path of ["/api/rollcall-no-such", "/ws/rollcall-no-such"])
      claim(!(await isPage(path)), `GET ${path} gives the web page instead of an error`);
  },
};
