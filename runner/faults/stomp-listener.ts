// Listens to one room over STOMP, whatever carries it. After a reconnect it closes its gap by the room's history, as
// the contract tells clients to.

import type { Place } from "../../checkers/history.ts";
import { channelDestination, stompEndpoint } from "../../systems/discodeit/wire.ts";
import { headerOf, type StompFrame } from "../../drivers/codecs/stomp.ts";
import { TargetError } from "../../drivers/errors.ts";
import { urlBelow, webSocketUrl } from "../../drivers/network.ts";
import { openSockjs } from "../../drivers/sockjs.ts";
import { StompConnection } from "../../drivers/stomp.ts";
import type { TextTransport } from "../../drivers/transport.ts";
import { openWebSocketTransport } from "../../drivers/websocket.ts";
import type { MessageDto } from "../../systems/discodeit/shapes.ts";
import type { Account } from "../account-pool.ts";
import { answerDeadlineMs, bodyFrom, reasonOf, restAt, watchSilence, type Scene } from "./client.ts";
import { Listener, type Epoch } from "./listener.ts";

/**
 * A connected STOMP session with heart-beats, which ends when nothing comes any more, if it is watched. Throws
 * TargetError or TimeoutError.
 */
export async function connectStomp(
  scene: Scene,
  account: Account,
  place: Place,
  kind: TextTransport["kind"],
  watched = true,
): Promise<StompConnection> {
  const url = urlBelow(scene.places.url(place), stompEndpoint);
  const options = { network: scene.network, openTimeoutMs: answerDeadlineMs };
  const transport =
    kind === "websocket"
      ? await openWebSocketTransport(`${webSocketUrl(url)}/websocket`, options)
      : await openSockjs(url, kind, options);
  const connection = new StompConnection(transport, scene.transcript, account.label);
  let connected: StompFrame;
  try {
    connected = await connection.connect({
      headers: { Authorization: `Bearer ${account.rest.accessToken}`, "heart-beat": "10000,10000" },
      deadlineMs: answerDeadlineMs,
    });
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw error;
  }
  connection.startHeartBeats(9_000);
  // A server that promised no heart-beats may be silent for as long as it likes.
  if (!watched || (headerOf(connected, "heart-beat") ?? "0,0").startsWith("0")) return connection;
  const silence = watchSilence(() => transport.terminate());
  connection.onSign = silence.sign;
  void connection.closed.then(silence.stop);
  return connection;
}

export class StompListener extends Listener {
  /** Ids of all messages seen. */
  readonly #seen = new Set<string>();
  /** Those before which nothing is missing: the history is read back to the first of them. */
  readonly #settled = new Set<string>();
  #caughtUp = true;

  get #room() {
    return this.options.rooms[0]!;
  }

  protected override async connect(place: Place, confirm: () => void): Promise<Epoch> {
    const connection = await connectStomp(
      this.scene,
      this.options.account,
      place,
      this.options.transport as TextTransport["kind"],
    );
    const ended = connection.closed.then(({ code, reason }) => `closed with ${code} ${reason}`.trim());
    const epoch: Epoch = {
      ended,
      break: () => connection.transport.terminate(),
      close: async () => {
        await connection[Symbol.asyncDispose]();
      },
    };
    try {
      const settled = new Set(this.#settled);
      this.#caughtUp = this.epoch === 1;
      connection.inbox.onItem = (frame) => {
        if (frame.command !== "MESSAGE") return;
        const dto = bodyFrom(this.scene, frame.body, "a MESSAGE body") as MessageDto | undefined;
        if (dto !== undefined) this.#take("pushed", dto);
      };
      if (this.scene.receipts)
        await connection.subscribeWithReceipt(channelDestination(this.#room.id), answerDeadlineMs);
      else {
        connection.sendSubscribe(channelDestination(this.#room.id));
        await this.hearProbe(this.#room);
      }
      confirm();
      if (!this.#caughtUp) await this.#catchUp(place, settled, ended);
    } catch (error) {
      await epoch.close();
      throw error;
    }
    return epoch;
  }

  #take(how: "pushed" | "history", { id, content, channelId }: MessageDto): void {
    this.#seen.add(id);
    if (this.#caughtUp) this.#settled.add(id);
    this.note(how, channelId === this.#room.id ? this.#room.name : (channelId ?? "?"), content ?? "", { id });
  }

  /** Reads back to where nothing was missing. An answer that fails ends the connection: the next one tries again. */
  async #catchUp(place: Place, settled: ReadonlySet<string>, ended: Promise<string>): Promise<void> {
    const missed: MessageDto[] = [];
    let cursor: string | undefined;
    do {
      const reading = this.scene.system.history(restAt(this.scene, this.options.account, place), this.#room.id, {
        size: 200,
        ...(cursor === undefined ? {} : { cursor }),
      });
      const page = await Promise.race([
        reading,
        ended.then((reason) => Promise.reject(new TargetError("closed", `Cannot catch up: ${reason}`))),
      ]).catch((error: unknown) => {
        reading.catch(() => undefined);
        throw new TargetError("closed", `Cannot catch up: ${reasonOf(error)}`, { cause: error });
      });
      missed.push(...page.content.filter(({ id }) => !this.#seen.has(id)));
      const reachedSettled = page.content.some(({ id }) => settled.has(id));
      cursor = !reachedSettled && page.hasNext && typeof page.nextCursor === "string" ? page.nextCursor : undefined;
    } while (cursor !== undefined);
    for (const message of missed.toReversed()) if (!this.#seen.has(message.id)) this.#take("history", message);
    this.#caughtUp = true;
    for (const id of this.#seen) this.#settled.add(id);
  }
}
