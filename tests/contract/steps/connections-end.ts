// Do live connections end with their login, and those of others stay? Source: "REST, rules, live connection" of the
// contract.

import { setTimeout as wait } from "node:timers/promises";
import { TimeoutError } from "../../../drivers/errors.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { claim } from "../../../runner/proof.ts";
import type { World } from "../../../runner/world.ts";

/** The contract's 5 s and a second for a busy machine. */
const endWithinMs = 6_000;

/**
 * A STOMP connection and a stream of `account` on each of these instances must end after `work`, and those of a
 * bystander must stay.
 */
export async function connectionsEnd(
  world: World,
  account: Account,
  what: string,
  work: () => Promise<unknown>,
  instances: readonly number[] = [0],
): Promise<void> {
  const [bystander] = await world.accounts(1);
  const open = async (who: Account, instance: number) => {
    const [connection, stream] = await Promise.all([world.stomp(who, { instance }), world.events(who, { instance })]);
    return { connection, stream, at: instances.length === 1 ? "" : ` on ${world.instance(instance)}` };
  };
  const both = await Promise.all(
    instances.map((instance) => Promise.all([open(account, instance), open(bystander, instance)])),
  );
  await work();
  const left = await Promise.all(
    both.map(async ([{ connection, stream, at }]) => {
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
  for (const [, { connection, stream }] of both)
    claim(
      connection.inbox.ended === undefined && stream.inbox.ended === undefined,
      `${what} ended another user's connections`,
    );
}

function untilTimeout(error: unknown): false {
  if (error instanceof TimeoutError) return false;
  throw error;
}
