// What do the web front ends of the two revisions do, from the sign-up to the logout? Their steps, with the libraries
// that they use: who is logged in comes from the access token (revision 1) or the JwtDto (revision 2), a page that is
// loaded again has nothing but its cookies.

import { fetchCsrf } from "../../systems/discodeit/client.ts";
import { Client } from "@stomp/stompjs";
import { EventSource } from "eventsource";
import SockJS from "sockjs-client";
import { fetch } from "undici";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { Capability } from "../../contract/clause.ts";
import type { UserDto } from "../../systems/discodeit/shapes.ts";
import {
  channelDestination,
  demoAdmin,
  eventsPath,
  sendDestination,
  stompEndpoint,
  systemNames,
  type SystemName,
} from "../../systems/discodeit/wire.ts";
import { Inbox } from "../../drivers/inbox.ts";
import { urlBelow } from "../../drivers/network.ts";
import { jsonOf, type Answer, type RestClient } from "../../drivers/rest.ts";
import { startServers } from "../../targets/embedded.ts";
import type { Target } from "../../systems/target.ts";
import type { World } from "../../runner/world.ts";
import { stackTarget } from "../stack.ts";
import { people } from "./people.ts";
import { discodeitOf, logInAgain, notificationDeadlineMs, signUp } from "../contract/steps/discodeit.ts";
import { discodeitSystems } from "../../systems/discodeit/definition.ts";

const onStack = inject("targetName") === "stack";
let server: Awaited<ReturnType<typeof startServers>> | undefined;
beforeAll(async () => {
  if (!onStack) server = await startServers(systemNames);
});
afterAll(() => server?.[Symbol.asyncDispose]());

function targetOf(system: SystemName): Target {
  if (onStack) return stackTarget(system);
  return {
    name: "embedded",
    system: discodeitSystems[system],
    instances: [server!.urls[system]],
    capabilities: new Set<Capability>(["admin"]),
    admin: demoAdmin,
    throwAway: false,
  };
}

interface Heard {
  name: string;
  id: string;
  data: string;
}

/** A page with somebody logged in: connected, listening, and gone with the world. */
interface Page {
  user: UserDto;
  rest: RestClient;
  messages: Inbox<{ text: string }>;
  events: Inbox<Heard>;
  client: Client;
  close(): Promise<void>;
}

/** Who is logged in, as the front end of each revision finds out. */
function sessionIn(world: World, answer: Answer): { token: string; user: UserDto } {
  expect(answer.status, answer.text).toBe(200);
  const body = jsonOf(answer, "the session") as string | { userDto: unknown; accessToken: string };
  const token = typeof body === "string" ? body : body.accessToken;
  world.transcript.secrets.add(token);
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as {
    sub?: string;
    userDto?: unknown;
  };
  const user = discodeitOf(world).schemas.user.parse(typeof body === "string" ? claims.userDto : body.userDto);
  if (typeof body === "string") expect(claims.sub).toBe(user.username);
  return { token, user };
}

async function openPage(
  world: World,
  rest: RestClient,
  answer: Answer,
  channelId: string | undefined,
  lastEventId = "",
): Promise<Page> {
  const { token, user } = sessionIn(world, answer);
  rest.accessToken = token;
  const events = new Inbox<Heard>();
  const source = new EventSource(urlBelow(world.instance(), eventsPath), {
    fetch: (url, init) =>
      fetch(url, {
        ...init,
        dispatcher: world.network.dispatcher,
        headers: {
          ...init.headers,
          Authorization: `Bearer ${token}`,
          ...(lastEventId === "" ? {} : { "Last-Event-ID": lastEventId }),
        },
      }),
  });
  for (const name of [
    "ping",
    world.eventName("notificationCreated")!,
    world.eventName("channelCreated")!,
    world.eventName("uploadEnded")!,
  ])
    source.addEventListener(name, ({ data, lastEventId: id }) => events.push({ name, id, data: String(data) }));
  const messages = new Inbox<{ text: string }>();
  const client = new Client({
    webSocketFactory: () => new SockJS(urlBelow(world.instance(), stompEndpoint)) as never,
    connectHeaders: { Authorization: `Bearer ${token}` },
    heartbeatIncoming: 4_000,
    heartbeatOutgoing: 4_000,
    reconnectDelay: 0,
    onConnect: () => messages.push({ text: "connected" }),
    onStompError: ({ headers }) => messages.end(headers["message"] ?? "refused"),
  });
  const close = async (): Promise<void> => {
    source.close();
    await client.deactivate({ force: true });
  };
  world.track({ [Symbol.asyncDispose]: close });
  client.activate();
  await messages.awaitItem("CONNECTED", ({ text }) => text === "connected", world.deadlineMs);
  await events.awaitItem("the greeting of the event stream", ({ name }) => name === "ping", world.deadlineMs);
  const page: Page = { user, rest, messages, events, client, close };
  if (channelId !== undefined) await enter(world, page, channelId);
  return page;
}

async function enter(world: World, { client, messages }: Page, channelId: string): Promise<void> {
  const receipt = `entered-${channelId}`;
  client.watchForReceipt(receipt, () => messages.push({ text: receipt }));
  client.subscribe(channelDestination(channelId), ({ body }) => messages.push({ text: body }), { receipt });
  await messages.awaitItem("the receipt of SUBSCRIBE", ({ text }) => text === receipt, world.deadlineMs);
}

const say = ({ client, user }: Page, channelId: string, content: string): void =>
  client.publish({ destination: sendDestination, body: JSON.stringify({ content, channelId, authorId: user.id }) });

/** As the pages do: a token against forgery first, the sign-up form with a picture, the login form. */
async function signUpAndLogIn(world: World): Promise<{ rest: RestClient; answer: Answer }> {
  const user = world.newcomer();
  const picture = { name: "나.png", contentType: "image/png", bytes: Buffer.from("picture") };
  const { answer: signedUp, account } = await signUp(world, user, picture);
  expect(signedUp.status, signedUp.text).toBe(201);
  const { rest } = account;
  expect((await fetchCsrf(rest)).status).toBeLessThan(300);
  const answer = await logInAgain(world, account);
  return { rest: account.rest, answer };
}

test.each(systemNames)(
  "the web client of %s signs up, talks, is notified, survives a reload and logs out",
  async (system) => {
    await people(targetOf(system), onStack ? "proxy" : "instances", async (world) => {
      const [ann, ben] = [await signUpAndLogIn(world), await signUpAndLogIn(world)];
      const annPage = await openPage(world, ann.rest, ann.answer, undefined);
      const benPage = await openPage(world, ben.rest, ben.answer, undefined);
      expect(annPage.user).toMatchObject({ role: "USER", profile: { fileName: "나.png", contentType: "image/png" } });
      expect((await discodeitOf(world).users(ann.rest)).map(({ id }) => id)).toContain(annPage.user.id);

      const channel = await discodeitOf(world).privateChannel(ann.rest, [annPage.user.id, benPage.user.id]);
      const { id: channelId } = channel;
      await benPage.events.awaitItem(
        "the new channel",
        ({ name, data }) => name === world.eventName("channelCreated") && data.includes(channelId),
        world.deadlineMs,
      );
      expect((await discodeitOf(world).channels(ben.rest, benPage.user.id)).map(({ id }) => id)).toContain(channelId);
      await Promise.all([enter(world, annPage, channelId), enter(world, benPage, channelId)]);
      const [hello, answer] = [world.marker("hello"), world.marker("answer")];
      say(annPage, channelId, hello);
      await benPage.messages.awaitItem("what Ann says", ({ text }) => text.includes(hello), world.deadlineMs);
      say(benPage, channelId, answer);
      await annPage.messages.awaitItem("what Ben says", ({ text }) => text.includes(answer), world.deadlineMs);
      const notified = await benPage.events.awaitItem(
        "a notification",
        ({ data }) => data.includes(hello),
        notificationDeadlineMs,
      );
      expect(
        (await discodeitOf(world).notifications(ben.rest)).filter(({ content }) => content === hello),
      ).toHaveLength(1);

      // Ben's page is loaded again: its memory is gone, its cookies are there. Ann goes on meanwhile.
      await benPage.close();
      ben.rest.accessToken = undefined;
      const missed = world.marker("missed");
      say(annPage, channelId, missed);
      await annPage.messages.awaitItem("her own message", ({ text }) => text.includes(missed), world.deadlineMs);
      const renewed =
        system === "discodeit-1"
          ? await discodeitOf(world).meAnswer(ben.rest)
          : await discodeitOf(world).renewAnswer(ben.rest);
      const again = await openPage(world, ben.rest, renewed, channelId, notified.id);
      expect(again.user).toMatchObject({ id: benPage.user.id, username: benPage.user.username });
      await again.events.awaitItem(
        "the notification that was missed",
        ({ data }) => data.includes(missed),
        notificationDeadlineMs,
      );
      expect(again.events.items.filter(({ data }) => data.includes(hello))).toEqual([]);
      expect((await discodeitOf(world).history(ben.rest, channelId)).content.map(({ content }) => content)).toEqual([
        missed,
        answer,
        hello,
      ]);
      const back = world.marker("back");
      say(again, channelId, back);
      await annPage.messages.awaitItem(
        "what Ben says after the reload",
        ({ text }) => text.includes(back),
        world.deadlineMs,
      );

      const out = await discodeitOf(world).logOutAnswer(ben.rest);
      expect(out.status).toBe(system === "discodeit-1" ? 200 : 204);
      expect((await ben.rest.request("GET", "/api/users")).status).toBe(401);
      await again.close();
    });
  },
);
