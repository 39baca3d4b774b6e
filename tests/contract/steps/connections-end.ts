// Do live connections end with their login, and those of others stay? Source: "REST, rules, live connection" of the
// contract.

import { setTimeout as wait } from "node:timers/promises";
import type { StompConnection } from "../../../drivers/stomp.ts";
import type { EventStream } from "../../../drivers/sse.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { claim } from "../../../runner/proof.ts";
import { rely } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { untilTimeout } from "./look.ts";

/** The contract's 5 s and a second for a busy machine. */
const endWithinMs = 6_000;

/** What breaks everybody's streams does so when it next writes to them. */
const aftermathMs = 2_000;

interface Live {
  connection: StompConnection;
  stream: EventStream;
}

async function open(world: World, who: Account, instance = 0): Promise<Live> {
  const [connection, stream] = await Promise.all([world.stomp(who, { instance }), world.events(who, { instance })]);
  return { connection, stream };
}

const isLive = ({ connection, stream }: Live): boolean =>
  connection.inbox.ended === undefined && stream.inbox.ended === undefined;

/**
 * A STOMP connection and a stream of `account` on each of these instances must end after `work`. Those of a bystander
 * stay, or all of them end for another reason.
 */
export async function connectionsEnd(
  world: World,
  account: Account,
  what: string,
  work: () => Promise<unknown>,
  instances: readonly number[] = [0],
): Promise<void> {
  const [bystander] = await world.accounts(1);
  const both = await Promise.all(
    instances.map((instance) => Promise.all([open(world, account, instance), open(world, bystander, instance)])),
  );
  await work();
  const left = await Promise.all(
    both.map(async ([{ connection, stream }], index) => {
      const at = instances.length === 1 ? "" : ` on ${world.instance(instances[index])}`;
      const [stompEnded, streamEnded] = await Promise.all([
        connection.awaitClose(endWithinMs).then(() => true, untilTimeout),
        Promise.race([stream.closed.then(() => true), wait(endWithinMs, false, { ref: false })]),
      ]);
      return [...(stompEnded ? [] : [`the STOMP connection${at}`]), ...(streamEnded ? [] : [`the event stream${at}`])];
    }),
  );
  claim(
    left.flat().length === 0,
    `${left.flat().join(" and ")} still open ${endWithinMs} ms after ${what}`,
    diagnoses.outlivesLogin,
  );
  const stay = both.every(([, live]) => isLive(live));
  rely("leave others connected", stay, `${what} ended another user's connections`);
}

/** The STOMP connection and the stream of a bystander must outlive `work`, which is about `account`'s. */
export async function connectionsStay(
  world: World,
  account: Account,
  what: string,
  work: () => Promise<unknown>,
): Promise<void> {
  const [bystander] = await world.accounts(1);
  const [live] = await Promise.all([open(world, bystander), open(world, account)]);
  await work();
  const ended = Promise.race([live.connection.closed, live.stream.closed]).then(() => true);
  await Promise.race([ended, wait(aftermathMs, false, { ref: false })]);
  claim(isLive(live), `${what} ended another user's connections`);
}
