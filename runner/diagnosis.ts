// The questions asked of a silent target to find out which common mistake (contract/diagnoses.ts) it is; those of one
// system alone stand in its definition. A diagnosis never changes a verdict.

import { diagnoses } from "../contract/diagnoses.ts";
import { TargetError, TimeoutError } from "../drivers/errors.ts";
import type { StompFrame } from "../drivers/codecs/stomp.ts";
import type { StompConnection, Subscription } from "../drivers/stomp.ts";
import type { Account } from "./account-pool.ts";
import { Violation } from "./proof.ts";
import type { Channel } from "./rooms.ts";
import { ownerOf, type Step } from "./steps.ts";
import type { World } from "./world.ts";
import { holds } from "./text.ts";

// Proofs have it from here, beside the questions.
export { diagnoses };

/** Runs `work`; when nothing was heard, finds out where the server delivers instead and says so. */
export async function diagnoseSilence<T>(
  world: World,
  work: () => Promise<T>,
  { connection, reader, channel }: { connection: StompConnection; reader: Account; channel: Channel },
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TimeoutError) && !(error instanceof TargetError)) throw error;
    // What the search for it rests on did not work either.
    const owner = (step: string): string | undefined => ownerOf(step, world.system.name);
    if (owner(error.step ?? "hear a posted message") !== owner("hear a posted message")) throw error;
    throw new Violation(error.message, await findReceiver(world, connection, reader, channel));
  }
}

/** Where else messages of this channel are heard, or as what. */
async function findReceiver(
  world: World,
  connection: StompConnection,
  reader: Account,
  channel: Channel,
): Promise<string | undefined> {
  const elsewhere = Object.entries(world.system.stomp?.mistakes?.heardAt?.(channel.room) ?? {});
  // Each on its own connection: one that is refused is closed.
  const atRight = connection.inbox.ended === undefined ? connection : await world.stomp(reader);
  const places: [string | undefined, Subscription][] = [[undefined, atRight.sendSubscribe(channel.destination)]];
  for (const [destination, diagnosis] of elsewhere)
    places.push([diagnosis, (await world.stomp(reader)).sendSubscribe(destination)]);
  for (let attempt = 0; attempt < 3; attempt++) {
    const marker = world.marker("where");
    await world.post(channel.owner, channel, marker);
    const heard = await Promise.all(places.map(([, subscription]) => heardWithin(subscription, marker)));
    if (heard[0] !== undefined) return heard[0].body.startsWith("{") ? undefined : diagnoses.textPayload;
    const at = heard.findIndex((frame) => frame !== undefined);
    if (at > 0) return places[at]![0];
  }
  return undefined;
}

const heardWithin = (subscription: Subscription, marker: string): Promise<StompFrame | undefined> =>
  subscription
    .awaitMessage("a message anywhere", ({ body }) => holds(body, marker), 700)
    .catch((error: unknown) => {
      if (error instanceof TimeoutError || error instanceof TargetError) return undefined;
      throw error;
    });

/** When a SEND was not heard: which other destination takes it. `heard` says whether a marker came. */
export async function diagnoseSend(
  world: World,
  work: () => Promise<unknown>,
  send: (destination: string, marker: string) => void,
  heard: (marker: string) => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof TimeoutError) || error.step !== ("hear a sent message" satisfies Step)) throw error;
    for (const [destination, diagnosis] of Object.entries(world.system.stomp?.mistakes?.sentTo ?? {})) {
      const marker = world.marker("where");
      send(destination, marker);
      const came = await heard(marker).then(
        () => true,
        () => false,
      );
      if (came) throw new Violation(error.message, diagnosis);
    }
    throw error;
  }
}

/** When a named event did not come: whether its content came under another name. */
export async function diagnoseEventName(
  stream: { events: readonly { name: string; data: string | undefined }[] },
  work: () => Promise<unknown>,
  content: string,
  expected: string,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const other = stream.events.find((event) => event.name !== expected && holds(event.data, content));
    if (other === undefined) throw error;
    throw new Violation(
      `the event came as ${JSON.stringify(other.name)} instead of ${JSON.stringify(expected)}`,
      diagnoses.eventName,
    );
  }
}
