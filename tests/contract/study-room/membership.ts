// Proofs of contract/study-room/membership.ts.

import type { membership as area } from "../../../contract/study-room/membership.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, jsonIn, type Proofs } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { rely, step, type Step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { chatDestination, limits, presenceDestination } from "../../../systems/study-room/wire.ts";
import { handled } from "../steps/hearing.ts";
import { says } from "../steps/look.ts";
import {
  isAccepted,
  joinRoom,
  leaveRoom,
  openTab,
  relyOn,
  setStatus,
  statesIn,
  watchedRoom,
} from "../steps/study-room.ts";

interface Message {
  content: string;
  senderNickname?: string | null;
}

const isBlank = (text: string | null): boolean => (text ?? "").trim() === "";

const pageOf = async ({ rest }: Account, { id }: Channel, page: number, size: number): Promise<Message[]> => {
  const { text } = await rest.request("GET", `/api/rooms/${id}/messages?page=${page}&size=${size}`);
  return (jsonIn(text) as { data?: Message[] } | undefined)?.data ?? [];
};

/** A path of the room answers its member and refuses a stranger. */
async function isTheMembers(world: World, name: Step, path: (channel: Channel) => string): Promise<void> {
  const [alice, bob, carol] = await world.accounts(3);
  const channel = await world.privateChannel(bob, alice);
  relyOn(name, await alice.rest.request("GET", path(channel)));
  const answer = await carol.rest.request("GET", path(channel));
  const isRefused = answer.status < 500 && !isAccepted(answer);
  claim(isRefused, `a stranger is answered ${answer.status} ${answer.text.slice(0, 120)}`);
}

export const membership: Proofs<typeof area> = {
  "membership.sender-is-the-session": async (world) => {
    const { alice, bob, channel, watch } = await watchedRoom(world);
    const tab = await openTab(world, alice, channel);
    const content = world.marker();
    const forged = { content, senderId: bob.id, senderNickname: bob.username, providerId: bob.id, id: 1 };
    tab.connection.sendFrame("SEND", { destination: chatDestination(channel.room.id) }, JSON.stringify(forged));
    const message = await world.hear(watch.chat, content);
    claim(
      world.isFrom(message, content, alice, channel),
      `the message is not its sender's: ${JSON.stringify(message)}`,
    );
    const [stored] = await pageOf(bob, channel, 0, 1);
    rely("read the history", stored?.content === content, "a message that was heard is not the newest");
    claim(
      says(stored.senderNickname ?? undefined, alice.username),
      `the history names another: ${JSON.stringify(stored)}`,
    );
  },

  "membership.history-is-the-members": async (world) => {
    await isTheMembers(world, "read the history", ({ id }) => `/api/rooms/${id}/messages?page=0&size=20`);
  },

  "membership.participants-are-the-members": async (world) => {
    await isTheMembers(world, "list users", ({ id }) => `/api/rooms/${id}/participants`);
  },

  "membership.presence-is-the-members": async (world) => {
    const { alice, channel, watch } = await watchedRoom(world);
    const [carol] = await world.accounts(1);
    const stranger = await world.stomp(carol);
    const spies = stranger.sendSubscribe(presenceDestination(channel.room.id));
    await world.settle();
    const tab = await openTab(world, alice, channel);
    setStatus(tab, channel, "BREAK");
    const isTold = (): boolean => statesIn(watch.presence, alice).endsWith("BREAK");
    await step("change a user", async () => {
      if (!isTold()) await watch.presence.awaitMessage("BREAK", isTold, world.deadlineMs);
    });
    await world.settle();
    claim(spies.messages().length === 0, `a stranger heard ${spies.messages().length} states`);
  },

  "membership.leaver-hears-nothing": async (world) => {
    const { alice, bob, channel, watch } = await watchedRoom(world);
    const tab = await openTab(world, alice, channel);
    const before = world.marker("before");
    world.sendMessage(watch.connection, bob, channel, before);
    await world.hear(tab.chat, before);
    relyOn("delete a private channel", await leaveRoom(alice, channel.room));
    await world.settle();
    const after = world.marker("after");
    world.sendMessage(watch.connection, bob, channel, after);
    await world.hear(watch.chat, after);
    await world.settle();
    claim(world.heardCount(tab.chat, after) === 0, "who left heard a message");
    // The control: its connection is good. Where it was ended, that is as well.
    const own = await world.privateChannel(alice, bob);
    if (tab.connection.closeInfo !== undefined) return;
    const hears = await world.subscribe(tab.connection, own);
    const marker = world.marker("own");
    world.sendMessage(tab.connection, alice, own, marker);
    await world.hear(hears, marker);
  },

  "membership.four-at-most": async (world) => {
    const [owner, ...others] = await world.accounts(4);
    const { rest } = owner;
    const answer = await rest.request("POST", "/api/rooms", { json: { title: world.name("four"), description: "-" } });
    const { data } = (jsonIn(answer.text) as { data?: { id?: number } } | undefined) ?? {};
    const id = data?.id;
    rely("create a private channel", id !== undefined, `POST /api/rooms is answered ${answer.status}`);
    const [late, later] = [await world.disposable(), await world.disposable()];
    const everybody = [...others, late, later];
    const answers = await Promise.all(everybody.map((account) => joinRoom(account, { id })));
    const accepted = answers.filter(isAccepted);
    rely("create a private channel", accepted.length > 0, "nobody can join a room");
    claim(accepted.length < limits.capacity, `${accepted.length} came in beside the host at once`);
    const refused = answers.filter((one) => !isAccepted(one));
    claim(
      refused.every(({ status }) => status < 500),
      `the others are answered ${refused.map(({ status, text }) => `${status} ${text}`).join("; ")}`,
    );
  },

  "membership.twice-is-409": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(bob, alice);
    const { status } = await joinRoom(alice, channel.room);
    claim(status === 409, `joining a second time is answered ${status}`);
  },

  "membership.host-cannot-leave": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(bob, alice);
    const { status } = await leaveRoom(bob, channel.room);
    claim(status === 400, `the host who leaves is answered ${status}`);
    relyOn("delete a private channel", await leaveRoom(alice, channel.room));
  },

  "membership.history-newest-first": async (world) => {
    const { bob, channel, watch } = await watchedRoom(world);
    const markers = Array.from({ length: 25 }, () => world.marker());
    // One by one: a burst need not be stored in order.
    for (const marker of markers) {
      world.sendMessage(watch.connection, bob, channel, marker);
      await world.hear(watch.chat, marker);
    }
    const ours = new Set(markers);
    const read: string[] = [];
    for (let page = 0; page < 3; page++)
      read.push(
        ...(await pageOf(bob, channel, page, 10)).map(({ content }) => content).filter((content) => ours.has(content)),
      );
    claim(read.join() === markers.toReversed().join(), `three pages of ten hold ${JSON.stringify(read)}`);
  },

  "membership.blank-is-ignored": async (world) => {
    const { bob, channel, watch } = await watchedRoom(world);
    for (const content of ["", "  ", "\n"]) {
      // Each on a connection of its own: one that is refused may end it.
      const sender = await world.stomp(bob);
      sender.sendFrame("SEND", { destination: chatDestination(channel.room.id) }, JSON.stringify({ content }));
      await handled(world, sender, bob, channel);
    }
    const marker = world.marker();
    world.sendMessage(watch.connection, bob, channel, marker);
    await world.hear(watch.chat, marker);
    const texts = world.textsOf(watch.chat);
    claim(!texts.some(isBlank), `the room heard ${JSON.stringify(texts)}`);
    const stored = (await pageOf(bob, channel, 0, 20)).map(({ content }) => content);
    rely("read the history", stored.includes(marker), "a message that was heard is not in it");
    claim(!stored.some(isBlank), `the history has ${JSON.stringify(stored)}`);
  },
};
