// Whoever shows the chat in a class starts one command, and logs in as somebody whom it printed.

import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import type { DemoUser } from "../../cli/demo.ts";
import { Network } from "../../drivers/network.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import { Speaker, type Speaking } from "../../runner/speaker.ts";
import { Discodeit } from "../../systems/discodeit/client.ts";
import { systemNames, type SystemName } from "../../systems/discodeit/wire.ts";
import { servedSystems, stompTcp } from "../../systems/served/wire.ts";
import { systemNamed } from "../../systems/systems.ts";
import type { Room } from "../../systems/types.ts";
import { startRollcall, type Running } from "./rollcall.ts";

const anyPorts = servedSystems.flatMap((_, at) => [`--port-${at + 1}`, "0"]);

function serve(args: readonly string[], env: Record<string, string> = {}): Running {
  const running = startRollcall(["serve", ...anyPorts, ...args], { env: { [stompTcp.variable]: "0", ...env } });
  onTestFinished(() => void running.child.kill());
  return running;
}

/** Resolves with what it printed up to a line; rejects when it ends before. */
function printed({ child, ended }: Running, pattern: RegExp): Promise<string[]> {
  const lines: string[] = [];
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).on("line", (line) => {
      lines.push(line);
      if (pattern.test(line)) resolve(lines);
    });
    ended.then(({ stderr }) => reject(new Error(`it ended without ${pattern}: ${stderr}`))).catch(reject);
  });
}

async function logIn(network: Network, { system, url, ...who }: DemoUser): Promise<{ as: Speaking; speaker: Speaker }> {
  const speaker = new Speaker(systemNamed(system)!);
  const transcript = new Transcript(new Secrets(), 1);
  const as = { ...who, id: "", rest: speaker.client({ baseUrl: url, network, transcript, label: who.username }) };
  await speaker.logIn(as);
  return { as, speaker };
}

/** What somebody sees, with what was said there; rooms that a system does not list, by the names that were printed. */
async function roomsOf(
  as: Speaking,
  speaker: Speaker,
  { rooms: printedNames }: DemoUser,
): Promise<{ room: Room; name: string; texts: string[] }[]> {
  const listed = await speaker.rooms(as);
  const rooms: (Room & { name?: string | null | undefined })[] =
    speaker.system.rooms?.list === undefined ? printedNames.map((name) => ({ id: name.split(" ")[1]!, name })) : listed;
  expect(rooms).toHaveLength(printedNames.length);
  return await Promise.all(
    rooms.map(async (room, at) => {
      const texts = (await speaker.history(as, room)).map(({ text }) => text);
      return { room, name: room.name ?? printedNames.slice(at).find((name) => name.startsWith("private "))!, texts };
    }),
  );
}

/** Closed at the end of the block. */
function openNetwork(): Network & AsyncDisposable {
  const network = new Network();
  return Object.assign(network, { [Symbol.asyncDispose]: () => network.close() });
}

const isDiscodeit = (name: string): boolean => systemNames.some((discodeit) => discodeit === name);

test("serve --demo: who is printed logs in and finds rooms, messages, a file and what is unread", async () => {
  const running = serve(["--demo", "--json"]);
  const [line] = await printed(running, /^\{/);
  const { demo, ...listening } = JSON.parse(line!) as { demo: DemoUser[] } & Record<string, unknown>;
  expect(Object.keys(listening)).toEqual(servedSystems);
  expect(new Set(demo.map(({ system }) => system))).toEqual(new Set([...systemNames, "study-room", "redis-chat"]));
  await using network = openNetwork();
  for (const user of demo) {
    const { as, speaker } = await logIn(network, user);
    for (const { room, name, texts } of await roomsOf(as, speaker, user)) {
      expect(user.rooms).toContain(name);
      expect(texts.length, `${user.system}: ${JSON.stringify(room)}`).toBeGreaterThan(2);
    }
  }
  const files = [];
  for (const user of demo.filter(({ system, username }) => isDiscodeit(system) && username === "sora")) {
    const { as, speaker } = await logIn(network, user);
    const client = new Discodeit(user.system as SystemName);
    const reads = await client.readStatuses(as.rest, as.id);
    for (const { id } of await speaker.rooms(as)) {
      const { content } = await client.history(as.rest, String(id));
      const { lastReadAt } = reads.find(({ channelId }) => channelId === id)!;
      expect(content.filter(({ createdAt }) => String(createdAt) > String(lastReadAt))).toHaveLength(1);
      files.push(...content.flatMap(({ attachments }) => attachments ?? []).map(({ fileName }) => fileName));
    }
  }
  expect(files).toEqual(["week-3.md", "week-3.md"]);
  running.child.kill("SIGTERM");
  expect(await running.ended).toMatchObject({ code: 0 });
});

test("serve --demo: each start has the same, for people as a table", async () => {
  const tables = [];
  for (const _ of ["the first", "the second"]) {
    const running = serve(["--demo"], { SYSTEMS: "discodeit-1,stomp" });
    const lines = await printed(running, /^Without users or rooms .*: stomp$/);
    running.child.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ code: 0 });
    tables.push(lines.filter((line) => / {2}\S+-demo-1234! {2}/.test(line)));
  }
  expect(tables[0]).toHaveLength(3);
  expect(tables[0]![0]).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/ +mina +mina-demo-1234! +realtime-101$/);
  const withoutPorts = tables.map((lines) => lines.map((line) => line.replace(/:\d+\/ +/, " ")));
  expect(withoutPorts[1]).toEqual(withoutPorts[0]);
});

test("serve --demo ends where one of its users is there already, and says so", async () => {
  const { code, stderr, stdout } = await serve(["--demo"], { SYSTEMS: "discodeit-2", ADMIN_USERNAME: "mina" }).ended;
  expect(stderr).toMatch(/^Cannot make the demo: Cannot sign up: answered 409/m);
  expect(stdout).not.toMatch(/password/);
  expect(code).toBe(1);
});

test.each([
  [{ HOST: "0.0.0.0" }, "does not go with HOST=0.0.0.0"],
  [{ HOST: "::" }, "does not go with HOST=::"],
  [{ DATABASE_URL: "postgres://127.0.0.1:9/chat" }, "DATABASE_URL would keep them"],
])("serve --demo is refused with %j: everybody knows its passwords", async (env, message) => {
  const { code, stderr } = await serve(["--demo"], env).ended;
  expect(stderr).toContain(message);
  expect(code).toBe(3);
});
