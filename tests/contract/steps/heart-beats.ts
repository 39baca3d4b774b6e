// Heart-beats over any transport: what was promised, and a connection on which nothing else is said.

import { headerOf } from "../../../drivers/codecs/stomp.ts";
import { TimeoutError } from "../../../drivers/errors.ts";
import type { StompConnection } from "../../../drivers/stomp.ts";
import type { TextTransport } from "../../../drivers/transport.ts";
import { claim, Unsupported } from "../../../runner/proof.ts";
import type { World } from "../../../runner/world.ts";

/** How often this client wants them. */
const wantedMs = 4_000;

/** The target keeps its promise. `isSending`: the client promises them as well, and keeps it. */
export async function heartBeatsFlow(
  world: World,
  { transport, isSending }: { transport: TextTransport["kind"]; isSending: boolean },
): Promise<void> {
  const [alice] = await world.accounts(1);
  const offer = `${isSending ? wantedMs : 0},${wantedMs}`;
  const connection = await world.stomp(alice, { transport, headers: { "heart-beat": offer } });
  const { sendsMs } = promised(connection);
  if (sendsMs === 0) throw new Unsupported("heart-beats");
  const everyMs = Math.max(sendsMs, wantedMs);
  if (isSending) connection.startHeartBeats(wantedMs);
  // Two intervals and a half: at least two beats.
  await silence(world, connection, 2.5 * everyMs);
  claim(
    connection.heartBeatCount >= 2,
    `${connection.heartBeatCount} heart-beats came within ${2.5 * everyMs} ms though every ${everyMs} ms was promised`,
  );
}

/** What CONNECTED says of heart-beats: how often the server sends them, and how often it wants them; 0: never. */
export function promised(connection: StompConnection): { sendsMs: number; wantsMs: number } {
  const [sendsMs = 0, wantsMs = 0] = (headerOf(connection.frames("CONNECTED")[0]!, "heart-beat") ?? "0,0")
    .split(",")
    .map(Number);
  return { sendsMs, wantsMs };
}

/** Time itself is the subject: the connection must live through it. */
export async function silence(world: World, connection: StompConnection, durationMs: number): Promise<void> {
  try {
    await connection.awaitClose(durationMs);
  } catch (error) {
    if (error instanceof TimeoutError) return;
    throw error;
  }
  claim(false, `the connection was closed (${connection.closeInfo?.code}) within ${durationMs} ms`);
}
