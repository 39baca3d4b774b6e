// Proofs of contract/gateway-chat/doors.ts.

import { setTimeout as wait } from "node:timers/promises";
import type { doors as area } from "../../../contract/gateway-chat/doors.ts";
import { urlBelow, webSocketUrl } from "../../../drivers/network.ts";
import { RawWebSocket } from "../../../drivers/raw-websocket.ts";
import type { Answer } from "../../../drivers/rest.ts";
import { closeOf, openWebSocket, readTexts, stompSubprotocols } from "../../../drivers/websocket.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, Inconclusive, jsonIn, type Proofs } from "../../../runner/proof.ts";
import { awaitHearing, Seat, seatAll, takeSeat } from "../../../runner/raw-rooms.ts";
import type { Channel, Where } from "../../../runner/rooms.ts";
import { own, step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { rawEndpoint } from "../../../systems/gateway-chat/wire.ts";

const strange = "http://rollcall-any-origin.example";
const idleMs = 65_000;

/** The gateway, where there is one. */
const front = ({ target }: World): Where => (target.proxy === undefined ? 0 : "proxy");

const askFront = (world: World, method: "GET" | "OPTIONS", headers: Record<string, string>): Promise<Answer> =>
  world
    .stranger()
    .at({ baseUrl: world.instance(front(world)) })
    .request(method, "/chat/info", { headers: { origin: strange, ...headers } });

/** A header that came twice is one with a comma. */
function claimOneOrigin({ headers }: Answer, what: string): void {
  const named = headers.get("access-control-allow-origin");
  claim(named === strange || named === "*", `${what} has Access-Control-Allow-Origin ${JSON.stringify(named)}`);
}

/** A socket whose address names no room. */
async function nowhere(world: World, account: Account, channel: Channel): Promise<Seat> {
  const { network, transcript } = world;
  const url = webSocketUrl(urlBelow(world.instance(), rawEndpoint));
  const socket = world.track(await RawWebSocket.open(url, { network, transcript, label: account.label }));
  return new Seat(world, socket, account, channel);
}

const isError = (text: string): boolean => {
  const { type, message } = (jsonIn(text) as { type?: unknown; message?: unknown } | null | undefined) ?? {};
  return type === "ERROR" && typeof message === "string" && message !== "";
};

/** The code with which a connection ends on which a text came that is no UTF-8. Undefined: it does not end. */
async function closeCodeAt(world: World, instance: Where): Promise<number | undefined> {
  const socket = await openWebSocket(world.webSocketUrl(instance), { network: world.network });
  const closed = closeOf(socket);
  readTexts(socket, () => undefined);
  socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
  const ended = await Promise.race([closed, wait(world.deadlineMs, undefined, { ref: false })]);
  socket.terminate();
  return ended?.code;
}

async function subprotocolAt(world: World, instance: Where, protocols: readonly string[]): Promise<string> {
  const socket = await openWebSocket(world.webSocketUrl(instance), { network: world.network, protocols });
  const { protocol } = socket;
  socket.terminate();
  return protocol;
}

/** The gateway may lead to another instance: that they hear each other there is one clause's to say. */
async function relyOnCrossing(world: World, here: Seat, account: Account): Promise<void> {
  for (const at of world.target.instances.keys()) {
    const there = await takeSeat(world, account, here.channel, at);
    await step(at === 0 ? "hear in a raw room" : "cross with raw rooms", () =>
      own("hear in a raw room", () => awaitHearing(world, here, there)),
    );
  }
}

async function roomOfTwo(world: World) {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  const [speaker, listener] = await seatAll(world, channel, [alice, bob]);
  return { alice, bob, channel, speaker, listener };
}

export const doors: Proofs<typeof area> = {
  "doors.first-message-enters": async (world) => {
    const { alice, channel, speaker, listener } = await roomOfTwo(world);
    const late = await nowhere(world, alice, channel);
    const [marker, answer] = [world.marker(), world.marker("answer")];
    late.say(marker);
    for (const seat of [speaker, listener])
      await seat.socket.awaitText(marker, (text) => text.includes(marker), world.deadlineMs);
    speaker.say(answer);
    await late.socket.awaitText(answer, (text) => text.includes(answer), world.deadlineMs);
  },

  "doors.one-room-a-socket": async (world) => {
    const { alice, bob, channel, speaker, listener } = await roomOfTwo(world);
    const other = await world.privateChannel(alice, bob);
    const [asker, elsewhere] = await seatAll(world, other, [alice, bob]);
    const secret = world.marker("elsewhere");
    speaker.socket.send(new Seat(world, speaker.socket, alice, other).messageOf(secret));
    const fences = [world.marker("fence"), world.marker("fence")] as const;
    speaker.say(fences[0]);
    await listener.hear(fences[0]);
    asker.say(fences[1]);
    await elsewhere.hear(fences[1]);
    await world.settle();
    const where = [listener.count(secret) > 0 && channel.id, elsewhere.count(secret) > 0 && other.id].filter(Boolean);
    claim(where.length === 0, `a message for another room than the socket's was heard in ${where.join(" and ")}`);
  },

  "doors.bad-json-is-answered": async (world) => {
    const { speaker } = await roomOfTwo(world);
    const bodies = ['{"roomId":', "no JSON", ""];
    for (const body of bodies) speaker.socket.send(body);
    await speaker.socket.inbox.awaitCount("ERROR", ({ text }) => isError(text), bodies.length, world.deadlineMs);
    await world.settle();
    const count = speaker.socket.inbox.items.filter(({ text }) => isError(text)).length;
    claim(count === bodies.length, `${bodies.length} messages that are no JSON are answered by ${count} ERRORs`);
  },

  "doors.one-cors-header": async (world) => {
    const answer = await askFront(world, "GET", {});
    claim(answer.status === 200, `GET /chat/info for a page of ${strange} is answered ${answer.status}`);
    claimOneOrigin(answer, "GET /chat/info");
  },

  "doors.preflight-is-answered": async (world) => {
    const asked = { "access-control-request-method": "GET", "access-control-request-headers": "content-type" };
    const answer = await askFront(world, "OPTIONS", asked);
    const isOk = answer.status >= 200 && answer.status < 300;
    claim(isOk, `a preflight request for /chat/info is answered ${answer.status}`);
    claimOneOrigin(answer, "a preflight request for /chat/info");
  },

  "doors.subprotocol-passes": async (world) => {
    for (const offered of [stompSubprotocols, ["v10.stomp"], []]) {
      const [direct, proxied] = [await subprotocolAt(world, 0, offered), await subprotocolAt(world, "proxy", offered)];
      claim(
        direct === proxied,
        `offered ${offered.join(", ")}, ${direct} is selected directly, ${proxied} through the gateway`,
      );
    }
  },

  "doors.close-code-passes": async (world) => {
    const [direct, proxied] = [await closeCodeAt(world, 0), await closeCodeAt(world, "proxy")];
    if (direct === undefined) throw new Inconclusive("a text that is no UTF-8 does not end a connection");
    claim(direct === proxied, `a connection ends with ${direct} directly, with ${proxied} through the gateway`);
  },

  "doors.raw-rooms-pass": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const direct = await takeSeat(world, alice, channel);
    await relyOnCrossing(world, direct, bob);
    const proxied = await own("connect to a raw room", () => takeSeat(world, bob, channel, "proxy"));
    await own("hear in a raw room", () => awaitHearing(world, direct, proxied));
    await own("hear in a raw room", () => awaitHearing(world, proxied, direct));
  },

  "doors.idle-stays-open": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const [direct, proxied] = [await takeSeat(world, alice, channel), await takeSeat(world, bob, channel, "proxy")];
    await relyOnCrossing(world, direct, alice);
    await awaitHearing(world, direct, proxied);
    await Promise.race([wait(idleMs, undefined, { ref: false }), proxied.socket.closed]);
    claim(proxied.socket.inbox.ended === undefined, `a silent socket ${proxied.socket.inbox.ended}`);
    const next = await takeSeat(world, alice, channel);
    await awaitHearing(world, next, proxied);
  },
};
