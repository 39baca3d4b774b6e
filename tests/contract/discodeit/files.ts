// Proofs of contract/discodeit/files.ts. Local uploads of the field often sleep 3 s: the contract allows 15 s for their end.

import { setTimeout as wait } from "node:timers/promises";
import type { files as area } from "../../../contract/discodeit/files.ts";
import type { BinaryContentDto } from "../../../systems/discodeit/shapes.ts";
import { uploadStatus } from "../../../systems/discodeit/wire.ts";
import type { SseEvent } from "../../../drivers/codecs/sse.ts";
import type { Answer } from "../../../drivers/rest.ts";
import type { EventStream } from "../../../drivers/sse.ts";
import type { UploadFile } from "../../../systems/discodeit/client.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { refused } from "./accounts.ts";
import { diagnoseEventName, diagnoses } from "../../../runner/diagnosis.ts";
import { claim, claimShape, readJson, type Proofs } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { rely } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { holds } from "../../../runner/text.ts";

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
  const message = await world.post(author, channel, world.marker("file"), { attachments });
  const stored = message.attachments ?? [];
  rely(
    "attach files",
    stored.length === attachments.length,
    `a message with ${attachments.length} files has ${stored.length} attachments`,
  );
  return stored;
}

const statusOf = (world: World, file: BinaryContentDto): unknown => file[uploadStatus[world.target.system].field];

/** Waits until the upload ended well. Nothing tells a reader but asking again. */
async function stored(world: World, reader: Account, id: string): Promise<BinaryContentDto> {
  const { success, failed } = uploadStatus[world.target.system];
  const startMs = performance.now();
  for (;;) {
    const file = await world.system.file(reader.rest, id);
    if (statusOf(world, file) === success) return file;
    claim(statusOf(world, file) !== failed, `the upload ended in ${failed}`);
    claim(
      performance.now() - startMs < world.uploadDeadlineMs,
      `the status is ${String(statusOf(world, file))} after ${world.uploadDeadlineMs} ms`,
    );
    await wait(100);
  }
}

const mentions = (world: World, event: SseEvent, id: string): boolean =>
  event.name === world.eventName("uploadEnded") && holds(event.data, id);

async function hearUpload(world: World, stream: EventStream, id: string): Promise<SseEvent> {
  let heard: SseEvent | undefined;
  const work = async (): Promise<void> => {
    heard = await stream.awaitEvent(
      `the end of upload ${id}`,
      (event) => mentions(world, event, id),
      world.uploadDeadlineMs,
    );
  };
  await diagnoseEventName(stream, work, `"${id}"`, world.eventName("uploadEnded"));
  return heard!;
}

export const files: Proofs<typeof area> = {
  "files.file-has-its-fields": async (world) => {
    const here = await room(world);
    const [file] = await upload(world, here.alice, here.channel, binary);
    const answer = await here.alice.rest.request("GET", `/api/binaryContents/${file!.id}`);
    world.system.read(answer, world.system.schemas.binaryContent, "read a file's metadata");
    claimShape(answer.text, world.system.strict.binaryContent, "the BinaryContentDto");
  },

  "files.metadata": async (world) => {
    const { alice, bob, channel } = await room(world);
    const [sent] = await upload(world, alice, channel, binary);
    const file = await world.system.file(bob.rest, sent!.id);
    claim(
      file.id === sent!.id &&
        file.fileName === binary.name &&
        file.size === bytes.length &&
        file.contentType === binary.contentType,
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
    const got = world.system
      .read(answer, world.system.schemas.binaryContent.array(), "read the metadata of several files")
      .map(({ id }) => id);
    claim(
      got.length === 2 && got.includes(first!.id) && got.includes(third!.id),
      `for two ids of three files ${got.length} files came, or others`,
    );
  },

  "files.download-gives-the-bytes": async (world) => {
    const { alice, bob, channel } = await room(world);
    const [sent] = await upload(world, alice, channel, binary);
    await stored(world, bob, sent!.id);
    const answer = await world.system.downloadAnswer(bob.rest, sent!.id);
    claim(answer.status === 200, `answered ${answer.status}`);
    claim(
      answer.bytes.equals(bytes),
      `${answer.bytes.length} bytes came, which are not the ${bytes.length} that were sent`,
    );
  },

  "files.download-headers": async (world) => {
    const { alice, bob, channel } = await room(world);
    const [sent] = await upload(world, alice, channel, { ...binary, name: "page.html", contentType: "text/html" });
    await stored(world, bob, sent!.id);
    const { headers, status } = await world.system.downloadAnswer(bob.rest, sent!.id);
    claim(status === 200, `answered ${status}`);
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

  "files.name-beyond-latin-1": async (world) => {
    const { alice, bob, channel } = await room(world);
    const name = "보고서 🙂 (1).txt";
    const [sent] = await upload(world, alice, channel, { ...binary, name });
    claim(
      (await stored(world, bob, sent!.id)).fileName === name,
      `the metadata says ${JSON.stringify(sent!.fileName)} for ${JSON.stringify(name)}`,
    );
    const { headers, status } = await world.system.downloadAnswer(bob.rest, sent!.id);
    const disposition = headers.get("content-disposition") ?? "";
    const encoded = /filename\*=UTF-8''([\w.!#$&+^`|~%-]+)/i.exec(disposition)?.[1];
    claim(
      status === 200 && encoded !== undefined && decodeURIComponent(encoded) === name,
      `the download was answered ${status} with Content-Disposition ${JSON.stringify(disposition)}`,
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
    const event = await hearUpload(world, stream, sent!.id);
    const dto = readJson(event.data, world.system.schemas.binaryContent, "the event's data");
    claim(dto.id === sent!.id && dto.fileName === binary.name, () => `the event's data is ${event.data}`);
    const status = statusOf(world, dto);
    claim(status === uploadStatus[world.target.system].success, `the event says status ${String(status)}`);
  },

  "files.upload-event-to-nobody-else": async (world) => {
    const { alice, bob, channel } = await room(world);
    const [uploader, member] = await Promise.all([world.events(alice), world.events(bob)]);
    const [secret] = await upload(world, alice, channel, binary);
    await hearUpload(world, uploader, secret!.id);
    const [fence] = await upload(world, bob, channel, binary);
    await hearUpload(world, member, fence!.id);
    await world.settle();
    claim(
      world.eventCount(member, (event) => mentions(world, event, secret!.id)) === 0,
      "another user was told of an upload",
    );
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
    await stored(world, bob, sent!.id);
    const control = await world.system.downloadAnswer(bob.rest, sent!.id);
    claim(control.bytes.equals(secret), `a member's download was answered ${control.status}`);
    const download = await world.system.downloadAnswer(mallory.rest, sent!.id);
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
      !list.text.includes("secret.txt"),
      "a stranger reads the name of a private channel's file",
      diagnoses.privateLeak,
    );
  },
};
