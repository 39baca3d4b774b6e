// Listens to a user's event stream: each message of the user's rooms comes as a notification. It resumes with the id
// of the last event it read.

import type { Place } from "../../checkers/history.ts";
import { urlBelow } from "../../drivers/network.ts";
import { EventStream } from "../../drivers/sse.ts";
import type { Account } from "../account-pool.ts";
import { answerDeadlineMs, roomIn, watchSilence, type Scene } from "./client.ts";
import { Listener, type Epoch } from "./listener.ts";
import { quoted } from "../../drivers/quoted.ts";

/**
 * So many of a user's events are read again at the end. All users' events together are retained; the contract's figure
 * is 10,000.
 */
const readAgainMax = 500;

export function openEvents(scene: Scene, account: Account, place: Place, lastEventId: string | undefined): EventStream {
  const { url, headers } = scene.speaker.streamOf(account, { lastEventId });
  return new EventStream(urlBelow(scene.places.url(place), url), {
    network: scene.network,
    transcript: scene.transcript,
    label: account.label,
    headers,
  });
}

/** The text of the message that an event announces, if it announces one. */
export function messageTextIn(
  scene: Scene,
  item: { kind: string; name?: string; data?: string | undefined },
): string | undefined {
  const { speaker } = scene;
  const { ofMessages } = speaker.system.events ?? {};
  if (ofMessages === undefined || item.kind !== "event" || item.name !== ofMessages.name) return undefined;
  const text: unknown = speaker.textOfEvent(item.data);
  if (typeof text === "string") return text;
  scene.blame(`the data of ${item.name} has no text: ${quoted(item.data ?? "", 120)}`);
  return undefined;
}

export class EventListener extends Listener {
  #lastId: string | undefined;
  /** The last events that announced a message, oldest first. */
  readonly #heardIds: string[] = [];

  /**
   * From here on the final readers read: long enough ago to say something, and not so long that it is retained no more.
   */
  get resumable(): string | undefined {
    return this.#heardIds[0];
  }

  /** The last event that announced a message. */
  get lastHeard(): string | undefined {
    return this.#heardIds.at(-1);
  }

  protected override cursor(): string | undefined {
    return this.#lastId;
  }

  protected override async connect(place: Place, confirm: () => void): Promise<Epoch> {
    const stream = openEvents(this.scene, this.options.account, place, this.#lastId);
    const silence = watchSilence(() => stream.close());
    void stream.closed.then(silence.stop);
    stream.inbox.onItem = (item) => {
      silence.sign();
      if (item.kind !== "event") return;
      const text = messageTextIn(this.scene, item);
      if (text !== undefined && this.scene.recorder.markerIn(text) !== undefined) {
        if (item.id !== undefined) this.#heardIds.push(item.id);
        if (this.#heardIds.length > readAgainMax) this.#heardIds.shift();
        this.note("pushed", roomIn(text), text, item.id === undefined ? {} : { event: item.id });
      }
      if (item.id !== undefined) this.#lastId = item.id;
    };
    try {
      // A greeting says that the stream is live; where there is none, a message of somebody else does.
      if (this.scene.greets) await stream.inbox.awaitItem("the first event of a stream", () => true, answerDeadlineMs);
      else if (this.options.rooms[0] !== undefined) await this.hearProbe(this.options.rooms[0]);
    } catch (error) {
      await stream[Symbol.asyncDispose]();
      throw error;
    }
    confirm();
    return {
      ended: stream.closed.then(() => stream.inbox.ended ?? "ended"),
      break: () => stream.close(),
      close: () => stream[Symbol.asyncDispose](),
    };
  }
}
