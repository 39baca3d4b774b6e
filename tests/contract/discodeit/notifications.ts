// Proofs of contract/discodeit/notifications.ts.

import { setTimeout as wait } from "node:timers/promises";
import type { notifications as area } from "../../../contract/discodeit/notifications.ts";
import type { NotificationDto } from "../../../systems/discodeit/shapes.ts";
import type { SseEvent } from "../../../drivers/codecs/sse.ts";
import type { EventStream } from "../../../drivers/sse.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { diagnoseEventName, diagnoses } from "../../../runner/diagnosis.ts";
import { claim, claimShape, readJson, type Proofs } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { rely } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { holds } from "../../../runner/text.ts";

/** The notification event about a marker; names a wrong event name. */
async function hearNotification(world: World, stream: EventStream, marker: string): Promise<SseEvent> {
  const name = world.eventName("notificationCreated");
  let event: SseEvent | undefined;
  await diagnoseEventName(
    stream,
    async () => {
      event = await stream.awaitEvent(
        `${name} about ${marker}`,
        (item) => item.name === name && holds(item.data, marker),
        world.notificationDeadlineMs,
      );
    },
    marker,
    name,
  );
  return event!;
}

/** Between two looks at a list. */
const pollMs = 25;

const listed = async (world: World, account: Account, marker: string): Promise<NotificationDto[]> =>
  (await world.system.notifications(account.rest)).filter(
    ({ content, title }) => holds(content, marker) || holds(title, marker),
  );

interface Room {
  alice: Account;
  bob: Account;
  channel: Channel;
  /** Bob's. */
  stream: EventStream;
}

async function room(world: World): Promise<Room> {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  return { alice, bob, channel, stream: await world.events(bob) };
}

/**
 * Posts and waits until Bob's notification is in the list: that it is told, too, is for the clauses about events to
 * say.
 */
async function notified(
  world: World,
  { alice, bob, channel }: Pick<Room, "alice" | "bob" | "channel">,
): Promise<NotificationDto> {
  const marker = world.marker();
  await world.post(alice, channel, marker);
  const startMs = performance.now();
  for (;;) {
    const [notification] = await listed(world, bob, marker);
    if (notification !== undefined) return notification;
    rely(
      "list notifications",
      performance.now() - startMs < world.notificationDeadlineMs,
      "a message made no notification that is in the list",
    );
    await wait(pollMs);
  }
}

/** Bob's own read status of a channel, switched as asked. */
async function switchNotifications(world: World, account: Account, channel: Channel, enabled: boolean): Promise<void> {
  const status = (await world.system.readStatuses(account.rest, account.id)).find(
    ({ channelId }) => channelId === channel.id,
  );
  claim(status !== undefined, "there is no read status to switch notifications on");
  const answer = await world.system.updateReadStatusAnswer(account.rest, status.id, {
    newLastReadAt: null,
    newNotificationEnabled: enabled,
  });
  claim(answer.status === 200, `switching notifications was answered ${answer.status}`);
}

export const notifications: Proofs<typeof area> = {
  "notifications.notification-has-its-fields": async (world) => {
    const here = await room(world);
    const { id } = await notified(world, here);
    const list = await here.bob.rest.request("GET", "/api/notifications");
    const own = (JSON.parse(list.text) as { id: string }[]).find((notification) => notification.id === id);
    claimShape(JSON.stringify(own), world.system.strict.notification, "a NotificationDto in the list");
  },

  "notifications.of-a-message": async (world) => {
    const here = await room(world);
    const marker = world.marker();
    await world.post(here.alice, here.channel, marker);
    await hearNotification(world, here.stream, marker);
    const fence = await notified(world, here);
    const found = await listed(world, here.bob, marker);
    claim(
      found.length === 1 && fence.id !== found[0]!.id,
      `one message made ${found.length} notifications`,
      diagnoses.duplicate,
    );
  },

  "notifications.not-for-the-author": async (world) => {
    const here = await room(world);
    const authors = await world.events(here.alice);
    const notification = await notified(world, here);
    await hearNotification(world, here.stream, notification.content ?? notification.id); // the author's, if there is one, is told by now
    await world.settle();
    claim(
      (await world.system.notifications(here.alice.rest)).every(({ content }) => content !== notification.content),
      "the author got a notification of its own message",
    );
    claim(
      !authors.events.some(
        ({ name, data }) =>
          name === world.eventName("notificationCreated") && holds(data, notification.content ?? notification.id),
      ),
      "the author was told of its own message",
    );
  },

  "notifications.not-when-disabled": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const channel = await world.privateChannel(alice, bob, carol);
    const control = await world.events(carol);
    await switchNotifications(world, bob, channel, false);
    const marker = world.marker();
    await world.post(alice, channel, marker);
    await hearNotification(world, control, marker);
    await world.settle();
    claim((await listed(world, bob, marker)).length === 0, "a reader who disabled notifications got one");
  },

  "notifications.switched-on-in-public": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.publicChannel();
    const created = await world.system.readStatusAnswer(bob.rest, bob.id, channel.id);
    claim(created.status === 201, `POST /api/readStatuses was answered ${created.status}`);
    const silent = world.marker("silent");
    await world.post(alice, channel, silent);
    await switchNotifications(world, bob, channel, true);
    await notified(world, { alice, bob, channel });
    claim((await listed(world, bob, silent)).length === 0, "a notification came before they were switched on");
  },

  "notifications.say-who-and-what": async (world) => {
    const here = await room(world);
    const notification = await notified(world, here);
    claim(
      holds(notification.title, here.alice.username),
      `the title ${JSON.stringify(notification.title)} does not name the author`,
    );
    const marker = world.marker();
    await world.post(here.alice, here.channel, marker);
    const event = await hearNotification(world, here.stream, marker);
    const dto = readJson(event.data, world.system.schemas.notification, "a notification event's data");
    claim(dto.content === marker && dto.receiverId === here.bob.id, `the notification is ${event.data}`);
  },

  "notifications.title-form": async (world) => {
    const here = await room(world);
    const { title } = await notified(world, here);
    claim(title === here.alice.username, `the title of a private channel's is ${JSON.stringify(title)}`);
    const channel = await world.publicChannel();
    await world.system.readStatusAnswer(here.bob.rest, here.bob.id, channel.id);
    await switchNotifications(world, here.bob, channel, true);
    const notification = await notified(world, { ...here, channel });
    claim(
      notification.title === `${here.alice.username} (#${channel.name})`,
      `the title of a public channel's is ${JSON.stringify(notification.title)}`,
    );
  },

  "notifications.event-to-the-receiver": async (world) => {
    const here = await room(world);
    const second = await world.events(here.bob);
    const markers = [world.marker(), world.marker("fence")];
    for (const marker of markers) {
      await world.post(here.alice, here.channel, marker);
      await Promise.all([here.stream, second].map((stream) => hearNotification(world, stream, marker)));
    }
    await world.settle();
    const name = world.eventName("notificationCreated");
    for (const stream of [here.stream, second]) {
      const count = world.eventCount(stream, (event) => event.name === name && holds(event.data, markers[0]!));
      claim(count === 1, `one notification was told ${count} times on one stream`, diagnoses.duplicate);
      const event = stream.events.find((item) => item.name === name && holds(item.data, markers[0]!))!;
      readJson(event.data, world.system.schemas.notification, "a notification event's data");
    }
  },

  "notifications.event-to-nobody-else": async (world) => {
    const [alice, bob, carol] = await world.accounts(3);
    const [channel, own] = await Promise.all([world.privateChannel(alice, bob), world.privateChannel(alice, carol)]);
    const [receiver, other] = await Promise.all([world.events(bob), world.events(carol)]);
    const marker = world.marker();
    await world.post(alice, channel, marker);
    await hearNotification(world, receiver, marker);
    const fence = world.marker("fence");
    await world.post(alice, own, fence);
    await hearNotification(world, other, fence);
    await world.settle();
    claim(
      !other.events.some(({ data }) => holds(data, marker)),
      "a notification was told to somebody else",
      diagnoses.privateLeak,
    );
  },

  "notifications.list-is-mine": async (world) => {
    const here = await room(world);
    const { id } = await notified(world, here);
    const others = await world.system.notifications(here.alice.rest);
    claim(
      others.every(({ receiverId }) => receiverId === here.alice.id) && !others.some((other) => other.id === id),
      "the list holds another user's notifications",
    );
  },

  "notifications.list-newest-first": async (world) => {
    const here = await room(world);
    const made = [await notified(world, here), await notified(world, here), await notified(world, here)].map(
      ({ id }) => id,
    );
    const order = (await world.system.notifications(here.bob.rest))
      .map(({ id }) => id)
      .filter((id) => made.includes(id));
    claim(order.join() === made.toReversed().join(), "the list is not newest first");
  },

  "notifications.deleted": async (world) => {
    const here = await room(world);
    const { id } = await notified(world, here);
    const { status } = await world.system.deleteNotificationAnswer(here.bob.rest, id);
    claim(status >= 200 && status < 300, `answered ${status}`);
    claim(
      !(await world.system.notifications(here.bob.rest)).some((other) => other.id === id),
      "a deleted notification is still in the list",
    );
  },

  "notifications.not-deleted-by-others": async (world) => {
    const here = await room(world);
    const { id } = await notified(world, here);
    await world.system.deleteNotificationAnswer(here.alice.rest, id);
    claim(
      (await world.system.notifications(here.bob.rest)).some((other) => other.id === id),
      "another user deleted the notification",
    );
  },

  "notifications.not-mine-is-403": async (world) => {
    const here = await room(world);
    const { id } = await notified(world, here);
    const { status } = await world.system.deleteNotificationAnswer(here.alice.rest, id);
    claim(status === 403, `answered ${status}`);
  },

  "notifications.of-a-role-change": async (world) => {
    const account = await world.disposable();
    const admin = await world.admin();
    const before = (await world.system.users(admin.rest)).find(({ id }) => id === account.id)!.role;
    const [from, to] =
      before === "USER" ? (["USER", "CHANNEL_MANAGER"] as const) : (["CHANNEL_MANAGER", "USER"] as const);
    const answer = await world.system.roleAnswer(admin.rest, account.id, to);
    claim(answer.status === 200, `PUT /api/auth/role was answered ${answer.status}`);
    await world.logInAgain(account);
    const startMs = performance.now();
    for (;;) {
      const found = (await world.system.notifications(account.rest)).find(
        ({ title, content }) => `${title} ${content}`.includes(from) && `${title} ${content}`.includes(to),
      );
      if (found !== undefined) {
        if (world.revision === 2)
          claim(
            found.title === "권한이 변경되었습니다." && found.content === `${from} -> ${to}`,
            `the notification is ${JSON.stringify(found)}`,
          );
        else claim(found["type"] === "ROLE_CHANGED", `its type is ${String(found["type"])}`);
        break;
      }
      claim(
        performance.now() - startMs < world.notificationDeadlineMs,
        "a role change made no notification that holds both role names",
      );
    }
    await world.system.roleAnswer(admin.rest, account.id, from);
  },
};
