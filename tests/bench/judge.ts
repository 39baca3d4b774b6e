// How long does `rollcall judge` take, and how much memory? Writes a history of N events (10 million unless told: `node
// tests/bench/judge.ts 1000000`) – four senders, one room, eleven listeners over all transports, two final readers –
// and judges it in a process of its own, whose memory is what is measured.

import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { HistoryFile } from "../../cli/judge/history-file.ts";
import { judge } from "../../checkers/judge.ts";
import { Ledger } from "../../checkers/ledger.ts";
import type { HistoryEvent, Transport } from "../../checkers/history.ts";

const listeners = 11;
const transports: Transport[] = ["websocket", "sockjs-websocket", "xhr-streaming", "xhr-polling", "sse"];
/** As ids are on the wire: 36 characters, and different from each other from the first on, as hashes see them. */
const uuidOf = (kind: string, number: number): string =>
  `${((number * 2_654_435_761) >>> 0).toString(16).padStart(8, "0")}-0000-7000-8000-${kind}${number.toString(16).padStart(11, "0")}`;
const hashOf = (number: number): string => uuidOf("f", number).replaceAll("-", "").slice(0, 32);

/**
 * A message with its answer and all that hear it, again and again, then the readers. All listeners are in one room: the
 * most pairs.
 */
function* historyOf(events: number): Generator<HistoryEvent> {
  yield {
    type: "run",
    atMs: 0,
    schema: 1,
    run: "bench",
    system: "discodeit-2",
    seed: 1,
    startedAt: "2026-01-01T00:00:00.000Z",
  };
  for (let at = 0; at < listeners; at++) {
    const subscription = `listener-${at}`;
    yield {
      type: "subscription",
      atMs: 0,
      subscription,
      user: `user-${at}`,
      rooms: ["room"],
      transport: transports[at % transports.length]!,
      ownMessages: true,
    };
    yield { type: "open", atMs: 0, subscription, epoch: 1, place: "server-1" };
    yield { type: "confirmed", atMs: 1, subscription, epoch: 1 };
  }
  const messages = Math.floor(events / (listeners + 2 + 2));
  for (let number = 0; number < messages; number++) yield* messageOf(number, 2 + number * 10);
  for (const reader of ["history at server-1", "history at server-2"]) {
    yield { type: "reader", atMs: messages * 10 + 1_000, reader, log: "history", of: "room", place: "server-1" };
    for (let number = 0; number < messages; number++)
      yield {
        type: "read",
        atMs: messages * 10 + 1_000,
        reader,
        message: `m${number}`,
        id: uuidOf("a", number),
        hash: hashOf(number),
      };
  }
  yield { type: "end", atMs: messages * 10 + 2_000 };
}

function* messageOf(number: number, atMs: number): Generator<HistoryEvent> {
  const message = `m${number}`;
  const hash = hashOf(number);
  const id = uuidOf("a", number);
  const sender = `sender-${number % 4}`;
  yield {
    type: "send",
    atMs,
    message,
    sender,
    room: "room",
    connection: sender,
    place: "server-1",
    transport: "websocket",
    hash,
  };
  yield { type: "acknowledged", atMs: atMs + 2.125, message, id };
  for (let at = 0; at < listeners; at++) {
    const event = transports[at % transports.length] === "sse" ? { event: uuidOf("e", number) } : {};
    yield {
      type: "heard",
      atMs: atMs + 3.375,
      subscription: `listener-${at}`,
      epoch: 1,
      how: "pushed",
      message,
      room: "room",
      id,
      ...event,
      hash,
    };
  }
}

function write(path: string, events: number): void {
  const file = openSync(path, "w");
  let lines: string[] = [];
  const flush = (): void => {
    if (lines.length > 0) writeSync(file, `${lines.join("\n")}\n`);
    lines = [];
  };
  for (const event of historyOf(events)) if (lines.push(JSON.stringify(event)) === 10_000) flush();
  flush();
  closeSync(file);
}

function measure(path: string): void {
  const ledger = new Ledger();
  for (const event of new HistoryFile(path)) ledger.add(event);
  const readMs = performance.now();
  const { findings, deliveries } = judge(ledger);
  const seconds = performance.now() / 1_000;
  const rssMiB = process.resourceUsage().maxRSS / 1_024;
  console.log(
    `${ledger.events} events in ${seconds.toFixed(1)} s (read ${(readMs / 1_000).toFixed(1)} s, judged ${(seconds - readMs / 1_000).toFixed(1)} s), ${Math.round(ledger.events / seconds)} events/s, ${Math.round(rssMiB)} MiB at most, ${deliveries.once} pairs once, ${findings.length} findings`,
  );
}

const [first = "10000000", path] = process.argv.slice(2);
if (path !== undefined) measure(path);
else {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  try {
    const history = join(folder, "history.jsonl");
    write(history, Number(first));
    console.log(`${(statSync(history).size / 2 ** 20).toFixed(0)} MiB`);
    const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), "judge", history], {
      stdio: "inherit",
    });
    process.exitCode = status ?? 4;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
