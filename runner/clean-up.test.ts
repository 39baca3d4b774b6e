import { randomUUID } from "node:crypto";
import { existsSync, linkSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Network, type NetworkOptions } from "../drivers/network.ts";
import { openHttpServer } from "../drivers/tiny-server.ts";
import { Secrets } from "../drivers/transcript.ts";
import { defineSystem } from "../systems/define.ts";
import { cleanRun, cleanUp, knownRuns, RunFile, writeNotes } from "./clean-up.ts";
import { contextOf } from "./run.ts";

const system = defineSystem({
  name: "slow-to-delete",
  http: { alive: "/" },
  accounts: {
    signUp: (http, { username }) => http.post("/members", { json: { username } }),
    logIn: async (http) => ({ bearer: (await http.post("/login")).json().token }),
    remove: (http, { username }) => http.delete(`/members/${username}`),
  },
});

// The runs' notes lie in a home of their own. Much here is waiting: all wait together.
const home = mkdtempSync(path.join(os.tmpdir(), "rollcall-clean-up-"));
beforeAll(() => void vi.stubEnv("HOME", home));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

/** A run with one account, whose deletion the target answers after so long, and refuses so often before. */
async function runWith(deletedAfterMs: number, refusals = 0, { losesAnswers = false } = {}) {
  const id = `r${randomUUID().slice(0, 8)}`;
  let isGone = false;
  const server = await openHttpServer((request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    // As the field answers to what it does not know.
    if (isGone) return void response.writeHead(request.url === "/login" ? 401 : 500).end();
    if (request.method === "DELETE" && losesAnswers) {
      isGone = true;
      return void request.socket.destroy();
    }
    const answer = (): void => void response.end(JSON.stringify({ token: randomUUID() }));
    if (request.method === "DELETE" && refusals-- > 0) response.writeHead(401).end();
    else if (request.method === "DELETE") setTimeout(answer, deletedAfterMs);
    else answer();
  });
  const network = new Network();
  const target = { name: "slow", system, instances: [server.url], capabilities: new Set<never>(), throwAway: false };
  const context = contextOf({ target: { ...target, instances: [server.url] } }, id, network, new Secrets());
  const file = new RunFile(id, context.target, context);
  await context.pool.lease(1);
  const close = async (): Promise<void> => {
    await context.pool.close();
    await network.close();
    await server[Symbol.asyncDispose]();
  };
  const hasNotes = (): boolean => existsSync(path.join(home, `.cache/rollcall/runs/${id}.json`));
  return { context, file, hasNotes, [Symbol.asyncDispose]: close };
}

test("writeNotes() replaces the notes in one step: a kill in the midst of it leaves those from before", () => {
  const before = { run: "killed", system: "slow-to-delete", baseUrl: "http://before.example", accounts: [] };
  writeNotes(before);
  const notes = path.join(home, ".cache/rollcall/runs/killed.json");
  // A second name of the file: it keeps the old text only if that was not written over.
  linkSync(notes, `${notes}.old`);
  writeNotes({ ...before, baseUrl: "http://after.example" });
  expect(JSON.parse(readFileSync(`${notes}.old`, "utf8"))).toEqual(before);
  expect(JSON.parse(readFileSync(notes, "utf8"))).toMatchObject({ baseUrl: "http://after.example" });
  expect(knownRuns()).toContain("killed");
});

test.concurrent("cleanUp() gives a slow target up in time, says so, and keeps the notes for --clean", async () => {
  await using run = await runWith(3_600_000);
  expect(await cleanUp(run.context, run.file, { limitMs: 300 })).toEqual([
    expect.stringMatching(/^user \w+ \(not deleted within 0\.\d s\)$/),
  ]);
  expect(run.hasNotes()).toBe(true);
});

test.concurrent("cleanUp() names what is not deleted when it is over, and keeps the notes", async () => {
  await using run = await runWith(3_600_000);
  const left = [expect.stringMatching(/^user \w+ \(not deleted within \d\.\d s\)$/)];
  expect(await cleanUp(run.context, run.file, { over: AbortSignal.timeout(100) })).toEqual(left);
  expect(await cleanUp(run.context, run.file, { over: AbortSignal.abort() })).toEqual(left);
  expect(run.hasNotes()).toBe(true);
});

test.concurrent("cleanUp() waits for a target that is slow and in time, and drops the notes", async () => {
  await using run = await runWith(300);
  expect(await cleanUp(run.context, run.file, { limitMs: 30_000 })).toEqual([]);
  expect(run.hasNotes()).toBe(false);
});

test.concurrent("cleanUp() logs in again as often as an interrupted proof may end the login", async () => {
  await using run = await runWith(0, 2);
  expect(await cleanUp(run.context, run.file)).toEqual([]);
  expect(run.hasNotes()).toBe(false);
});

test.concurrent("cleanUp() names whom the target never lets go", async () => {
  await using run = await runWith(0, Infinity);
  expect(await cleanUp(run.context, run.file)).toEqual([expect.stringMatching(/^user \w+ \(answered 401\)$/)]);
  expect(run.hasNotes()).toBe(true);
});

test.concurrent("cleanUp() asks by name for whom a deletion was under way, and finds nobody", async () => {
  await using run = await runWith(0, 0, { losesAnswers: true });
  const account = run.context.pool.adopt({ username: "late", email: "late@x.example", password: "secret-secret" });
  Object.assign(account, { id: "late" });
  for (const other of run.context.pool.accounts) if (other !== account) other.gone = true;
  await run.context.pool.discard(account);
  expect(account.gone).toBe(false);
  expect(await cleanUp(run.context, run.file)).toEqual([]);
  expect(run.hasNotes()).toBe(false);
});

/** Somebody of a changed name, whose token is the old name's, at a target that lets the new name in or not. */
async function renamedAt(letsIn: boolean, staleAnswer: number) {
  const there = new Set(["new"]);
  const server = await openHttpServer((request, response) => {
    request.resume();
    const isStale = request.headers.authorization !== "Bearer new";
    if (request.method === "DELETE" && isStale) response.writeHead(staleAnswer).end();
    else if (request.method === "DELETE") response.writeHead(there.delete("new") ? 204 : 404).end();
    else response.writeHead(letsIn ? 200 : 401).end(JSON.stringify({ token: "new" }));
  });
  const network = new Network();
  const instances: [string] = [server.url];
  const target = { name: "renaming", system, instances, capabilities: new Set<never>(), throwAway: false };
  const context = contextOf({ target }, `r${randomUUID().slice(0, 8)}`, network, new Secrets());
  const file = new RunFile(context.run, target, context);
  const account = context.pool.adopt({ username: "new", email: "new@x.example", password: "secret-secret" });
  account.rest.accessToken = "old";
  Object.assign(account, { id: "7", isRenamed: true });
  const close = async (): Promise<void> => {
    await network.close();
    await server[Symbol.asyncDispose]();
  };
  return { context, file, account, there, [Symbol.asyncDispose]: close };
}

test.concurrent.each([401, 404, 500])(
  "cleanUp() logs in anew as who was renamed and whose token is answered %i",
  async (staleAnswer) => {
    await using run = await renamedAt(true, staleAnswer);
    expect(await cleanUp(run.context, run.file)).toEqual([]);
    expect(run.there).toEqual(new Set());
  },
);

test.concurrent("cleanUp() names whom nobody can log in as since a change, and so does cleanRun()", async () => {
  await using run = await renamedAt(false, 500);
  await run.context.pool.discard(run.account);
  expect(await cleanUp(run.context, run.file)).toEqual(["user new (answered 500)"]);
  const { leftBehind } = await cleanRun(run.context.run, system);
  expect(leftBehind).toEqual(["user new (nobody can log in as it)"]);
  expect(knownRuns()).toContain(run.context.run);
});

/** A run of some people at a target that takes each deletion, and answers it after so long. */
async function crowdAt(count: number, answersAfterMs: number, options: NetworkOptions = {}) {
  const there = new Set<string>();
  let [open, mostAtOnce] = [0, 0];
  const server = await openHttpServer((request, response) => {
    request.resume();
    if (request.method !== "DELETE") return void response.writeHead(401).end();
    mostAtOnce = Math.max(mostAtOnce, (open += 1));
    response.on("close", () => (open -= 1));
    there.delete(request.url!.split("/").at(-1)!);
    setTimeout(() => response.writeHead(204).end(), answersAfterMs);
  });
  const network = new Network(options);
  const instances: [string] = [server.url];
  const target = { name: "crowded", system, instances, capabilities: new Set<never>(), throwAway: false };
  const context = contextOf({ target }, `r${randomUUID().slice(0, 8)}`, network, new Secrets());
  for (let number = 0; number < count; number++) {
    const username = `crowd${number}`;
    const account = context.pool.adopt({ username, email: `${username}@x.example`, password: "secret-secret" });
    Object.assign(account, { id: username });
    there.add(username);
  }
  const file = new RunFile(context.run, target, context);
  const close = async (): Promise<void> => {
    await network.close();
    await server[Symbol.asyncDispose]();
  };
  return { context, file, there, mostAtOnce: () => mostAtOnce, [Symbol.asyncDispose]: close };
}

test.concurrent("cleanUp() asks no more of a target at a time than the proofs did", async () => {
  await using run = await crowdAt(30, 20);
  expect(await cleanUp(run.context, run.file)).toEqual([]);
  expect(run.there.size).toBe(0);
  expect(run.mostAtOnce()).toBeLessThanOrEqual(8);
});

test.concurrent("cleanUp() names nobody who is gone, although no deletion was answered in time", async () => {
  await using run = await crowdAt(3, 3_600_000, { answerTimeoutMs: 3_000 });
  expect(await cleanUp(run.context, run.file)).toEqual([]);
  expect(run.there.size).toBe(0);
});

test.concurrent("cleanUp() finds whom a sign-up made that an interruption gave up", async () => {
  const interrupt = new AbortController();
  const there = new Set<string>();
  const { promise: isMade, resolve: onMade } = Promise.withResolvers<void>();
  await using server = await openHttpServer((request, response) => {
    if (request.url === "/members") {
      interrupt.abort();
      // Longer than the answer to what changes something is waited for.
      const made = text(request).then((body) => (JSON.parse(body) as { username: string }).username);
      setTimeout(() => void made.then((name) => there.add(name)).then(() => onMade()), 2_500);
    } else if (request.method === "DELETE")
      response.writeHead(there.delete(request.url!.split("/").at(-1)!) ? 204 : 404).end();
    else response.writeHead(there.size > 0 ? 200 : 401).end(JSON.stringify({ token: "x" }));
  });
  const network = new Network({ interrupt: interrupt.signal });
  const instances: [string] = [server.url];
  const target = { name: "late", system, instances, capabilities: new Set<never>(), throwAway: false };
  const context = contextOf({ target }, `r${randomUUID().slice(0, 8)}`, network, new Secrets());
  const file = new RunFile(context.run, target, context);
  await Promise.allSettled([context.pool.lease(1)]);
  await context.pool.close();
  expect(await cleanUp(context, file)).toEqual([]);
  await isMade;
  expect(there).toEqual(new Set());
  await network.close();
});

/** Whom a run leaves behind, in words, at a target that answers so; undefined: it hangs up. */
async function leftBehindBy(answer: (request: IncomingMessage) => number | undefined): Promise<string[]> {
  await using server = await openHttpServer((request, response) => {
    request.resume();
    const status = answer(request);
    if (status === undefined) request.socket.destroy();
    else response.writeHead(status).end(JSON.stringify({ token: "x" }));
  });
  const network = new Network();
  const instances: [string] = [server.url];
  const target = { name: "refusing", system, instances, capabilities: new Set<never>(), throwAway: false };
  const context = contextOf({ target }, `r${randomUUID().slice(0, 8)}`, network, new Secrets());
  const file = new RunFile(context.run, target, context);
  try {
    await Promise.allSettled([context.pool.lease(1)]);
    await context.pool.close();
    return await cleanUp(context, file);
  } finally {
    await network.close();
  }
}

test.concurrent.each([400, 403, 404, 405, 422, 501])(
  "cleanUp() doubts no sign-up that was answered %i",
  async (status) => {
    expect(await leftBehindBy(({ url }) => (url === "/members" ? status : 500))).toEqual([]);
  },
);

test.concurrent.each([408, 409, 429, 500, 502, 503])(
  "cleanUp() doubts a sign-up that was answered %i",
  async (status) => {
    const left = await leftBehindBy(({ url }) => (url === "/members" ? status : 500));
    expect(left).toEqual([expect.stringMatching(/^user \w+ \(answered 500\)$/)]);
  },
);

test.concurrent("cleanUp() says why in few words: what could not be deleted is named once", async () => {
  const left = await leftBehindBy(({ method }) => (method === "DELETE" ? undefined : 200));
  expect(left).toEqual([expect.stringMatching(/^user \w+ \([^/]+\)$/)]);
});
