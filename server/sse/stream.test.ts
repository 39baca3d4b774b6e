import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { setImmediate as turn } from "node:timers/promises";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { EventRecord } from "../bus/records.ts";
import { eventRecord, FakePorts, principal } from "../realtime/fakes.ts";
import { eventChunk, ReplayLog } from "./replay-log.ts";
import { SseStream } from "./stream.ts";

/** As much of a response as a stream uses. */
class FakeResponse extends EventEmitter {
  text = "";
  writableLength = 0;
  writableNeedDrain = false;
  writableEnded = false;
  destroyed = false;

  write(chunk: Buffer): boolean {
    this.text += chunk.toString();
    return true;
  }
  end(): void {
    this.writableEnded = true;
    this.emit("close");
  }
  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
  /** Names and ids, as "name#id". */
  get events(): string[] {
    return [...this.text.matchAll(/(?:id: (.*)\n)?event: (.*)\ndata: .*\n\n/g)].map(([, id, name]) =>
      id === undefined ? `${name}` : `${name}#${id}`,
    );
  }
}

function world(kept?: number) {
  const log = new ReplayLog(kept);
  const ports = new FakePorts();
  const counts = { replayed: 0, cutOff: 0 };
  const streams: SseStream[] = [];
  const behind = { catchUp: (): Promise<void> => Promise.resolve(), faults: 0 };
  const host = {
    log,
    ports,
    caughtUp: () => behind.catchUp(),
    onReplayed: () => void (counts.replayed += 1),
    hello: (id?: string) => eventChunk("ping", "{}", id),
    onCutOff: () => void (counts.cutOff += 1),
    onFault: () => void (behind.faults += 1),
  };
  const publish = (record: EventRecord): void => {
    const entry = log.append(record);
    if (entry) for (const stream of streams) stream.publish(entry);
  };
  const open = (
    userId: string,
    lastEventId?: string,
  ): { response: FakeResponse; stream: SseStream; opened: Promise<void> } => {
    const response = new FakeResponse();
    const stream = new SseStream(host, response as unknown as ServerResponse, principal(userId));
    streams.push(stream);
    return { response, stream, opened: stream.open(lastEventId) };
  };
  return { log, ports, counts, behind, publish, open };
}

test("SseStream says ping first, with the newest readable event as cursor", async () => {
  const { publish, open } = world();
  publish(eventRecord("e1", ["ann"]));
  publish(eventRecord("e2", ["bob"]));
  const { response, stream, opened } = open("ann");
  await opened;
  publish(eventRecord("e3"));
  expect(response.events).toEqual(["ping#e1", "users.refresh#e3"]);
  expect(response.text).toContain("event: ping\ndata: {}\n\n");
  stream.end();
});

test("SseStream replays exactly what came after the id for this receiver, then goes live", async () => {
  const { publish, open, counts } = world();
  for (const [id, receivers] of [
    ["e1", "everyone"],
    ["e2", ["bob"]],
    ["e3", ["ann", "bob"]],
    ["e4", "everyone"],
  ] as const)
    publish(eventRecord(id, receivers));
  const { response, stream, opened } = open("ann", "e1");
  await opened;
  publish(eventRecord("e5"));
  publish(eventRecord("e5"));
  expect(response.events).toEqual(["ping", "users.refresh#e3", "users.refresh#e4", "users.refresh#e5"]);
  expect(counts.replayed).toBe(2);
  stream.end();
});

test("SseStream reports a gap for unknown, malformed, foreign and evicted ids, and replays nothing", async () => {
  const { publish, open } = world(3);
  for (const id of ["e1", "e2"]) publish(eventRecord(id));
  publish(eventRecord("foreign", ["bob"]));
  publish(eventRecord("e4"));
  for (const id of ["nope", "x".repeat(8_192), "'; DROP TABLE", "foreign", "e1"]) {
    const { response, stream, opened } = open("ann", id);
    await opened;
    expect(response.events).toEqual(["ping", "replay.gap#e4"]);
    expect(response.text).toContain('data: {"reason":"unknown"}');
    stream.end();
  }
});

const [known, ahead, next] = [
  "01a1fe34-2891-73a2-9a6e-0270ddc43ee1",
  "01a1fe34-4596-73f3-9bc1-78b51442f2a1",
  "01a1fe34-4597-73f3-9bc1-78b51442f2a1",
];

test("SseStream resumes after an event that this instance had yet to hear of, without what came before it", async () => {
  const { behind, publish, open } = world();
  publish(eventRecord(known));
  behind.catchUp = async () => {
    await turn();
    for (const id of [ahead, next]) publish(eventRecord(id));
  };
  const { response, stream, opened } = open("ann", ahead);
  await opened;
  expect(response.events).toEqual(["ping", `users.refresh#${next}`]);
  stream.end();
});

test("SseStream ends when nobody knows how far behind this instance is", async () => {
  const { behind, publish, open } = world();
  publish(eventRecord(known));
  behind.catchUp = () => Promise.reject(new Error("the broker is away"));
  const { response, opened } = open("ann", ahead);
  await opened;
  expect(response.writableEnded).toBe(true);
  expect(response.events).toEqual(["ping"]);
  expect(behind.faults).toBe(1);
});

test("SseStream cuts the replay by the rights of now", async () => {
  const { publish, open, ports } = world();
  publish(eventRecord("e1"));
  publish(eventRecord("e2", ["ann"], "lost"));
  publish(eventRecord("e3", ["ann"], "kept"));
  ports.unreadableChannels.add("lost");
  const resumed = open("ann", "e1");
  await resumed.opened;
  expect(resumed.response.events).toEqual(["ping", "users.refresh#e3"]);
  const foreign = open("ann", "e2");
  await foreign.opened;
  expect(foreign.response.events).toEqual(["ping", "replay.gap#e3"]);
  resumed.stream.end();
  foreign.stream.end();
});

test("SseStream loses and doubles nothing at the seam, at any cut under concurrent publishing", async () => {
  const step = fc.oneof(
    fc.constant("open" as const),
    fc.constant("turn" as const),
    fc.constantFrom("everyone", "ann", "bob", "private"),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), fc.nat(20), async (steps, cut) => {
      const { publish, open } = world();
      const forAnn: string[] = ["e0"];
      publish(eventRecord("e0"));
      const opened: [ReturnType<typeof open>, string[]][] = [];
      for (const [index, what] of steps.entries()) {
        if (what === "turn") await turn();
        else if (what === "open") {
          const from = cut % forAnn.length;
          const stream = open("ann", forAnn[from]);
          opened.push([stream, forAnn.slice(0, from + 1)]);
        } else {
          const id = `e${index + 1}`;
          const receivers = what === "everyone" || what === "private" ? "everyone" : [what];
          publish(eventRecord(id, receivers, what === "private" ? "kept" : undefined));
          if (what !== "bob") forAnn.push(id);
        }
      }
      for (const [{ response, stream, opened: done }, before] of opened) {
        await done;
        expect(response.events).toEqual(["ping", ...forAnn.slice(before.length).map((id) => `users.refresh#${id}`)]);
        stream.end();
      }
    }),
    { numRuns: 60 },
  );
});

test("SseStream cuts off a live reader that does not keep up", async () => {
  const { publish, open, counts } = world();
  const { response, opened } = open("ann");
  await opened;
  response.writableLength = 2 * 1024 * 1024;
  publish(eventRecord("e1"));
  expect(response.destroyed).toBe(true);
  expect(counts.cutOff).toBe(1);
});

test("SseStream waits for a reader while it replays", async () => {
  const { publish, open } = world();
  for (let n = 0; n < 5; n += 1) publish(eventRecord(`e${n}`));
  const { response, stream, opened } = open("ann", "e0");
  response.writableLength = 512 * 1024;
  await turn();
  expect(response.events.length).toBeLessThan(5);
  response.writableLength = 0;
  response.emit("drain");
  await opened;
  expect(response.events).toEqual(["ping", ...[1, 2, 3, 4].map((n) => `users.refresh#e${n}`)]);
  stream.end();
});
