// Proofs of contract/stomp/versions.ts.

import type { versions as area } from "../../../contract/stomp/versions.ts";
import { headerOf } from "../../../drivers/codecs/stomp.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import { rely } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { awaitRefusal, connectAs, openPlaces, subscribeTo, topicOf } from "../steps/broker.ts";

/** How a CONNECT with these headers is answered. */
async function answerTo(world: World, headers: Record<string, string>) {
  const [alice] = await world.accounts(1);
  const connection = await world.openStomp(alice);
  connection.sendFrame("CONNECT", { "heart-beat": "0,0", ...world.speaker.connectHeaders(alice), ...headers });
  const answer = await connection.inbox.awaitItem("an answer to CONNECT", () => true, world.deadlineMs);
  await world.settle();
  return { answer, connection };
}

export const versions: Proofs<typeof area> = {
  "versions.each-alone": async (world) => {
    let spoken = 0;
    for (const version of ["1.0", "1.1", "1.2"]) {
      const { answer, connection } = await answerTo(world, { "accept-version": version });
      if (answer.command === "ERROR") continue;
      const got = headerOf(answer, "version");
      claim(
        answer.command === "CONNECTED" && (got === version || (version === "1.0" && got === undefined)),
        () => `CONNECT with accept-version:${version} was answered ${answer.command} with version:${got}`,
      );
      claim(connection.frames("CONNECTED").length === 1, "CONNECT was answered by more than one CONNECTED");
      spoken += 1;
    }
    rely("connect", spoken > 0, "no version alone is spoken");
  },

  "versions.none-is-the-oldest": async (world) => {
    const { answer } = await answerTo(world, {});
    if (answer.command === "ERROR") return;
    const got = headerOf(answer, "version");
    claim(
      answer.command === "CONNECTED" && (got === undefined || got === "1.0"),
      () => `CONNECT without accept-version was answered ${answer.command} with version:${got}`,
    );
  },

  "versions.oldest-has-no-escapes": async (world) => {
    const { alice, channel } = await openPlaces(world);
    const connection = await connectAs(world, alice, "1.0");
    if (connection === undefined) return;
    const subscription = await subscribeTo(world, connection, topicOf(channel));
    const value = String.raw`a\nb\\c\td`;
    connection.sendFrame("SEND", { destination: channel.destination, "x-path": value }, "text");
    const echo = await subscription.awaitMessage("what was sent", () => true, world.deadlineMs);
    const got = headerOf(echo, "x-path");
    claim(got === value, () => `in 1.0 the header ${JSON.stringify(value)} arrived as ${JSON.stringify(got)}`);
  },

  "versions.escaped-cr-is-of-1-2": async (world) => {
    const { alice, channel } = await openPlaces(world);
    const connection = await connectAs(world, alice, "1.1");
    if (connection === undefined) return;
    await subscribeTo(world, connection, topicOf(channel)); // the control: the session is good
    connection.sendRaw(`SEND\ndestination:${channel.destination}\nx-line:a\\rb\n\ntext\0`);
    await awaitRefusal(world, connection, "an escaped carriage return in 1.1");
  },

  "versions.oldest-needs-no-id": async (world) => {
    const { alice, bob, channel } = await openPlaces(world);
    const connection = await connectAs(world, alice, "1.0");
    if (connection === undefined) return;
    const { destination } = channel;
    await connection.sendAndAwaitReceipt("SUBSCRIBE", { destination }, "", world.deadlineMs);
    const [first, second] = [world.marker(), world.marker()];
    await world.post(bob, channel, first);
    const heard = await connection.inbox.awaitItem(
      "a MESSAGE",
      ({ command, body }) => command === "MESSAGE" && body.includes(first),
      world.deadlineMs,
    );
    claim(headerOf(heard, "subscription") === undefined, "a MESSAGE names a subscription that has no id");
    await connection.sendAndAwaitReceipt("UNSUBSCRIBE", { destination }, "", world.deadlineMs);
    const witness = await world.subscribe(await world.stomp(bob), channel);
    await world.post(bob, channel, second);
    await world.hear(witness, second);
    await world.settle();
    claim(
      !connection.frames("MESSAGE").some(({ body }) => body.includes(second)),
      "UNSUBSCRIBE by destination ends nothing",
    );
  },
};
