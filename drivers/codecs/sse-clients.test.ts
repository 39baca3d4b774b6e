// Does our parser read a stream as clients in the field do? Streams as servers send them, and as they should not: each
// is read by the package `eventsource`, from a server that cuts it anywhere, and by our own codec.

import { EventSource } from "eventsource";
import { expect, test } from "vitest";
import { openHttpServer } from "../tiny-server.ts";
import { SseParser } from "./sse.ts";

interface Read {
  name: string;
  data: string;
  lastEventId: string;
}

/** The names under which the streams below have events: a client hears only those that it asked for. */
const names = ["message", "news", "end"];
/** With it a reader knows that all has come. */
const end = "event: end\ndata: end\n\n";

/** What a browser would have dispatched. */
function byUs(text: string, cutEvery: number): Read[] {
  const parser = new SseParser();
  const read: Read[] = [];
  let lastEventId = "";
  for (let at = 0; at < text.length; at += cutEvery)
    for (const item of parser.push(text.slice(at, at + cutEvery))) {
      if (item.kind !== "event" && item.kind !== "settings") continue;
      lastEventId = item.id ?? lastEventId;
      if (item.kind === "event" && item.data !== undefined)
        read.push({ name: item.name, data: item.data, lastEventId });
    }
  return read;
}

/** What the package dispatches of these octets, a piece of so many at a time. */
async function byThePackage(text: string, cutEvery: number): Promise<Read[]> {
  const bytes = Buffer.from(text);
  await using server = await openHttpServer((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.socket?.setNoDelay(true);
    const write = (at: number): void => {
      if (at >= bytes.length) return;
      response.write(bytes.subarray(at, at + cutEvery), () => setImmediate(write, at + cutEvery));
    };
    write(0);
  });
  const source = new EventSource(server.url);
  const read: Read[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      source.addEventListener("error", ({ message }) => reject(new Error(`the stream broke: ${message}`)));
      for (const name of names)
        source.addEventListener(name, (event) => {
          read.push({ name, data: event.data as string, lastEventId: event.lastEventId });
          if (name === "end") resolve();
        });
    });
  } finally {
    source.close();
  }
  return read;
}

const streams: [string, string, number][] = [
  ["a byte order mark at the beginning", "\uFEFFdata: a\n\n", 1],
  ["a byte order mark within", "data: a\n\n\uFEFFdata: b\n\n", 1],
  ["lines that end in CR", "data: a\rdata: b\r\rdata: c\r\r", 2],
  ["lines that end in CR LF", "event: news\r\ndata: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n", 2],
  ["lines that end in all ways", "data: a\r\ndata: b\rdata: c\n\r\ndata: d\n\r", 2],
  ["colons in data", "data: a: b\ndata::c\n\n", 1],
  ["no space behind the colon", "data:a\nevent:news\n\n", 1],
  ["two spaces behind the colon", "data:  a\n\n", 1],
  ["empty data", "data\n\ndata:\n\ndata\ndata\n\n", 3],
  ["an event without data", "event: news\n\ndata: a\n\n", 1],
  ["an id with NUL", "id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n", 2],
  ["an id of nothing", "id: 1\ndata: a\n\nid\ndata: b\n\n", 2],
  ["an id without data, in a block of its own", "id: 1\ndata: a\n\nid: 2\n\ndata: b\n\n", 2],
  ["a retry with letters", "retry: soon\ndata: a\n\nretry: 10x\ndata: b\n\n", 2],
  ["comments, and fields that nobody knows", ": hello\ndata: a\n:\nDATA: b\n data: c\nother: d\n\n", 1],
  ["letters of several octets", "data: größer 漢字 \u{1F600}\n\n", 1],
];

test.each(streams)("our parser and the package read %s alike, however it is cut", async (_, text, count) => {
  const whole = byUs(text + end, text.length + end.length);
  expect(whole).toHaveLength(count + 1);
  for (const cutEvery of [1, 2, 3]) {
    expect(byUs(text + end, cutEvery)).toEqual(whole);
    expect(await byThePackage(text + end, cutEvery)).toEqual(whole);
  }
});

test("a block without end is no event, for neither", async () => {
  const text = `${end}data: half\n`;
  expect(byUs(text, 1).map(({ name }) => name)).toEqual(["end"]);
  expect((await byThePackage(text, 1)).map(({ name }) => name)).toEqual(["end"]);
});
