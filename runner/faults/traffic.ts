// The traffic of every fault run: four senders over three rooms on both instances, twelve listeners mixed over all
// transports, places and users, one of them a stranger. All of it is noted; what it means is for the checkers.

import { setTimeout as wait } from "node:timers/promises";
import type { Place, Transport } from "../../checkers/history.ts";
import { HarnessError, TimeoutError } from "../../drivers/errors.ts";
import type { System } from "../../systems/define.ts";
import type { Account } from "../account-pool.ts";
import type { World } from "../world.ts";
import type { Room, Scene } from "./client.ts";
import { EventListener } from "./event-listener.ts";
import { readAll } from "./final-read.ts";
import type { Listener } from "./listener.ts";
import { RawListener, RawSender } from "./raw-clients.ts";
import { keepLoggedIn } from "./logins.ts";
import { Sender, type SenderOptions } from "./sender.ts";
import { StompListener } from "./stomp-listener.ts";

/** Rooms over bare WebSocket, and no other way to say something: nothing answers. */
export const speaksRaw = ({ features }: System): boolean =>
  features.has("raw-websocket") && !features.has("stomp") && !features.has("post");

export interface TrafficOptions {
  /** The mean pause between two messages of one sender. */
  everyMs?: number;
}

/** After the last fault: how long everything that is owed may take, before it is called lost. */
const settleDeadlineMs = 45_000;
/** Until a room's last message was acknowledged. */
const lastWordDeadlineMs = 60_000;

/** Three rooms of the four: all of them, and two in which one is missing. */
async function roomsOf(
  world: World,
  ...[ann, ben, cem, dan]: [Account, Account, Account, Account]
): Promise<[Room, Room, Room]> {
  const room = async (name: string, ...members: [Account, Account, ...Account[]]): Promise<Room> => {
    return { name, channel: await world.privateChannel(...members), members };
  };
  return [await room("one", ann, ben, cem, dan), await room("two", ann, ben, cem), await room("three", ann, ben, dan)];
}

type Cast = readonly [Account, Account, Account, Account, Account];

/** Throws HarnessError where nothing would be heard, or nobody would know what was taken. */
function checkTalk({ speaker: { system }, receipts }: Scene): void {
  const { features } = system;
  if (!features.has("stomp") && !features.has("raw-websocket"))
    throw new HarnessError("Cannot make traffic: the definition has no rooms in which a text is heard");
  if (features.has("stomp") && !receipts && !features.has("post"))
    throw new HarnessError("Cannot judge what the target loses: without receipts, nothing says what it has taken");
}

/** Mixed over all transports, places and users; the last of these is a stranger. */
function listenersOf(
  scene: Scene,
  [one, two, three]: readonly [Room, Room, Room],
  [ann, ben, cem, dan, eve]: Cast,
): Listener[] {
  const { features, events, stomp, websocket } = scene.speaker.system;
  const [first, second, proxy] = [scene.places.instance(0), scene.places.instance(1), scene.places.proxy];
  const isRaw = !features.has("stomp");
  const over = (transport: Transport): Transport => (features.has("sockjs") ? transport : "websocket");
  const hears = (account: Account, transport: Transport, place: string, heard: Room): Listener => {
    const options = {
      name: `${over(transport)} ${account.label} ${place} ${heard.name}`,
      account,
      rooms: [heard],
      transport: over(transport),
      place,
      // Nobody hears itself there by the socket that speaks; by another one it may.
      ownMessages: (isRaw ? websocket?.echo : stomp?.echo) ?? true,
      ownMayCome: true,
    };
    return isRaw ? new RawListener(scene, options) : new StompListener(scene, options);
  };
  const streams = (account: Account, place: string): EventListener => {
    const rooms = [one, two, three].filter(({ members }) => members.includes(account));
    const name = `sse ${account.label} ${place}`;
    return new EventListener(scene, { name, account, rooms, transport: "sse", place, ownMessages: false });
  };
  const hasStreams = events?.ofMessages !== undefined;
  return [
    hears(ann, "websocket", first, one),
    hears(ben, "websocket", second, two),
    hears(cem, "websocket", proxy, one),
    hears(dan, "sockjs-websocket", second, three),
    hears(cem, "xhr-streaming", first, two),
    hears(ben, "xhr-streaming", second, three),
    hears(dan, "xhr-polling", first, one),
    hears(ann, "xhr-polling", proxy, two),
    ...(hasStreams ? [streams(ann, first), streams(ben, second), streams(cem, proxy), streams(eve, second)] : []),
  ];
}

function sendersOf(
  scene: Scene,
  [one, two, three]: readonly [Room, Room, Room],
  [ann, ben, cem, dan]: Cast,
  everyMs: number,
): (Sender | RawSender)[] {
  const { places, receipts, speaker } = scene;
  const canPost = speaker.system.features.has("post");
  const speaks = (
    account: Account,
    way: "websocket" | "rest",
    place: string,
    closedRooms: readonly Room[],
  ): Sender | RawSender => {
    const rooms = [one, two, three].filter(({ members }) => members.includes(account));
    // Without a RECEIPT nobody would know what became of a SEND.
    const transport = !canPost ? "websocket" : receipts ? way : "rest";
    const name = `${account.label} to ${place}`;
    // A refusal of a SEND may be silence: only of what is posted is it known.
    const closed = canPost ? closedRooms : [];
    return senderOf(scene, { name, account, rooms, closedRooms: closed, transport, place, everyMs });
  };
  return [
    speaks(ann, "websocket", places.instance(0), []),
    speaks(ben, "rest", places.proxy, []),
    speaks(cem, "websocket", places.instance(1), [three]),
    speaks(dan, "rest", places.instance(1), [two]),
  ];
}

const senderOf = (scene: Scene, options: SenderOptions): Sender | RawSender =>
  speaksRaw(scene.speaker.system) ? new RawSender(scene, options) : new Sender(scene, options);

export class Traffic {
  readonly #scene: Scene;
  readonly rooms: readonly Room[];
  readonly #senders: readonly (Sender | RawSender)[];
  readonly #listeners: readonly Listener[];
  #speakers = 0;

  private constructor(
    scene: Scene,
    rooms: readonly Room[],
    senders: readonly (Sender | RawSender)[],
    listeners: readonly Listener[],
  ) {
    this.#scene = scene;
    this.rooms = rooms;
    this.#senders = senders;
    this.#listeners = listeners;
  }

  /** Makes rooms, connects everybody and begins to talk. Resolves when every listener is confirmed. */
  static async start(world: World, scene: Scene, { everyMs = 150 }: TrafficOptions = {}): Promise<Traffic> {
    const [ann, ben, cem, dan] = await world.accounts(4);
    const [eve] = await world.accounts(1);
    checkTalk(scene);
    const rooms = await roomsOf(world, ann, ben, cem, dan);
    const people: Cast = [ann, ben, cem, dan, eve];
    const listeners = listenersOf(scene, rooms, people);
    const senders = sendersOf(scene, rooms, people, everyMs);
    void keepLoggedIn(scene, people);
    await Promise.all(listeners.map((listener) => listener.start()));
    for (const sender of senders) sender.start();
    return new Traffic(scene, rooms, senders, listeners);
  }

  /** Somebody who posts when asked to. */
  speaker(account: Account, rooms: readonly Room[], place: Place = this.#scene.places.instance(0)): Sender {
    return new Sender(this.#scene, this.#speaking(account, rooms, place));
  }

  #speaking(account: Account, rooms: readonly Room[], place: Place): SenderOptions {
    const name = `${account.label} speaker ${++this.#speakers}`;
    return { name, account, rooms, closedRooms: [], transport: "rest", place, everyMs: 0 };
  }

  /** Breaks the connection of every listener; they come back by themselves. */
  breakAll(): void {
    for (const listener of this.#listeners) listener.break();
  }

  /**
   * After the last fault was healed: falls silent, waits until everybody heard the last word of each room, hangs up,
   * reads everything again.
   */
  async finish(): Promise<void> {
    await Promise.all(this.#senders.map((sender) => sender.stop(settleDeadlineMs)));
    // Who only found the last word in the history could not say whether it would have been pushed.
    await Promise.all(this.#listeners.map((listener) => listener.live(settleDeadlineMs)));
    const lastWords = await Promise.all(
      this.rooms.flatMap((room) => [0, 1].map((index) => this.#lastWord(room, index))),
    );
    await Promise.all(
      lastWords.flatMap(({ room, message, sender }) =>
        this.#listeners
          .filter(
            ({ options }) => options.rooms.includes(room) && (options.ownMessages || options.account.label !== sender),
          )
          .map((listener) => listener.hears(message, settleDeadlineMs)),
      ),
    );
    await Promise.all(this.#listeners.map((listener) => listener.stop()));
    await readAll(this.#scene, this.rooms, this.#listeners);
    this.#scene.recorder.note({ type: "end" });
  }

  /**
   * A message of one of the room's first two members, tried until it is acknowledged. Of both, since nobody is told of
   * their own. Throws TimeoutError.
   */
  async #lastWord(room: Room, index: number): Promise<{ room: Room; message: string; sender: string }> {
    const account = room.members[index]!;
    const options = this.#speaking(account, [room], this.#scene.places.instance(index));
    const sender = senderOf(this.#scene, options);
    const untilMs = performance.now() + lastWordDeadlineMs;
    for (;;) {
      const { message, acknowledged } = await sender.post(room);
      if (acknowledged) {
        if (sender instanceof RawSender) await sender.close();
        return { room, message, sender: account.label };
      }
      if (performance.now() > untilMs)
        throw new TimeoutError(
          `Cannot post to room ${room.name}: not acknowledged within ${lastWordDeadlineMs} ms of trying`,
        );
      await wait(250);
    }
  }
}
