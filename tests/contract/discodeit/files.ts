// Proofs of contract/discodeit/files.ts. Local uploads of the field often sleep 3 s: the contract allows 15 s for their end.

import type { files as area } from "../../../contract/discodeit/files.ts";
import type { BinaryContentDto } from "../../../systems/discodeit/shapes.ts";
import { uploadStatus } from "../../../systems/discodeit/wire.ts";
import type { SseEvent } from "../../../drivers/codecs/sse.ts";
import { TimeoutError } from "../../../drivers/errors.ts";
import type { Answer } from "../../../drivers/rest.ts";
import type { EventStream } from "../../../drivers/sse.ts";
import type { UploadFile } from "../../../systems/discodeit/client.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { hearHere } from "../steps/crossing.ts";
import { lookUntil, says } from "../steps/look.ts";
import { accepted, refused } from "../steps/tokens.ts";
import { diagnoseEventName, diagnoses } from "../../../runner/diagnosis.ts";
import { claim, claimShape, readJson, type Proofs } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { rely, step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { holds } from "../../../runner/text.ts";
import { discodeitOf, uploadDeadlineMs } from "../steps/discodeit.ts";

/** Every octet there is, so that no text conversion goes unnoticed. */
const bytes = Buffer.from(Array.from({ length: 1_024 }, (_, index) => index % 256));
const binary: UploadFile = { name: "octets.bin", contentType: "application/octet-stream", bytes };

interface Room {
  alice: Account;
  bob: Account;
  channel: Channel;
}

async function room(world: World): Promise<Room> {
  const [alice, bob] = await world.accounts(2);
  return { alice, bob, channel: await world.privateChannel(alice, bob) };
}

/** Posts a message with files; their metadata as the answer tells it. */
async function upload(
  world: World,
  author: Account,
  channel: Channel,
  ...attachments: UploadFile[]
): Promise<BinaryContentDto[]> {
  const message = { channelId: channel.id, authorId: author.id, content: world.marker("file") };
  const stored = await step("attach files", async () => {
    const answer = await discodeitOf(world).postAnswer(world.rest(author), message, attachments);
    return discodeitOf(world).read(answer, discodeitOf(world).schemas.message, "attach files").attachments ?? [];
  });
  rely(
    "attach files",
    stored.length === attachments.length,
    `a message with ${attachments.length} files has ${stored.length} attachments`,
  );
  return stored;
}

const statusOf = (world: World, file: BinaryContentDto): unknown => file[uploadStatus[discodeitOf(world).system].field];

/** Waits until the upload ended well. Nothing tells a reader but asking again. */
async function stored(world: World, reader: Account, id: string): Promise<void> {
  const { success, failed } = uploadStatus[discodeitOf(world).system];
  const file = await lookUntil(
    world,
    () => discodeitOf(world).file(reader.rest, id),
    (seen) => [success, failed].some((end) => statusOf(world, seen) === end),
    uploadDeadlineMs,
  );
  const status = String(statusOf(world, file));
  rely("end an upload", status === success, `after ${uploadDeadlineMs} ms at most its status is ${status}`);
}

/**
 * A download once it is answered: some servers refuse it while the upload is under way. With which status an upload
 * ends is for one clause to say.
 */
const downloaded = (
  world: World,
  reader: Account,
  id: string,
  fits: (answer: Answer) => boolean = accepted,
): Promise<Answer> =>
  lookUntil(world, () => discodeitOf(world).downloadAnswer(reader.rest, id), fits, uploadDeadlineMs);

/** As `downloaded`, where that it is answered is another's to say. */
async function relyOnDownload(world: World, reader: Account, id: string): Promise<Answer> {
  const answer = await downloaded(world, reader, id);
  rely("download a file", accepted(answer), `answered ${answer.status}`);
  return answer;
}

/** An event about a file, whatever its name: the upload's end is the only thing that is told of one. */
const mentions = (event: SseEvent, id: string): boolean => holds(event.data, id);

const hearUpload = (stream: EventStream, id: string): Promise<SseEvent> =>
  stream.awaitEvent(`the end of upload ${id}`, (event) => mentions(event, id), uploadDeadlineMs);

export const files: Proofs<typeof area> = {
  "files.file-has-its-fields": async (world) => {
    const here = await room(world);
    const [file] = await upload(world, here.alice, here.channel, binary);
    const answer = await step("read a file's metadata", async () => {
      const metadata = await here.alice.rest.request("GET", `/api/binaryContents/${file!.id}`);
      discodeitOf(world).read(metadata, discodeitOf(world).schemas.binaryContent, "read a file's metadata");
      return metadata;
    });
    claimShape(answer.text, discodeitOf(world).strict.binaryContent, "the BinaryContentDto");
  },

  "files.metadata": async (world) => {
    const { alice, bob, channel } = await room(world);
    const [sent] = await upload(world, alice, channel, binary);
    const file = await discodeitOf(world).file(bob.rest, sent!.id);
    claim(
      file.id === sent!.id &&
        says(file.fileName, binary.name) &&
        says(file.size, bytes.length) &&
        says(file.contentType, binary.contentType),
      () => `the BinaryContentDto is ${JSON.stringify(file)}`,
    );
  },

  "files.metadata-of-several": async (world) => {
    const { alice, bob, channel } = await room(world);
    const sent = await upload(
      world,
      alice,
      channel,
      binary,
      { ...binary, name: "second.bin" },
      { ...binary, name: "third.bin" },
    );
    const [first, , third] = sent;
    const answer = await bob.rest.request(
      "GET",
      `/api/binaryContents?binaryContentIds=${first!.id}&binaryContentIds=${third!.id}`,
    );
    claim(answer.status === 200, `answered ${answer.status}`);
    const got = discodeitOf(world)
      .read(answer, discodeitOf(world).schemas.binaryContent.array(), "read the metadata of several files")
      .map(({ id }) => id);
    claim(
      got.length === 2 && got.includes(first!.id) && got.includes(third!.id),
      `for two ids of three files ${got.length} files came, or others`,
    );
  },

  "files.download-gives-the-bytes": async (world) => {
    const { alice, bob, channel } = await room(world);
    const [sent] = await upload(world, alice, channel, binary);
    const isWhole = (answer: Answer): boolean => answer.status === 200 && answer.bytes.equals(bytes);
    const answer = await downloaded(world, bob, sent!.id, isWhole);
    claim(answer.status === 200, `answered ${answer.status}`);
    claim(
      answer.bytes.equals(bytes),
      `${answer.bytes.length} bytes came, which are not the ${bytes.length} that were sent`,
    );
  },

  "files.download-headers": async (world) => {
    const { alice, bob, channel } = await room(world);
    const [sent] = await upload(world, alice, channel, { ...binary, name: "page.html", contentType: "text/html" });
    const { headers } = await relyOnDownload(world, bob, sent!.id);
    const [disposition, type, length] = ["content-disposition", "content-type", "content-length"].map((name) =>
      headers.get(name),
    );
    claim(
      /^attachment\b/i.test(disposition ?? "") && disposition!.includes("page.html"),
      `Content-Disposition is ${disposition}`,
    );
    claim(type?.split(";")[0]?.trim().toLowerCase() === "text/html", `Content-Type is ${type}`);
    claim(Number(length) === bytes.length, `Content-Length is ${length}`);
  },

  "files.download-needs-a-token": async (world) => {
    const { alice, bob, channel } = await room(world);
    const secret = Buffer.from(world.marker("secret"));
    const [sent] = await upload(world, alice, channel, { ...binary, bytes: secret });
    await relyOnDownload(world, bob, sent!.id); // the control
    const { status, bytes: got } = await discodeitOf(world).downloadAnswer(world.stranger(), sent!.id);
    claim(!got.includes(secret), "whoever knows a file's id downloads it without a token");
    claim(refused({ status }), `answered ${status}`);
  },

  "files.name-beyond-latin-1": async (world) => {
    const { alice, bob, channel } = await room(world);
    const name = "보고서 🙂 (1).txt";
    const [sent] = await upload(world, alice, channel, { ...binary, name });
    const { fileName } = await discodeitOf(world).file(bob.rest, sent!.id);
    claim(says(fileName, name), `the metadata says ${JSON.stringify(fileName)} for ${JSON.stringify(name)}`);
    const { headers } = await relyOnDownload(world, bob, sent!.id);
    const disposition = headers.get("content-disposition") ?? "";
    const encoded = /filename\*=UTF-8''([\w.!#$&+^`|~%-]+)/i.exec(disposition)?.[1];
    claim(
      encoded !== undefined && decodeURIComponent(encoded) === name,
      `the download has Content-Disposition ${JSON.stringify(disposition)}`,
    );
  },

  "files.upload-ends-in-success": async (world) => {
    const { alice, bob, channel } = await room(world);
    const [sent] = await upload(world, alice, channel, binary);
    await stored(world, bob, sent!.id);
  },

  "files.upload-event-to-the-uploader": async (world) => {
    const { alice, channel } = await room(world);
    const stream = await world.events(alice);
    const [sent] = await upload(world, alice, channel, binary);
    try {
      await hearHere(
        world,
        alice,
        () => hearUpload(stream, sent!.id),
        async () => {
          const [again] = await upload(world, alice, channel, binary);
          return (event) => mentions(event, again!.id);
        },
      );
    } catch (error) {
      // Of an upload that does not end nobody can be told.
      if (error instanceof TimeoutError) await stored(world, alice, sent!.id);
      throw error;
    }
    const name = world.nameInContract("uploadEnded")!;
    const isNamed = (): Promise<SseEvent> =>
      stream.awaitEvent(
        `${name} about upload ${sent!.id}`,
        (event) => event.name === name && mentions(event, sent!.id),
        world.deadlineMs,
      );
    await diagnoseEventName(stream, isNamed, sent!.id, name);
    const event = await isNamed();
    const dto = readJson(event.data, discodeitOf(world).schemas.binaryContent, "the event's data");
    claim(dto.id === sent!.id && says(dto.fileName, binary.name), () => `the event's data is ${event.data}`);
    const status = statusOf(world, dto);
    claim(says(status, uploadStatus[discodeitOf(world).system].success), `the event says status ${String(status)}`);
  },

  "files.upload-event-to-nobody-else": async (world) => {
    const { alice, bob, channel } = await room(world);
    const [uploader, member] = await Promise.all([world.events(alice), world.events(bob)]);
    const hear = (stream: EventStream, id: string): Promise<SseEvent> =>
      step("hear of an upload", () => hearUpload(stream, id));
    const [secret] = await upload(world, alice, channel, binary);
    await hear(uploader, secret!.id);
    const [fence] = await upload(world, bob, channel, binary);
    await hear(member, fence!.id);
    await world.settle();
    claim(world.eventCount(member, (event) => mentions(event, secret!.id)) === 0, "another user was told of an upload");
  },

  "files.private-to-members": async (world) => {
    const [alice, bob, mallory] = await world.accounts(3);
    const channel = await world.privateChannel(alice, bob);
    const secret = Buffer.from(world.marker("secret"));
    const [sent] = await upload(world, alice, channel, {
      ...binary,
      name: "secret.txt",
      contentType: "text/plain",
      bytes: secret,
    });
    const control = await relyOnDownload(world, bob, sent!.id);
    rely("download a file", control.bytes.equals(secret), "a member's download has other bytes");
    const download = await discodeitOf(world).downloadAnswer(mallory.rest, sent!.id);
    claim(!download.bytes.includes(secret), "a stranger downloads a file of a private channel", diagnoses.privateLeak);
    const attempts: [string, Answer][] = [
      ["download", download],
      ["metadata", await mallory.rest.request("GET", `/api/binaryContents/${sent!.id}`)],
    ];
    for (const [what, answer] of attempts)
      claim(
        refused(answer),
        `a stranger's reading of the ${what} was answered ${answer.status}`,
        diagnoses.privateLeak,
      );
    const list = await mallory.rest.request("GET", `/api/binaryContents?binaryContentIds=${sent!.id}`);
    claim(
      !holds(list.text, "secret.txt"),
      "a stranger reads the name of a private channel's file",
      diagnoses.privateLeak,
    );
  },
};
