// Proofs of contract/discodeit/messages.ts.

import type { messages as area } from "../../../contract/discodeit/messages.ts";
import type { MessageDto } from "../../../systems/discodeit/shapes.ts";
import type { Answer } from "../../../drivers/rest.ts";
import type { UploadFile } from "../../../systems/discodeit/client.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { claim, claimShape, readJson, type Proofs } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { rely, step } from "../../../runner/steps.ts";
import { holds } from "../../../runner/text.ts";
import { relyOnShape } from "../steps/hearing.ts";
import type { World } from "../../../runner/world.ts";
import { lookUntil, says } from "../steps/look.ts";
import { accepted, refused } from "../steps/tokens.ts";
import { discodeitOf, posted } from "../steps/discodeit.ts";

interface Room {
  alice: Account;
  bob: Account;
  channel: Channel;
}

async function room(world: World): Promise<Room> {
  const [alice, bob] = await world.accounts(2);
  return { alice, bob, channel: await world.privateChannel(alice, bob) };
}

const textFile = (name: string, text: string): UploadFile => ({
  name,
  contentType: "text/plain",
  bytes: Buffer.from(text),
});

const postRaw = (
  world: World,
  { alice, channel }: Room,
  content: string,
  attachments: readonly UploadFile[] = [],
): Promise<Answer> =>
  discodeitOf(world).postAnswer(alice.rest, { channelId: channel.id, authorId: alice.id, content }, attachments);

const newest = (world: World, reader: Account, channel: Channel, size = 50): Promise<MessageDto[]> =>
  discodeitOf(world)
    .history(reader.rest, channel.id, { size })
    .then(({ content }) => content);

/** A message of the history, once it fits; undefined: it is not in it. */
const storedAs = (
  world: World,
  reader: Account,
  channel: Channel,
  messageId: string,
  fits: (message: MessageDto | undefined) => boolean,
): Promise<MessageDto | undefined> =>
  lookUntil(world, async () => (await newest(world, reader, channel)).find(({ id }) => id === messageId), fits);

/** Microseconds since 1970 of an instant with any number of fraction digits. */
export function microsOf(instant: string | undefined): number {
  if (instant === undefined) return NaN;
  const [, seconds, fraction = ""] = /^(.+?)(?:\.(\d+))?Z$/.exec(instant.replace(/\+00:00$/, "Z")) ?? [];
  return Date.parse(`${seconds}Z`) * 1_000 + Math.round(Number(`0.${fraction || 0}`) * 1_000_000);
}

/** Posts this many messages, several at a time: their order is nobody's concern, and a slow server must not take long. */
async function postMany(world: World, authors: readonly Account[], channel: Channel, count: number): Promise<string[]> {
  const markers = Array.from({ length: count }, (_, index) => world.marker(`n${index}`));
  const queue = [...markers.entries()];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      await posted(world, authors[next[0] % authors.length]!, channel, next[1]);
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return markers;
}

const jobs = 10;

/** Follows the cursor by pages of `size`; contents newest first. `between` runs before each further page. */
async function pageThrough(
  world: World,
  reader: Account,
  channel: Channel,
  size: number,
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<MessageDto[]> {
  const all: MessageDto[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < 50; pages++) {
    const page = await discodeitOf(world).history(reader.rest, channel.id, {
      size,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const { length } = page.content;
    rely("read a page of the history", length <= size, `a page of size ${size} has ${length} rows`);
    all.push(...page.content);
    if (page.hasNext !== true) return all;
    const { nextCursor } = page;
    const because = `hasNext is true and nextCursor is ${JSON.stringify(nextCursor)}`;
    rely("page through the history", typeof nextCursor === "string" || typeof nextCursor === "number", because);
    cursor = String(nextCursor);
    await between();
  }
  claim(false, "paging does not end");
}

export const messages: Proofs<typeof area> = {
  "messages.message-has-its-fields": async (world) => {
    const here = await room(world);
    const answer = await step("post a message", async () => {
      const posted = await postRaw(world, here, world.marker());
      discodeitOf(world).read(posted, discodeitOf(world).schemas.message, "post a message");
      return posted;
    });
    claimShape(answer.text, discodeitOf(world).strict.message, "the MessageDto");
  },

  "messages.page-has-its-fields": async (world) => {
    const here = await room(world);
    await posted(world, here.alice, here.channel, world.marker());
    const answer = await step("read the history", async () => {
      const page = await discodeitOf(world).historyAnswer(here.bob.rest, here.channel.id);
      discodeitOf(world).read(page, discodeitOf(world).schemas.page, "read the history");
      return page;
    });
    claimShape(answer.text, discodeitOf(world).strict.page, "the PageResponse");
  },

  "messages.post-returns-the-message": async (world) => {
    const here = await room(world);
    const marker = world.marker();
    const answer = await postRaw(world, here, marker);
    claim(answer.status === 201, `answered ${answer.status}`);
    const message = discodeitOf(world).read(answer, discodeitOf(world).schemas.message, "post a message");
    claim(
      says(message.content, marker) &&
        says(message.channelId, here.channel.id) &&
        says(message.author === null ? null : message.author?.id, here.alice.id) &&
        says(message.attachments?.length, 0),
      () => `the MessageDto is ${answer.text.slice(0, 300)}`,
    );
  },

  "messages.text-survives": async (world) => {
    const { alice, bob, channel } = await room(world);
    const connection = await world.stomp(bob);
    const subscription = await world.subscribe(connection, channel);
    for (const text of [
      "안녕하세요 세계",
      "🙂👩‍👩‍👧‍👦 é ﷽",
      "quotes \" ' ` \\ / </script>",
      "two\nlines\r\nand\ttab",
      "가".repeat(440),
    ]) {
      const content = `${world.marker()} ${text}`;
      const sent = await posted(world, alice, channel, content);
      const live = await world.hear(subscription, content.split(" ")[0]!);
      const stored = await storedAs(world, bob, channel, sent.id, (item) => item !== undefined);
      rely("read the history", stored !== undefined, "a message that was posted is not in it");
      for (const [where, got] of [
        ["the answer", sent.content],
        ["the MESSAGE", live.text],
        ["the history", stored.content],
      ] as const)
        claim(says(got, content), `${where} has ${JSON.stringify(got)} for ${JSON.stringify(content)}`);
    }
  },

  "messages.live-equals-history": async (world) => {
    const { alice, bob, channel } = await room(world);
    const connection = await world.stomp(bob);
    const subscription = await world.subscribe(connection, channel);
    for (let round = 0; round < 5; round++) {
      const marker = world.marker();
      world.sendMessage(connection, bob, channel, marker);
      const live = (await world.hear(subscription, marker)).message as MessageDto;
      if (live.id === undefined || live.author === undefined) await relyOnShape(world, bob, channel);
      const stored = (await newest(world, alice, channel)).find(({ id }) => id === live.id);
      claim(stored !== undefined, "a message that was heard live is not in the history");
      claim(
        says(stored.content, live.content) && stored.author?.id === live.author?.id,
        "live and history differ in content or author",
      );
      claim(
        live.createdAt === undefined || Math.abs(microsOf(stored.createdAt) - microsOf(live.createdAt)) <= 1,
        `createdAt is ${live.createdAt} live and ${stored.createdAt} in history`,
      );
    }
  },

  "messages.attachments-are-stored": async (world) => {
    const here = await room(world);
    await posted(world, here.alice, here.channel, world.marker()); // the control: without files it is accepted
    const files = [textFile("one.txt", "first"), textFile("two.txt", "second, longer")];
    const message = discodeitOf(world).read(
      await postRaw(world, here, world.marker(), files),
      discodeitOf(world).schemas.message,
      "post a message with attachments",
    );
    const attachments = message.attachments ?? [];
    const got = attachments.map(({ fileName, size }) => `${fileName} ${size}`).join();
    claim(
      attachments.length === 2 &&
        files.every(
          ({ name, bytes }, at) => says(attachments[at]!.fileName, name) && says(attachments[at]!.size, bytes.length),
        ),
      `the attachments are ${got}`,
    );
    const isWhole = (item: MessageDto | undefined): boolean => item?.attachments?.length === 2;
    const stored = await storedAs(world, here.bob, here.channel, message.id, isWhole);
    rely("read the history", stored !== undefined, "a message that was posted is not in it");
    claim(isWhole(stored), `the history shows ${stored.attachments?.length} attachments`);
  },

  "messages.blank-is-refused": async (world) => {
    const here = await room(world);
    await posted(world, here.alice, here.channel, world.marker()); // the control
    for (const content of ["", "   ", "\n"]) {
      const answer = await postRaw(world, here, content);
      claim(
        answer.status >= 400 && answer.status < 500,
        `the content ${JSON.stringify(content)} was answered ${answer.status}`,
      );
    }
    const blank = (await newest(world, here.bob, here.channel)).filter(({ content }) => content?.trim() === "");
    claim(blank.length === 0, "a blank message was stored");
  },

  "messages.blank-with-attachment": async (world) => {
    const here = await room(world);
    const answer = await postRaw(world, here, "", [textFile("only.txt", "x")]);
    claim(accepted(answer), () => `answered ${answer.status} ${answer.text.slice(0, 200)}`);
  },

  "messages.content-limit": async (world) => {
    const here = await room(world);
    const longest = await postRaw(world, here, "x".repeat(2_000));
    claim(accepted(longest), `2,000 characters were answered ${longest.status}`);
    const longer = await postRaw(world, here, "x".repeat(2_001));
    claim(longer.status === 400, `2,001 characters were answered ${longer.status}`);
    const { details } = readJson(longer.text, discodeitOf(world).schemas.error, "the answer to 2,001 characters");
    claim(
      details != null && Object.hasOwn(details, "content"),
      `the details name no field content: ${JSON.stringify(details)}`,
    );
  },

  "messages.author-is-the-caller": async (world) => {
    const { alice, bob, channel } = await room(world);
    await posted(world, alice, channel, world.marker()); // the control: in its own name it may
    const marker = world.marker("forged");
    const answer = await discodeitOf(world).postAnswer(alice.rest, {
      channelId: channel.id,
      authorId: bob.id,
      content: marker,
    });
    const stored = (await newest(world, bob, channel)).find(({ content }) => content === marker);
    claim(stored?.author?.id !== bob.id, "a message was stored in the name of a user who did not send it");
    claim(refused(answer) && stored === undefined, `another user's authorId was answered ${answer.status}`);
  },

  "messages.update-by-author": async (world) => {
    const { alice, bob, channel } = await room(world);
    const sent = await posted(world, alice, channel, world.marker());
    const changed = world.marker("changed");
    const answer = await alice.rest.request("PATCH", `/api/messages/${sent.id}`, { json: { newContent: changed } });
    claim(answer.status === 200, `answered ${answer.status}`);
    const message = discodeitOf(world).read(answer, discodeitOf(world).schemas.message, "change a message");
    claim(says(message.content, changed), "the answer has the old content");
    const isChanged = (item: MessageDto | undefined): boolean => item?.content === changed;
    claim(isChanged(await storedAs(world, bob, channel, sent.id, isChanged)), "the history has the old content");
  },

  "messages.update-by-others-is-refused": async (world) => {
    const { alice, bob, channel } = await room(world);
    const sent = await posted(world, alice, channel, world.marker());
    const answer = await bob.rest.request("PATCH", `/api/messages/${sent.id}`, {
      json: { newContent: world.marker("defaced") },
    });
    claim(refused(answer), `answered ${answer.status}`);
    claim(
      (await newest(world, alice, channel)).find(({ id }) => id === sent.id)?.content === sent.content,
      "a refused change took effect",
    );
  },

  "messages.delete-by-author": async (world) => {
    const { alice, bob, channel } = await room(world);
    const [gone, stays] = [
      await posted(world, alice, channel, world.marker()),
      await posted(world, alice, channel, world.marker()),
    ];
    const answer = await alice.rest.request("DELETE", `/api/messages/${gone.id}`);
    claim(accepted(answer), `answered ${answer.status}`);
    const ids = await lookUntil(
      world,
      async () => (await newest(world, bob, channel)).map(({ id }) => id),
      (seen) => !seen.includes(gone.id),
    );
    claim(!ids.includes(gone.id) && ids.includes(stays.id), "the history does not lack exactly the deleted message");
  },

  "messages.delete-is-204": async (world) => {
    const { alice, channel } = await room(world);
    const sent = await posted(world, alice, channel, world.marker());
    const { status } = await alice.rest.request("DELETE", `/api/messages/${sent.id}`);
    rely("delete a message", accepted({ status }), `answered ${status}`);
    claim(status === 204, `answered ${status}`);
  },

  "messages.delete-by-others-is-refused": async (world) => {
    const { alice, bob, channel } = await room(world);
    const sent = await posted(world, alice, channel, world.marker());
    const answer = await bob.rest.request("DELETE", `/api/messages/${sent.id}`);
    claim(refused(answer), `answered ${answer.status}`);
    claim(
      (await newest(world, alice, channel)).some(({ id }) => id === sent.id),
      "a refused deletion took effect",
    );
  },

  "messages.private-post-by-stranger": async (world) => {
    const [alice, bob, mallory] = await world.accounts(3);
    const channel = await world.privateChannel(alice, bob);
    await posted(world, bob, channel, world.marker()); // the control: a participant may
    const marker = world.marker("intruder");
    const answer = await discodeitOf(world).postAnswer(mallory.rest, {
      channelId: channel.id,
      authorId: mallory.id,
      content: marker,
    });
    const stored = (await newest(world, bob, channel)).some(({ content }) => content === marker);
    claim(
      refused(answer) && !stored,
      `a stranger's post to a private channel was answered ${answer.status}${stored ? " and stored" : ""}`,
      diagnoses.privateLeak,
    );
  },

  "messages.private-history-by-stranger": async (world) => {
    const [alice, bob, mallory] = await world.accounts(3);
    const channel = await world.privateChannel(alice, bob);
    const marker = world.marker("secret");
    await posted(world, alice, channel, marker);
    const members = await discodeitOf(world).historyAnswer(bob.rest, channel.id); // the control: a participant reads it
    rely(
      "read the history",
      accepted(members) && holds(members.text, marker),
      `a participant's reading of the history was answered ${members.status}`,
    );
    const answer = await discodeitOf(world).historyAnswer(mallory.rest, channel.id);
    claim(!holds(answer.text, marker), "a stranger reads a private channel's history", diagnoses.privateLeak);
    claim(refused(answer), `a stranger's reading of a private history was answered ${answer.status}`);
  },

  "messages.history-newest-first": async (world) => {
    const { alice, bob, channel } = await room(world);
    const markers = [world.marker(), world.marker(), world.marker()];
    for (const marker of markers) await posted(world, alice, channel, marker);
    const page = await discodeitOf(world).history(bob.rest, channel.id);
    const own = page.content.flatMap(({ content }) => (markers.includes(content ?? "") ? [content] : []));
    claim(own.join() === markers.toReversed().join(), "the history is not newest first");
  },

  "messages.history-outlives-its-author": async (world) => {
    const author = await world.disposable();
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob, author);
    await posted(world, author, channel, world.marker());
    const stays = await posted(world, alice, channel, world.marker());
    await discodeitOf(world).history(bob.rest, channel.id); // the control: before, it is answered
    const deleted = await discodeitOf(world).deleteUserAnswer(author.rest, author.id);
    author.gone = accepted(deleted);
    rely("delete a user", author.gone, `answered ${deleted.status}`);
    const page = await discodeitOf(world).historyAnswer(bob.rest, channel.id);
    claim(accepted(page), `after its author was deleted the history is answered ${page.status}`);
    const rows = discodeitOf(world).read(page, discodeitOf(world).schemas.page, "read the history").content;
    claim(
      rows.some(({ id }) => id === stays.id),
      "messages of others went with an author",
    );
  },

  "messages.history-pages": async (world) => {
    const { alice, bob, channel } = await room(world);
    const markers = Array.from({ length: 12 }, (_, index) => world.marker(`n${index}`));
    for (const marker of markers) await posted(world, alice, channel, marker);
    for (const size of [1, 5, 12]) {
      const got = (await pageThrough(world, bob, channel, size)).map(({ content }) => content);
      claim(
        got.join() === markers.toReversed().join(),
        `pages of ${size} give ${got.length} of 12 messages, or another order`,
      );
    }
  },

  "messages.history-page-size": async (world) => {
    const { alice, bob, channel } = await room(world);
    await postMany(world, [alice, bob], channel, 51);
    const three = await discodeitOf(world).history(bob.rest, channel.id, { size: 3 });
    claim(
      three.content.length === 3 && says(three.size, 3) && three.hasNext === true,
      `size=3 gives ${three.content.length} rows, size ${three.size}, hasNext ${three.hasNext}`,
    );
    const few = await world.privateChannel(bob, alice);
    await posted(world, alice, few, world.marker());
    const all = await discodeitOf(world).history(bob.rest, few.id, { size: 3 });
    claim(all.hasNext !== true, `of ${all.content.length} messages size=3 leaves some, as hasNext says`);
    const page = discodeitOf(world).read(
      await bob.rest.request("GET", `/api/messages?channelId=${channel.id}`),
      discodeitOf(world).schemas.page,
      "read the history",
    );
    claim(
      page.content.length === 50 && page.hasNext === true,
      `without a size ${page.content.length} rows come, hasNext ${page.hasNext}`,
    );
  },

  "messages.paging-survives-ties": async (world) => {
    const { alice, bob, channel } = await room(world);
    // As close together as a client can: many requests at once, from two users.
    const markers = Array.from({ length: 40 }, (_, index) => world.marker(`n${index}`));
    await Promise.all(markers.map((marker, index) => posted(world, index % 2 === 0 ? alice : bob, channel, marker)));
    const got = (await pageThrough(world, bob, channel, 7)).map(({ content }) => content);
    claim(
      got.length === 40 && new Set(got).size === 40,
      `paging by 7 over 40 messages posted at once gives ${new Set(got).size} different ones in ${got.length} rows`,
    );
  },

  "messages.paging-survives-new-messages": async (world) => {
    const { alice, bob, channel } = await room(world);
    const markers = Array.from({ length: 9 }, (_, index) => world.marker(`n${index}`));
    for (const marker of markers) await posted(world, alice, channel, marker);
    const got = (
      await pageThrough(world, bob, channel, 3, () => posted(world, alice, channel, world.marker("later")))
    ).map(({ content }) => content);
    claim(got.join() === markers.toReversed().join(), "messages posted while paging shifted older pages");
  },

  "messages.order-of-creation": async (world) => {
    const { alice, bob, channel } = await room(world);
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        posted(world, index % 2 === 0 ? alice : bob, channel, world.marker(`n${index}`)),
      ),
    );
    const instants = (await newest(world, bob, channel)).map(({ createdAt }) => microsOf(createdAt)).toReversed();
    const wrong = instants.filter((instant, at) => at > 0 && instant <= instants[at - 1]!).length;
    claim(wrong === 0, `${wrong} of 20 messages have no later createdAt than the one before`);
  },
};
