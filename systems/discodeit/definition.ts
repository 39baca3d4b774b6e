// Discodeit in its two revisions, as definitions. What a verb's answer must look like is not for here: see shapes.ts.

import { randomUUID } from "node:crypto";
import { TargetError } from "../../drivers/errors.ts";
import type { Answer } from "../../drivers/rest.ts";
import { defineSystem, type System } from "../define.ts";
import type { Account, EventCause, Http, SystemDefinition } from "../types.ts";
import { csrfRule, Discodeit, idIn, refused } from "./client.ts";
import type { PageDto } from "./shapes.ts";
import { wiringMistakes } from "./mistakes.ts";
import {
  apiPath,
  channelDestination,
  errorQueue,
  eventNames,
  eventsPath,
  pingEvent,
  replayGapEvent,
  sendDestination,
  stompEndpoint,
  type EventKind,
  type SystemName,
} from "./wire.ts";

const nobody = "00000000-0000-0000-0000-000000000000";

/** Throws TargetError "refused" unless it succeeded. */
function succeeded(action: string, answer: Answer): Answer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw refused(action, answer);
}

const accountsOf = (client: Discodeit): SystemDefinition["accounts"] => ({
  signUp: async ({ rest }, who) => ({ id: idIn(succeeded("sign up", await client.signUpAnswer(rest, who))) ?? "" }),
  logIn: async ({ rest }, { username, password, id }) => {
    const answer = await client.logInAnswer(rest, username, password);
    const bearer = client.acceptLogin(rest, answer);
    // Who is in the answer to a sign-up, if anybody, is another clause's to say.
    return { bearer, id: id === undefined || id === "" ? await client.whoIs(rest, username, answer) : id };
  },
  refresh: async ({ rest }) => ({
    bearer: client.tokenOf(succeeded("refresh a login", await client.renewAnswer(rest))),
  }),
  logOut: async ({ rest }) => succeeded("log out", await client.logOutAnswer(rest)),
  remove: async ({ rest }, { id }) => succeeded("delete a user", await client.deleteUserAnswer(rest, String(id))),
  check: async ({ rest }, { id }) => succeeded("list channels", await client.channelsAnswer(rest, String(id))),
  appoint: async (admin, { id }) =>
    succeeded("change a role", await client.roleAnswer(admin.http.rest, String(id), "CHANNEL_MANAGER")),
  // Some servers allow no more.
  nameLengthMax: 10,
});

const roomsOf = (client: Discodeit): SystemDefinition["rooms"] => ({
  access: "members",
  open: async (owner, members) => {
    const ids = [owner, ...members].map(({ id }) => String(id));
    const answer = succeeded("create a private channel", await client.privateChannelAnswer(owner.http.rest, ids));
    const { id } = client.read(answer, client.schemas.channel, "create a private channel");
    return { id };
  },
  openPublic: async ({ http }, name) => ({ id: (await client.publicChannel(http.rest, name, "made by rollcall")).id }),
  remove: async ({ http }, { id }) =>
    succeeded("delete a channel", await client.deleteChannelAnswer(http.rest, String(id))),
  list: async ({ http, id }) =>
    (await client.channels(http.rest, String(id))).map((channel) => ({
      id: channel.id,
      name: channel.name,
      isPublic: channel.type === "PUBLIC",
    })),
});

const bearerOf = ({ bearer }: Account): Record<string, string> =>
  bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` };

/** Named as in the description's table; that of a private channel is what streams are probed with. */
function causesOf(name: SystemName, client: Discodeit): Record<EventKind, EventCause> {
  const names = eventNames[name];
  const everyone = (kind: EventKind): EventCause => ({ receivers: "everyone", name: names[kind] });
  const members = (kind: EventKind): EventCause => ({ receivers: "members", name: names[kind] });
  return {
    channelCreated: {
      ...members("channelCreated"),
      cause: async ({ owner, members, openRoom }) => ({ key: (await openRoom(owner, members)).id }),
    },
    channelUpdated: everyone("channelUpdated"),
    channelDeleted: members("channelDeleted"),
    userCreated: everyone("userCreated"),
    userUpdated: everyone("userUpdated"),
    userDeleted: everyone("userDeleted"),
    // Its author does not hear of a message.
    notificationCreated: {
      ...members("notificationCreated"),
      cause: async ({ owner, members, openRoom, another }) => {
        const author = await another();
        const { id } = await openRoom(owner, [...members, author]);
        const content = randomUUID();
        await client.post(author.http.rest, { channelId: String(id), authorId: String(author.id), content });
        return { key: content };
      },
    },
    uploadEnded: { receivers: "self", name: names.uploadEnded },
  };
}

/** As clients of the official front end go on: by the answer's own cursor, else by the last message's instant. */
const cursorOf = ({ nextCursor, content }: PageDto): string | undefined =>
  typeof nextCursor === "string" ? nextCursor : content.at(-1)?.createdAt;

/** All pages, oldest first. */
async function historyOf(
  client: Discodeit,
  http: Http,
  channelId: string,
  until: (id: string) => boolean = () => false,
): Promise<{ id: string; text: string }[]> {
  const messages: { id: string; text: string }[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await client.history(http.rest, channelId, { size: 200, ...(cursor === undefined ? {} : { cursor }) });
    messages.push(...page.content.map(({ id, content }) => ({ id, text: content ?? "" })));
    const isEnough = page.content.some(({ id }) => until(id));
    const next = page.hasNext === true && !isEnough ? cursorOf(page) : undefined;
    if (next !== undefined && next === cursor)
      throw new TargetError("malformed", `Cannot page through the history: the cursor ${next} leads to itself`);
    if (next === undefined) return messages.toReversed();
    cursor = next;
  }
}

/** How a notification says which message it is about, and where one's own are. */
const notifications = { textOf: (data: { content?: string }) => data.content, list: "/api/notifications" };

function define(name: SystemName, title: string): System {
  const client = new Discodeit(name);
  return defineSystem({
    name,
    title,
    http: {
      csrf: csrfRule,
      alive: csrfRule.path,
      base: apiPath,
      guarded: [
        "/api/notifications",
        "/api/users",
        `/api/channels?userId=${nobody}`,
        `/api/readStatuses?userId=${nobody}`,
      ],
    },
    accounts: accountsOf(client)!,
    rooms: roomsOf(client)!,
    stomp: {
      url: stompEndpoint,
      transports: ["sockjs"],
      connect: bearerOf,
      destinations: ({ id }) => [channelDestination(String(id))],
      send: ({ account, room, text }) => ({
        destination: sendDestination,
        body: { content: text, channelId: room.id, authorId: account.id },
      }),
      textOf: (message) => message.content,
      idOf: (message) => message.id,
      isFrom: ({ channelId, author }, { account, room }) => channelId === room.id && author?.id === account.id,
      errors: errorQueue,
      mistakes: {
        heardAt: ({ id }) => ({ [`/sub/channels/${id}/messages`]: wiringMistakes.slashes }),
        sentTo: {
          "/pub/message": wiringMistakes.singularSend,
          "/pub/pub/messages": wiringMistakes.doubledPub,
        },
      },
    },
    post: ({ http, id }, room, text) =>
      client.post(http.rest, { channelId: String(room.id), authorId: String(id), content: text }),
    history: ({ http }, { id }, until) => historyOf(client, http, String(id), until),
    events: {
      url: eventsPath,
      auth: "bearer",
      lastId: { header: true, query: ["lastEventId", "LastEventId"], headers: ["LastEventId"] },
      causes: causesOf(name, client),
      ping: pingEvent,
      gap: replayGapEvent,
      ofMessages: { name: eventNames[name].notificationCreated, ...notifications },
    },
    presence: {
      isOnline: async ({ http }, { id }) =>
        (await client.users(http.rest)).find((user) => user.id === id)?.online === true,
    },
    promises: ["history", "stored-before-broadcast", "order-per-room", "replay", "receipts", "sender-checked"],
  });
}

export const discodeitSystems: Readonly<Record<SystemName, System>> = {
  "discodeit-1": define("discodeit-1", "Discodeit, revision 1"),
  "discodeit-2": define("discodeit-2", "Discodeit, revision 2"),
};
