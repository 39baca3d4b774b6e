// Which instance does Nginx choose? More proxies before the same two instances, one for each way to balance: nobody else
// comes through them, so that each distribution is exact.

import { execFile } from "node:child_process";
import { request } from "node:http";
import { promisify } from "node:util";
import { afterAll, describe, expect, inject, test } from "vitest";
import { WebSocket } from "ws";
import { stompEndpoint } from "../../systems/discodeit/wire.ts";
import { served } from "../../systems/served/wire.ts";

const execute = promisify(execFile);
const { containers } = inject("stack");
const docker = async (...args: string[]): Promise<string> => (await execute("docker", args)).stdout.trim();

const started: string[] = [];
afterAll(async () => {
  if (started.length > 0) await docker("rm", "--force", ...started);
});

interface Inspected {
  Config: { Image: string; User: string; Labels: Record<string, string>; Env: string[] };
  NetworkSettings: { Networks: Record<string, unknown> };
}

/** Another proxy of the stack: the address of discodeit-1 behind it. */
async function proxyThat(balance: string): Promise<string> {
  const [proxy] = JSON.parse(await docker("inspect", containers.proxy)) as [Inspected];
  const kept = Object.entries(proxy.Config.Labels).filter(
    ([name]) => name === "com.docker.compose.project" || name.startsWith("rollcall."),
  );
  const port = String(served["discodeit-1"].proxyPort);
  const [first = "", ...others] = Object.keys(proxy.NetworkSettings.Networks).toSorted();
  const id = await docker(
    "create",
    ...kept.flatMap(([name, value]) => ["--label", `${name}=${value}`]),
    ...proxy.Config.Env.filter((line) => !line.startsWith("BALANCE=")).flatMap((line) => ["--env", line]),
    `--env=BALANCE=${balance}`,
    `--publish=127.0.0.1::${port}`,
    `--network=${first}`,
    `--volumes-from=${containers.proxy}`,
    `--user=${proxy.Config.User}`,
    "--read-only",
    "--tmpfs=/tmp:size=64m",
    "--cap-drop=ALL",
    "--memory=256m",
    "--pids-limit=64",
    "--ulimit=nofile=20000",
    proxy.Config.Image,
    "sh",
    "/etc/rollcall/start.sh",
  );
  started.push(id);
  for (const network of others) await docker("network", "connect", network, id);
  await docker("start", id);
  const base = `http://${await docker("port", id, port)}`;
  await expect.poll(() => ask(base, "/index.html").catch(() => undefined), { timeout: 30_000 }).toBeDefined();
  return base;
}

interface Answer {
  status: number;
  from: string;
  body: string;
}

/** A request on a connection of its own. */
function ask(base: string, path: string, method = "GET", body = ""): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { Connection: "close", "Content-Length": Buffer.byteLength(body) };
    request(new URL(path, base), { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
      response.on("end", () => {
        const from = String(response.headers["x-upstream-server"]);
        resolve({ status: response.statusCode ?? 0, from, body: Buffer.concat(chunks).toString() });
      });
    })
      .on("error", reject)
      .end(body);
  });
}

/** How many of 24 requests, one after the other, each instance answers. */
async function shares(base: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let turn = 0; turn < 24; turn++) {
    const { from } = await ask(base, "/api/users");
    counts[from] = (counts[from] ?? 0) + 1;
  }
  return counts;
}

interface Held {
  socket: WebSocket;
  from: string;
}

/** A WebSocket that stays open, and the instance that holds it. */
function hold(base: string): Promise<Held> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(base.replace("http", "ws") + stompEndpoint);
    let from = "";
    socket.on("upgrade", (response) => (from = String(response.headers["x-upstream-server"])));
    socket.on("open", () => resolve({ socket, from })).on("error", reject);
  });
}

/** Resolves when Nginx has given the connection up, as it counts no longer. */
const release = ({ socket }: Held): Promise<void> =>
  new Promise((resolve) => {
    socket.on("close", () => resolve()).close();
  });

async function holdOneByOne(base: string, count: number): Promise<Held[]> {
  const held: Held[] = [];
  while (held.length < count) held.push(await hold(base));
  return held;
}

/** SockJS sessions, each of three requests: opened, written to, read from. */
async function sockjsSessions(base: string, name: string): Promise<Answer[][]> {
  const sessions: Answer[][] = [];
  for (const session of "abcdefghijkl") {
    const url = `${stompEndpoint}/000/${name}-${session}`;
    sessions.push([
      await ask(base, `${url}/xhr`, "POST"),
      await ask(base, `${url}/xhr_send`, "POST", JSON.stringify(["CONNECT\naccept-version:1.2\n\n\0"])),
      await ask(base, `${url}/xhr`, "POST"),
    ]);
  }
  return sessions;
}

const allTo = (name: string) => ({ [name]: 24 });

describe.each([
  ["round_robin", [{ "server-1": 12, "server-2": 12 }]],
  ["3:1", [{ "server-1": 18, "server-2": 6 }]],
  ["ip_hash", [allTo("server-1"), allTo("server-2")]],
  ["least_conn", [{ "server-1": 12, "server-2": 12 }]],
])("balanced by %s", (balance, expected) => {
  test("requests go where it says, and SockJS stays where it began", async () => {
    const base = await proxyThat(balance);
    expect(expected).toContainEqual(await shares(base));
    const sessions = await sockjsSessions(base, balance.replace(":", "-"));
    for (const answers of sessions) {
      expect(answers.map(({ status }) => status)).toEqual([200, 204, 200]);
      expect(answers.at(-1)?.body).toContain("ERROR");
      expect(new Set(answers.map(({ from }) => from)).size).toBe(1);
    }
    // By session and not by address: both instances have some.
    expect(new Set(sessions.flatMap(([opened]) => opened?.from))).toEqual(new Set(["server-1", "server-2"]));
  });
});

test("least_conn makes up for what one instance holds, and round_robin does not", async () => {
  const afterOneLetGo = async (balance: string): Promise<string[]> => {
    const base = await proxyThat(balance);
    const held = await holdOneByOne(base, 8);
    const [gone, stay] = [
      held.filter(({ from }) => from === "server-1"),
      held.filter(({ from }) => from === "server-2"),
    ];
    expect([gone.length, stay.length]).toEqual([4, 4]);
    await Promise.all(gone.map(release));
    const back = await holdOneByOne(base, 4);
    await Promise.all([...stay, ...back].map(release));
    return back.map(({ from }) => from).toSorted();
  };
  expect(await afterOneLetGo("least_conn")).toEqual(["server-1", "server-1", "server-1", "server-1"]);
  expect(await afterOneLetGo("round_robin")).toEqual(["server-1", "server-1", "server-2", "server-2"]);
});

test("a way that is none is refused", async () => {
  const error: unknown = await execute("docker", [
    "run",
    "--rm",
    "--env",
    "BALANCE=random",
    "--volumes-from",
    containers.proxy,
    "--entrypoint",
    "sh",
    await docker("inspect", "--format", "{{.Config.Image}}", containers.proxy),
    "/etc/rollcall/start.sh",
  ]).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 64, stderr: expect.stringContaining("weights as 3:1") as string });
});
