// Faults that come from clients: a peer that vanishes without a word, one that does not read, everybody coming back at
// once, and somebody who writes nonsense to the broker. Each makes its own connections; the traffic must not feel it,
// and the server must get rid of them within a stated time.

import { setTimeout as wait } from "node:timers/promises";
import { HarnessError } from "../../drivers/errors.ts";
import { produce } from "../../drivers/kafka.ts";
import type { StompConnection } from "../../drivers/stomp.ts";
import type { Account } from "../account-pool.ts";
import { Violation } from "../proof.ts";
import { accountAt, answerDeadlineMs } from "./client.ts";
import type { Ground, Trouble } from "./scenarios.ts";
import { connectStomp } from "./stomp-listener.ts";

/** Twice the heart-beat interval of 10 s and a second, as the server promises, and some for a busy machine. */
const halfOpenMsMax = 25_000;
/**
 * Presence follows the end of the last connection: a grace for reloads, and the time in which every instance hears of
 * it.
 */
const offlineMsMax = 10_000;
/** With the last one as many as a connection may have. */
const slowFrames = 99;
/**
 * Each is 5.8 kB on the wire, to each subscription: 87 MB in all, which is more than the kernels on the way keep for a
 * reader (a forwarder of a published port has its own buffers: 33 MB to read and 4 MB to write at most, twice).
 */
const slowMessages = 150;
export const slowCharacters = 1_800;
const cutOffMsMax = 15_000;
const stormSize = 150;
const stormRounds = 3;
/** Between two rounds: so that everybody is back and hears something. */
const stormPauseMs = 700;

/** Clients that promised heart-beats and send none: they are found, and their user is offline then. */
export function halfOpen({ world, scene }: Ground): Trouble {
  const connections: StompConnection[] = [];
  let ghost: Account | undefined;
  return {
    async begin() {
      const account = (ghost = await world.freshAccount());
      for (const place of scene.places.all) {
        const connection = world.track(await connectStomp(scene, account, place, "websocket"));
        connection.stopHeartBeats();
        connections.push(connection);
      }
    },
    end: () => Promise.resolve(),
    async check() {
      const open = (await Promise.all(connections.map((connection) => closesWithin(connection, halfOpenMsMax)))).filter(
        (closed) => !closed,
      );
      if (open.length > 0)
        throw new Violation(
          `${open.length} of ${connections.length} connections whose heart-beats stopped were still open after ${halfOpenMsMax} ms`,
        );
      const untilMs = performance.now() + offlineMsMax;
      for (;;) {
        const asking = accountAt(scene, ghost!, scene.places.instance(0));
        if ((await scene.speaker.isOnline(asking, ghost!)) !== true) return;
        if (performance.now() > untilMs)
          throw new Violation(`a user whose connections all ended is still online ${offlineMsMax} ms later`);
        await wait(100);
      }
    },
  };
}

/** A client that stops reading: it is cut off, and nobody else hears anything later for it. */
export function slowReader({ world, scene, traffic }: Ground): Trouble {
  let slow: StompConnection | undefined;
  return {
    async begin() {
      const room = traffic.rooms[0]!;
      const [reader, speaker] = [room.members[0]!, room.members[1]!];
      slow = world.track(await connectStomp(scene, reader, scene.places.instance(0), "websocket", false));
      for (let count = 0; count < slowFrames; count++) slow.sendSubscribe(room.channel.destination);
      await slow.subscribeWithReceipt(room.channel.destination, answerDeadlineMs, "last");
      slow.transport.pause();
      const sender = traffic.speaker(speaker, [room]);
      for (let count = 0; count < slowMessages; count++) await sender.post(room, 1, slowCharacters);
    },
    async end() {
      slow?.transport.resume();
      await Promise.resolve();
    },
    async check() {
      if (slow !== undefined && !(await closesWithin(slow, cutOffMsMax)))
        throw new Violation(
          `a reader with ${slowFrames} subscriptions that did not read ${slowMessages} messages was not cut off`,
        );
    },
  };
}

/** All connections break at once, several times, and more clients than usual come back together. */
export function reconnectStorm({ scene, traffic }: Ground): Trouble {
  return {
    async begin() {
      const accounts = traffic.rooms[0]!.members;
      for (let round = 0; round < stormRounds; round++) {
        const comers = Array.from({ length: stormSize }, (_, index) =>
          connectStomp(
            scene,
            accounts[index % accounts.length]!,
            scene.places.all[index % scene.places.all.length]!,
            "websocket",
          ),
        );
        traffic.breakAll();
        const settled = await Promise.allSettled(comers);
        const refused = settled.find((item) => item.status === "rejected");
        for (const item of settled) if (item.status === "fulfilled") item.value.transport.terminate();
        await wait(stormPauseMs);
        if (refused !== undefined)
          throw new Violation(`in a storm of ${stormSize} connections: ${String(refused.reason)}`);
      }
    },
    end: () => Promise.resolve(),
  };
}

/**
 * Records that no instance can read, between those that all can: they are skipped, and nobody stumbles over them again
 * and again.
 */
export function poisonRecords({ scene }: Ground): Trouble {
  return {
    async begin() {
      if (scene.kafka === undefined)
        throw new HarnessError(
          "Cannot put records on the target's topics: they are not the ones that it was said to have",
        );
      const { brokers, topicPrefix } = scene.kafka;
      for (const topic of ["messages", "events"]) await produce(brokers, `${topicPrefix}.${topic}`, "poison", poisons);
    },
    end: () => Promise.resolve(),
  };
}

const poisons = [
  "",
  "no JSON",
  "null",
  "[]",
  '{"topic":"elsewhere"}',
  '{"topic":"messages","id":7}',
  '{"topic":"messages","id":"x"}',
  '{"topic":"events","id":"x"}',
  "\u0000".repeat(1_000),
];

async function closesWithin(connection: StompConnection, ms: number): Promise<boolean> {
  const late = wait(ms, false, { ref: false });
  return await Promise.race([connection.closed.then(() => true), late]);
}
