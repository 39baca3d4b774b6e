// Proofs of contract/discodeit/notifications.ts.

import type { notifications as area } from "../../../contract/discodeit/notifications.ts";
import type { NotificationDto } from "../../../systems/discodeit/shapes.ts";
import type { SseEvent } from "../../../drivers/codecs/sse.ts";
import type { EventStream } from "../../../drivers/sse.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { claim, claimShape, jsonIn, readJson, type Proofs } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { rely, step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { holds } from "../../../runner/text.ts";
import { hearHere } from "../steps/crossing.ts";
import { lookUntil, says } from "../steps/look.ts";
import { accepted } from "../steps/tokens.ts";
import { withRole } from "./accounts.ts";
import { switchNotifications } from "./reads.ts";
import { discodeitOf, logInAgain, notificationDeadlineMs, posted } from "../steps/discodeit.ts";

/** As long the list is left alone where a stream is open. */
const patienceMs = 2_000;

interface Room {
  alice: Account;
  bob: Account;
  channel: Channel;
}

/** Alice writes, Bob reads, and wants to be told. */
async function room(world: World): Promise<Room> {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  await switchNotifications(world, bob, channel, true);
  return { alice, bob, channel };
}

/** What a notification says, as far as it says it. */
type Told = Pick<NotificationDto, "title" | "content"> & { id?: string | undefined };

/** The notification in an event: some servers give the event another name, and that is one clause's to say. */
export function toldIn(event: SseEvent, receiver: Account): Told | undefined {
  const data = jsonIn(event.data);
  if (typeof data !== "object" || data === null) return undefined;
  const { id, title, content, receiverId } = data as Record<string, unknown>;
  if (receiverId !== receiver.id && !/^notification/i.test(event.name)) return undefined;
  const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  return { id: textOf(id), title: textOf(title), content: textOf(content) };
}

/** The form of all markers, of whatever proof. */
const markerForm = /-[0-9a-f]{8}-\d+~/;

/** Not of another message, as far as it says. */
const isOfNoMessage = (what: unknown): boolean => !markerForm.test(JSON.stringify(what));

/** Whether this is about a post, by whatever it says of it: what it should say is one clause's to say. */
export function isAbout(what: unknown, { alice, channel }: Pick<Room, "alice" | "channel">, marker: string): boolean {
  const text = JSON.stringify(what);
  if (holds(text, marker)) return true;
  // An older message's notification may come late.
  return isOfNoMessage(what) && [channel.id, alice.username].some((sign) => holds(text, sign));
}

/** What a reader has, to be compared with what comes: its list, and what its stream told. */
class Watch {
  readonly #world: World;
  readonly reader: Account;
  readonly stream: EventStream | undefined;
  #listed = new Set<string>();
  #toldCount = 0;

  private constructor(world: World, reader: Account, stream: EventStream | undefined) {
    this.#world = world;
    this.reader = reader;
    this.stream = stream;
  }

  static async of(world: World, reader: Account, stream?: EventStream): Promise<Watch> {
    const watch = new Watch(world, reader, stream);
    await watch.forget();
    return watch;
  }

  /** What is there is old from now on. */
  async forget(): Promise<void> {
    this.#listed = new Set((await discodeitOf(this.#world).notifications(this.reader.rest)).map(({ id }) => id));
    this.#toldCount = this.stream?.events.length ?? 0;
  }

  /** Rows that the list did not hold before. */
  async listed(): Promise<NotificationDto[]> {
    return (await discodeitOf(this.#world).notifications(this.reader.rest)).filter(({ id }) => !this.#listed.has(id));
  }

  /** What the stream told since. */
  told(): Told[] {
    const events = this.stream?.events.slice(this.#toldCount) ?? [];
    return events.flatMap((event) => toldIn(event, this.reader) ?? []);
  }

  /**
   * The first new notification about a post, told or in the list; another new one when none is. The list is asked late
   * and seldom: a reading at the wrong moment would fill a cache with what was there before.
   */
  async first(here: Pick<Room, "alice" | "channel">, marker: string): Promise<Told | undefined> {
    const startMs = performance.now();
    let nextListMs = this.stream === undefined ? 0 : patienceMs;
    const look = async (): Promise<Told[]> => {
      const waitedMs = performance.now() - startMs;
      if (waitedMs < nextListMs) return this.told();
      nextListMs = waitedMs + patienceMs / 4;
      return [...this.told(), ...(await this.listed())];
    };
    const isIt = (item: Told): boolean => isAbout(item, here, marker);
    const seen = await lookUntil(this.#world, look, (news) => news.some(isIt), notificationDeadlineMs);
    if (seen.some(isIt)) return seen.find(isIt);
    const news = [...this.told(), ...(await this.listed())];
    return news.find(isIt) ?? news.find(isOfNoMessage);
  }
}

/** Posts, and waits until the reader is notified in any way. */
async function notified(
  world: World,
  watch: Watch,
  here: Pick<Room, "alice" | "channel">,
  marker: string = world.marker(),
): Promise<Told> {
  await watch.forget();
  await posted(world, here.alice, here.channel, marker);
  const found = await watch.first(here, marker);
  rely("notify a reader", found !== undefined, `nothing within ${notificationDeadlineMs} ms of a message`);
  return found;
}

/** Posts, and waits until Bob's notification is in the list: that it is told, too, is for other clauses to say. */
async function listedOf(world: World, { alice, bob, channel }: Room): Promise<NotificationDto> {
  const stream = world.openEvents(bob);
  const watch = await Watch.of(world, bob, stream);
  const marker = world.marker();
  await posted(world, alice, channel, marker);
  await watch.first({ alice, channel }, marker);
  stream.close();
  const rows = await lookUntil(
    world,
    () => watch.listed(),
    (seen) => seen.some((row) => isAbout(row, { alice, channel }, marker)),
  );
  const row = rows.find((item) => isAbout(item, { alice, channel }, marker)) ?? rows.find(isOfNoMessage);
  const because = `no new one is in the list within ${notificationDeadlineMs} ms of a message`;
  rely("list notifications", row !== undefined, because);
  return row;
}

/** The control of what is not in a list: a message's notification is. */
async function listsNews(world: World, reader: Account): Promise<void> {
  const [alice] = await world.accounts(1);
  const channel = await world.privateChannel(alice, reader);
  await switchNotifications(world, reader, channel, true);
  await listedOf(world, { alice, bob: reader, channel });
}

/** The event of a notification about a post, of whatever name. */
const hearOf = (world: World, watch: Watch, here: Pick<Room, "alice" | "channel">, marker: string): Promise<SseEvent> =>
  watch.stream!.awaitEvent(
    `an event about the notification of ${marker}`,
    (event) => toldIn(event, watch.reader) !== undefined && isAbout(event.data, here, marker),
    notificationDeadlineMs,
  );

export const notifications: Proofs<typeof area> = {
  "notifications.notification-has-its-fields": async (world) => {
    const here = await room(world);
    const { id } = await listedOf(world, here);
    const list = await here.bob.rest.request("GET", "/api/notifications");
    const rows = jsonIn(list.text);
    rely("list notifications", Array.isArray(rows), `when it was read again, the list was answered ${list.status}`);
    const own = (rows as { id?: unknown }[]).find((notification) => notification.id === id);
    claimShape(JSON.stringify(own), discodeitOf(world).strict.notification, "a NotificationDto in the list");
  },

  "notifications.of-a-message": async (world) => {
    const here = await room(world);
    const watch = await Watch.of(world, here.bob, await world.events(here.bob));
    const markers = [world.marker(), world.marker("fence")];
    for (const marker of markers) {
      await posted(world, here.alice, here.channel, marker);
      const found = await watch.first(here, marker);
      claim(found !== undefined, `a message made no notification within ${notificationDeadlineMs} ms`);
      if (!holds(JSON.stringify(found), marker)) await watch.forget(); // it does not say of which
    }
    await world.settle();
    const count = async (): Promise<number> => {
      const rows = (await watch.listed()).filter((row) => holds(JSON.stringify(row), markers[0]!)).length;
      // One that comes without an id is for another clause to judge, and may be the same.
      const ids = new Set(watch.told().flatMap(({ id, content }) => (id && holds(content, markers[0]!) ? [id] : [])));
      return Math.max(rows, ids.size);
    };
    const made = await count();
    claim(made <= 1, `one message made ${made} notifications`, diagnoses.duplicate);
  },

  "notifications.list-is-current": async (world) => {
    const here = await room(world);
    const watch = await Watch.of(world, here.bob, await world.events(here.bob)); // who looked before
    await notified(world, watch, here);
    const rows = await lookUntil(
      world,
      () => watch.listed(),
      ({ length }) => length > 0,
    );
    claim(rows.length > 0, "the notification was told, and the list still shows what it showed before");
  },

  "notifications.not-for-the-author": async (world) => {
    const here = await room(world);
    const authors = await Watch.of(world, here.alice, await world.events(here.alice));
    const readers = await Watch.of(world, here.bob, await world.events(here.bob));
    const marker = world.marker();
    await notified(world, readers, here, marker);
    await notified(world, readers, here); // by now the author's of the first, if there is one, has come
    await world.settle();
    const isOwn = (what: unknown): boolean => isAbout(what, here, marker);
    claim(!(await authors.listed()).some(isOwn), "the author got a notification of its own message");
    claim(!authors.told().some(isOwn), "the author was told of its own message");
  },

  "notifications.not-when-disabled": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const channel = await world.privateChannel(alice, bob, carol);
    await switchNotifications(world, carol, channel, true);
    await switchNotifications(world, bob, channel, false);
    const control = await Watch.of(world, carol, await world.events(carol));
    const watch = await Watch.of(world, bob);
    const marker = world.marker();
    await notified(world, control, { alice, channel }, marker);
    await notified(world, control, { alice, channel });
    await world.settle();
    claim(
      !(await watch.listed()).some((row) => isAbout(row, { alice, channel }, marker)),
      "a reader who disabled notifications got one",
    );
  },

  "notifications.switched-on-in-public": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.publicChannel();
    const created = await discodeitOf(world).readStatusAnswer(bob.rest, bob.id, channel.id);
    rely("make a read status", accepted(created), `answered ${created.status}`);
    const watch = await Watch.of(world, bob, await world.events(bob));
    const silent = world.marker("silent");
    await posted(world, alice, channel, silent);
    // Who is notified may be found out a moment later: until the first was, nothing is switched.
    const control = { alice, channel: await world.privateChannel(alice, bob) };
    await switchNotifications(world, bob, control.channel, true);
    await notified(world, await Watch.of(world, bob, watch.stream), control);
    await switchNotifications(world, bob, channel, true);
    const marker = world.marker();
    await posted(world, alice, channel, marker);
    const found = await watch.first({ alice, channel }, marker);
    claim(found !== undefined, `switched on, no notification came within ${notificationDeadlineMs} ms`);
    const isSilent = (what: unknown): boolean => holds(JSON.stringify(what), silent);
    claim(
      !(await watch.listed()).some(isSilent) && !watch.told().some(isSilent),
      "a notification came of what was said before they were switched on",
    );
  },

  "notifications.name-author-and-text": async (world) => {
    const here = await room(world);
    const marker = world.marker();
    const watch = await Watch.of(world, here.bob, await world.events(here.bob));
    const { title, content } = await notified(world, watch, here, marker);
    claim(holds(title, here.alice.username), `the title ${JSON.stringify(title)} does not name the author`);
    claim(content === marker, `the content is ${JSON.stringify(content)} for the text ${JSON.stringify(marker)}`);
  },

  "notifications.title-form": async (world) => {
    const here = await room(world);
    const watch = await Watch.of(world, here.bob, await world.events(here.bob));
    const { title } = await notified(world, watch, here);
    claim(title === here.alice.username, `the title of a private channel's is ${JSON.stringify(title)}`);
    const channel = await world.publicChannel();
    const created = await discodeitOf(world).readStatusAnswer(here.bob.rest, here.bob.id, channel.id);
    rely("make a read status", accepted(created), `answered ${created.status}`);
    await switchNotifications(world, here.bob, channel, true);
    const notification = await notified(world, watch, { ...here, channel });
    claim(
      notification.title === `${here.alice.username} (#${channel.name})`,
      `the title of a public channel's is ${JSON.stringify(notification.title)}`,
    );
  },

  "notifications.event-to-the-receiver": async (world) => {
    const here = await room(world);
    const streams = [await world.events(here.bob), await world.events(here.bob)];
    const watches = [await Watch.of(world, here.bob, streams[0]), await Watch.of(world, here.bob, streams[1])];
    const name = world.nameInContract("notificationCreated");
    const markers = [world.marker(), world.marker("fence")];
    for (const marker of markers) {
      await notified(world, watches[0]!, here, marker);
      for (const watch of watches) {
        const event = await hearHere(
          world,
          here.bob,
          () => hearOf(world, watch, here, marker),
          async () => {
            const again = world.marker("again");
            await posted(world, here.alice, here.channel, again);
            return (item) => toldIn(item, here.bob) !== undefined && isAbout(item.data, here, again);
          },
        );
        claim(
          event.name === name,
          `the event came as ${JSON.stringify(event.name)} instead of ${JSON.stringify(name)}`,
          diagnoses.eventName,
        );
      }
    }
    await world.settle();
    for (const stream of streams) {
      const events = stream.events.filter((event) => event.name === name && holds(event.data, markers[0]!));
      claim(events.length <= 1, `one notification was told ${events.length} times on one stream`, diagnoses.duplicate);
      for (const { data } of events)
        readJson(data, discodeitOf(world).schemas.notification, "a notification event's data");
    }
  },

  "notifications.event-to-nobody-else": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const [channel, own] = await Promise.all([world.privateChannel(alice, bob), world.privateChannel(alice, carol)]);
    await switchNotifications(world, bob, channel, true);
    await switchNotifications(world, carol, own, true);
    const receiver = await Watch.of(world, bob, await world.events(bob));
    const other = await Watch.of(world, carol, await world.events(carol));
    const marker = world.marker();
    await notified(world, receiver, { alice, channel }, marker);
    await step("hear of a notification", () => hearOf(world, receiver, { alice, channel }, marker));
    const fence = world.marker("fence");
    await notified(world, other, { alice, channel: own }, fence);
    await step("hear of a notification", () => hearOf(world, other, { alice, channel: own }, fence));
    await world.settle();
    claim(
      !other.stream!.events.some(
        ({ data }) => holds(data, marker) || (holds(data, bob.id) && holds(data, "receiverId")),
      ),
      "a notification was told to somebody else",
      diagnoses.privateLeak,
    );
  },

  "notifications.list-is-mine": async (world) => {
    const here = await room(world);
    const { id } = await listedOf(world, here);
    const others = await discodeitOf(world).notifications(here.alice.rest);
    claim(
      others.every(({ receiverId }) => says(receiverId, here.alice.id)) && !others.some((other) => other.id === id),
      "the list holds another user's notifications",
    );
  },

  "notifications.list-newest-first": async (world) => {
    const here = await room(world);
    const made = [await listedOf(world, here), await listedOf(world, here), await listedOf(world, here)].map(
      ({ id }) => id,
    );
    const order = (await discodeitOf(world).notifications(here.bob.rest))
      .map(({ id }) => id)
      .filter((id) => made.includes(id));
    claim(order.join() === made.toReversed().join(), "the list is not newest first");
  },

  "notifications.deleted": async (world) => {
    const here = await room(world);
    const { id } = await listedOf(world, here);
    const answer = await discodeitOf(world).deleteNotificationAnswer(here.bob.rest, id);
    claim(accepted(answer), `answered ${answer.status}`);
    const isIn = (rows: NotificationDto[]): boolean => rows.some((other) => other.id === id);
    const rows = await lookUntil(
      world,
      () => discodeitOf(world).notifications(here.bob.rest),
      (seen) => !isIn(seen),
    );
    claim(!isIn(rows), "a deleted notification is still in the list");
  },

  "notifications.not-deleted-by-others": async (world) => {
    const here = await room(world);
    const { id } = await listedOf(world, here);
    await discodeitOf(world).deleteNotificationAnswer(here.alice.rest, id);
    claim(
      (await discodeitOf(world).notifications(here.bob.rest)).some((other) => other.id === id),
      "another user deleted the notification",
    );
  },

  "notifications.not-mine-is-403": async (world) => {
    const here = await room(world);
    const { id } = await listedOf(world, here);
    const { status } = await discodeitOf(world).deleteNotificationAnswer(here.alice.rest, id);
    claim(status === 403, `answered ${status}`);
  },

  "notifications.of-a-role-change": async (world) => {
    const account = await world.disposable();
    const [from, to] = ["USER", "CHANNEL_MANAGER"];
    const watch = await Watch.of(world, account);
    await withRole(world, account, "CHANNEL_MANAGER", async (answer) => {
      rely("change a role", accepted(answer), `answered ${answer.status}`);
      await logInAgain(world, account);
      const namesBoth = ({ title, content }: NotificationDto): boolean =>
        [from, to].every((role) => `${title} ${content}`.includes(role));
      const rows = await lookUntil(
        world,
        () => watch.listed(),
        (seen) => seen.some(namesBoth),
        notificationDeadlineMs,
      );
      const found = rows.find(namesBoth);
      // Is nothing said of roles, or does the list show nothing new?
      if (rows.length === 0) await listsNews(world, account);
      claim(found !== undefined, () => `no new notification holds both role names: ${JSON.stringify(rows)}`);
      if (discodeitOf(world).revision === 1)
        return claim(says(found.type, "ROLE_CHANGED"), `its type is ${String(found.type)}`);
      claim(
        found.title === "권한이 변경되었습니다." && found.content === `${from} -> ${to}`,
        `the notification is ${JSON.stringify(found)}`,
      );
    });
  },
};
