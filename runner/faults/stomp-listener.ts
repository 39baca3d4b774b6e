// Listens to one room over STOMP, whatever carries it. After a reconnect it closes its gap by the room's history, as
// the contract asks clients to.

import type { Place } from "../../checkers/history.ts";
import { headerOf, type StompFrame } from "../../drivers/codecs/stomp.ts";
import { TargetError } from "../../drivers/errors.ts";
import { openSockjs } from "../../drivers/sockjs.ts";
import { StompConnection } from "../../drivers/stomp.ts";
import type { TextTransport } from "../../drivers/transport.ts";
import { openWebSocketTransport } from "../../drivers/websocket.ts";
import type { Account } from "../account-pool.ts";
import { accountAt, answerDeadlineMs, bodyFrom, reasonOf, watchSilence, type Scene } from "./client.ts";
import { Listener, type Epoch } from "./listener.ts";

/**
 * A connected STOMP session with heart-beats, which ends when nothing comes any more, if it is watched. Throws
 * TargetError or TimeoutError.
 */
export async function connectStomp(
  scene: Scene,
  account: Account,
  place: Place,
  kind: Exclude<TextTransport["kind"], "tcp">,
  watched = true,
): Promise<StompConnection> {
  const { speaker } = scene;
  const baseUrl = scene.places.url(place);
  const headers = speaker.handshakeHeaders(account);
  const options = { network: scene.network, openTimeoutMs: answerDeadlineMs, headers };
  const transport =
    kind === "websocket"
      ? await openWebSocketTransport(speaker.webSocketUrl(baseUrl), options)
      : await openSockjs(speaker.stompUrl(baseUrl), kind, options);
  const connection = new StompConnection(transport, scene.transcript, account.label);
  let connected: StompFrame;
  try {
    connected = await connection.connect({
      headers: { ...speaker.connectHeaders(account), "heart-beat": "10000,10000" },
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
      this.options.transport as Exclude<TextTransport["kind"], "tcp">,
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
        if (bodyFrom(this.scene, frame.body, "a MESSAGE body") === undefined) return;
        const { id, text = "" } = this.scene.speaker.heardIn(frame.body) ?? {};
        const isHere = headerOf(frame, "destination") === this.#room.channel.destination;
        this.#take("pushed", { id, text }, isHere ? this.#room.name : (headerOf(frame, "destination") ?? "?"));
      };
      if (this.scene.receipts) await connection.subscribeWithReceipt(this.#room.channel.destination, answerDeadlineMs);
      else {
        connection.sendSubscribe(this.#room.channel.destination);
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

  #take(how: "pushed" | "history", { id, text }: Stored, room = this.#room.name): void {
    const known = id ?? text;
    this.#seen.add(known);
    if (this.#caughtUp) this.#settled.add(known);
    this.note(how, room, text, id === undefined ? {} : { id });
  }

  /** Reads back to where nothing was missing. An answer that fails ends the connection: the next one tries again. */
  async #catchUp(place: Place, settled: ReadonlySet<string>, ended: Promise<string>): Promise<void> {
    const { scene, options } = this;
    if (!scene.speaker.system.features.has("history")) return;
    const asking = accountAt(scene, options.account, place);
    const reading = scene.speaker.history(asking, this.#room.channel.room, (id) => settled.has(id));
    const stored = await Promise.race([
      reading,
      ended.then((reason) => Promise.reject(new TargetError("closed", `Cannot catch up: ${reason}`))),
    ]).catch((error: unknown) => {
      reading.catch(() => undefined);
      throw new TargetError("closed", `Cannot catch up: ${reasonOf(error)}`, { cause: error });
    });
    for (const message of stored) if (!this.#seen.has(message.id ?? message.text)) this.#take("history", message);
    this.#caughtUp = true;
    for (const id of this.#seen) this.#settled.add(id);
  }
}

interface Stored {
  id: string | undefined;
  text: string;
}
