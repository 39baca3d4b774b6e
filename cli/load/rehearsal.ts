// One message before the load: does what the definition says lead from a sender to a listener, and does the target
// answer with RECEIPT frames? What is wrong here would otherwise be a run in which nothing arrives.

import { headerOf } from "../../drivers/codecs/stomp.ts";
import { HarnessError, TargetError, TimeoutError } from "../../drivers/errors.ts";
import type { Network } from "../../drivers/network.ts";
import { StompConnection } from "../../drivers/stomp.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import { openWebSocketTransport } from "../../drivers/websocket.ts";
import { came } from "../../runner/crossing.ts";
import type { Speaker, Speaking } from "../../runner/speaker.ts";
import { systemNamed } from "../../systems/systems.ts";
import type { Room } from "../../systems/types.ts";

export interface Rehearsal {
  speaker: Speaker;
  network: Network;
  url: string;
  listener: Speaking;
  publisher: Speaking;
  room: Room;
  /** What is said. */
  textWith: string;
}

const answerMs = 8_000;
const receiptMs = 2_000;

function hintFor({ speaker, url }: Rehearsal): string {
  const { system } = speaker;
  const builtIn = systemNamed(system.name);
  if (builtIn === undefined) return "`rollcall init --check` tries each function of a definition";
  // At a ws:// URL it is a copy, with another path.
  const said =
    builtIn === system ? `${url} --system ${system.name}` : `${speaker.webSocketUrl(url)} --system ${system.name}`;
  return `does it speak ${system.name}? \`rollcall verify ${said}\` says what is wrong`;
}

/** Whether SUBSCRIBE and SEND are answered with RECEIPT frames. Throws TargetError, HarnessError. */
export async function rehearse(rehearsal: Rehearsal): Promise<boolean> {
  try {
    return await sayOne(rehearsal);
  } catch (error) {
    if (!(error instanceof TargetError) && !(error instanceof TimeoutError)) throw error;
    const code = error instanceof TargetError ? error.code : "closed";
    throw new TargetError(code, `Cannot load: not even one message comes through: ${error.message}`, {
      cause: error,
      // Where nobody is there, that is all that there is to say.
      hint: code === "unreachable" ? error.hint : (error.hint ?? hintFor(rehearsal)),
    });
  }
}

async function sayOne(rehearsal: Rehearsal): Promise<boolean> {
  const { speaker, listener, publisher, room, textWith } = rehearsal;
  await using ear = await connect(rehearsal, listener);
  await using mouth = await connect(rehearsal, publisher);
  const destination = speaker.destinationOf(room);
  for (const [connection, account] of [
    [ear, listener],
    [mouth, publisher],
  ] as const)
    connection.sendFrame("SUBSCRIBE", {
      id: "sub-0",
      destination,
      ...speaker.subscribeHeaders(account, room),
      receipt: "subscribed",
    });
  const isAnswered = async (connection: StompConnection, receipt: string): Promise<boolean> =>
    await came(
      connection.inbox.awaitItem(
        "RECEIPT",
        ({ command, ...frame }) => command === "RECEIPT" && headerOf({ command, ...frame }, "receipt-id") === receipt,
        receiptMs,
      ),
    );
  const subscribed = await isAnswered(ear, "subscribed");
  const send = speaker.sendOf(publisher, room, textWith);
  const hears = (connection: StompConnection, ms: number): Promise<boolean> =>
    came(
      connection.inbox.awaitItem(
        "the message",
        ({ command, body }) => command === "MESSAGE" && body.includes(textWith),
        ms,
      ),
    );
  const startMs = performance.now();
  // Without a RECEIPT the first ones may come before the subscription is live.
  for (let waitMs = subscribed ? answerMs : 250; ; waitMs *= 2) {
    mouth.sendFrame("SEND", { destination: send.destination, ...send.headers, receipt: "sent" }, send.body);
    if (await hears(ear, waitMs)) break;
    if (performance.now() - startMs >= answerMs)
      throw new HarnessError(
        `Cannot load: a text that was sent to ${send.destination} was not heard at ${destination} within ${answerMs / 1_000} s`,
        { hint: hintFor(rehearsal) },
      );
  }
  if (subscribed && (await isAnswered(mouth, "sent"))) return true;
  if (await hears(mouth, receiptMs)) return false;
  throw new HarnessError(
    "Cannot load: nothing says which messages the target took: it answers with no RECEIPT frames, and a sender does not hear itself",
  );
}

async function connect({ speaker, network, url }: Rehearsal, account: Speaking): Promise<StompConnection> {
  const headers = speaker.handshakeHeaders(account);
  const transport = await openWebSocketTransport(speaker.webSocketUrl(url), {
    network,
    openTimeoutMs: answerMs,
    headers,
  });
  const connection = new StompConnection(transport, new Transcript(new Secrets(), 1), account.username);
  try {
    await connection.connect({ headers: speaker.connectHeaders(account), deadlineMs: answerMs });
    return connection;
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw error;
  }
}
