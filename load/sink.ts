// A null run: the generator against a sink that passes on what is said and does nothing else. What a null run reaches is
// the most that the generator can show of any server on this machine; what it costs is the generator's.

import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { compileCacheFolder } from "../drivers/compile-cache.ts";
import { within } from "../drivers/deadline.ts";
import { HarnessError } from "../drivers/errors.ts";
import { startNode } from "../drivers/programs.ts";
import { defineSystem, type System } from "../systems/define.ts";
import { closedEnvironment } from "../targets/environment.ts";

const startWithinMs = 30_000;

/** Guests, rooms that are open to all, and receipts. */
export const sinkSystem: System = defineSystem({
  name: "sink",
  accounts: { guest: () => Promise.resolve({}) },
  rooms: { access: "anyone", open: () => Promise.resolve({ id: randomUUID() }) },
  stomp: {
    url: "/",
    transports: ["websocket"],
    destinations: ({ id }) => [`/topic/${id}`],
    send: ({ room, text }) => ({ destination: `/topic/${room.id}`, body: { text } }),
    textOf: (message) => message.text,
  },
  promises: ["order-per-sender", "receipts"],
});

export interface Sink extends AsyncDisposable {
  url: string;
  pid: number;
}

/** Starts the sink in a process of its own. Throws HarnessError when it does not start. */
export async function startSink(): Promise<Sink> {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const child = startNode(fileURLToPath(new URL(`./sink-process.${extension}`, import.meta.url)), [], {
    env: closedEnvironment({ NODE_COMPILE_CACHE: compileCacheFolder }),
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = once(child, "exit");
  const broken = (how: string): never => {
    child.kill("SIGKILL");
    throw new HarnessError(`Cannot start the sink of a null run: ${how}`);
  };
  const listening = Promise.race([
    once(child, "message") as Promise<[string]>,
    ended.then(([code, signal]) => broken(`it ended with ${signal ?? code}`)),
  ]);
  const [url] = await within(startWithinMs, listening, () => broken(`no answer within ${startWithinMs} ms`));
  return {
    url,
    pid: child.pid!,
    [Symbol.asyncDispose]: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
