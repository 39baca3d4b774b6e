// Proofs of contract/stomp/payload.ts.

import type { payload as area } from "../../../contract/stomp/payload.ts";
import { headerOf, type StompFrame } from "../../../drivers/codecs/stomp.ts";
import { TargetError, TimeoutError } from "../../../drivers/errors.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import type { World } from "../../../runner/world.ts";
import { openPlaces } from "../steps/broker.ts";

/** Somebody who hears a topic, and sends there. */
async function opening(world: World) {
  const { alice, bob, channel } = await openPlaces(world);
  const connection = await world.stomp(alice);
  const subscription = await world.subscribe(connection, channel);
  /** The next MESSAGE after a SEND with these headers and this body. */
  const echoOf = async (headers: Record<string, string>, body: string): Promise<StompFrame> => {
    const before = subscription.messages().length;
    let seen = 0;
    connection.sendFrame("SEND", { destination: channel.destination, ...headers }, body);
    return await subscription
      .awaitMessage("what was sent", () => ++seen > before, world.deadlineMs)
      .catch(async (error: unknown) => {
        if (!(error instanceof TimeoutError)) throw error;
        // That anything is heard is for another clause to say.
        const marker = world.marker("control");
        await world.post(bob, channel, marker);
        await world.hear(subscription, marker);
        throw error;
      });
  };
  return { alice, bob, channel, connection, subscription, echoOf };
}

/** Sends headers of its own, and requires that they come back. */
async function comeBack(world: World, headers: Record<string, string>): Promise<void> {
  const { echoOf } = await opening(world);
  const echo = await echoOf(headers, "text");
  for (const [name, value] of Object.entries(headers)) {
    const got = headerOf(echo, name);
    claim(
      got === value,
      () =>
        `the header ${JSON.stringify(name)}: ${JSON.stringify(value)} arrived as ${JSON.stringify(got) ?? "nothing"}`,
    );
  }
}

export const payload: Proofs<typeof area> = {
  "payload.headers-arrive": async (world) => {
    await comeBack(world, { "x-rollcall": world.marker(), "x-priority": "4", foo: "Grüße 안녕 👋" });
  },

  "payload.escapes-in-headers": async (world) => {
    await comeBack(world, { "x-k:ey\\n": "a:b\\c\nd\\\\n", "x-lines": "one\ntwo" });
  },

  "payload.empty-header-arrives": async (world) => {
    await comeBack(world, { "x-empty": "" });
  },

  "payload.headers-are-not-trimmed": async (world) => {
    await comeBack(world, { "x-spaces": "  a  " });
  },

  "payload.first-of-repeated-counts": async (world) => {
    const { alice, bob, channel, connection, subscription } = await opening(world);
    const other = await world.privateChannel(alice, bob);
    const second = await world.subscribe(connection, other);
    const marker = world.marker();
    connection.sendRaw(`SEND\ndestination:${channel.destination}\ndestination:${other.destination}\n\n${marker}\0`);
    const fence = world.marker("fence");
    for (const one of [channel, other]) world.sendMessage(connection, alice, one, fence);
    for (const one of [subscription, second]) await world.hear(one, fence);
    const counts = [subscription, second].map((one) => world.heardCount(one, marker));
    claim(counts.join() === "1,0", () => `a SEND with two destinations came ${counts.join(" and ")} times to them`);
  },

  "payload.body-is-unchanged": async (world) => {
    const { echoOf } = await opening(world);
    const large = "x".repeat(20_000);
    const bodies = ["", " ", "a", "\n\na\n\n", "  a  ", "a\0b\0", "안녕 👋 Grüße\u2028", "\\n\\c", large];
    for (const body of bodies) {
      const echo = await echoOf({}, body).catch((error: unknown) => {
        // STOMP lets a server limit what it takes.
        if (body === large && error instanceof TargetError && error.code === "closed") return undefined;
        throw error;
      });
      if (echo === undefined) break;
      claim(
        echo.body === body,
        () => `the body ${JSON.stringify(body.slice(0, 40))} arrived as ${JSON.stringify(echo.body.slice(0, 40))}`,
      );
    }
  },

  "payload.content-type-passes": async (world) => {
    await comeBack(world, { "content-type": "text/x-rollcall;charset=utf-8" });
  },

  "payload.labels-are-the-servers": async (world) => {
    const { channel, connection, subscription } = await opening(world);
    const headers = { destination: channel.destination, "message-id": "rollcall-fixed", subscription: subscription.id };
    for (const body of ["one", "two"]) connection.sendFrame("SEND", headers, body);
    // Who refuses them keeps the sentence, too.
    const last = await connection.inbox.awaitItem(
      "what was sent, or ERROR",
      ({ command, body }) => command === "ERROR" || (command === "MESSAGE" && body === "two"),
      world.deadlineMs,
    );
    if (last.command === "ERROR") return;
    // What was heard before them has an id of the server's.
    const echoes = subscription.messages().filter(({ body }) => body === "one" || body === "two");
    const ids = echoes.map((echo) => headerOf(echo, "message-id"));
    claim(
      new Set(ids).size === echoes.length,
      () => `MESSAGEs have the message-id ${ids[0]}, which their sender chose`,
    );
    claim(
      echoes.every((echo) => echo.headers.filter(([name]) => name === "subscription").length === 1),
      "a MESSAGE has more than one header subscription",
    );
  },

  "payload.near-misses-hear-nothing": async (world) => {
    const { alice, channel, connection, subscription } = await opening(world);
    const marker = world.marker();
    for (const miss of [channel.destination.toUpperCase().replace(/^\/TOPIC/, "/topic"), `${channel.destination}x`])
      connection.sendFrame("SEND", { destination: miss }, marker);
    const fence = world.marker("fence");
    world.sendMessage(connection, alice, channel, fence);
    await world.hear(subscription, fence);
    await world.settle();
    claim(world.heardCount(subscription, marker) === 0, "what was sent to another destination was heard");
  },
};
