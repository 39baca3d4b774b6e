// The rules of the domain on a real database: one PGlite for the whole file, a fresh world of users and channels per
// test. What is committed for publication is read from the outbox table; nobody publishes it.

import { AsyncLocalStorage } from "node:async_hooks";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { v7 as newId } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SystemName } from "../../../../systems/discodeit/wire.ts";
import type { BusRecord, EventRecord, MessageRecord } from "../../../bus/records.ts";
import type { Principal } from "../../../realtime/ports.ts";
import type { Turn } from "../../../security/fair-gate.ts";
import { LoginLimits, TooManyFailuresError } from "../../../security/login-limits.ts";
import { RecentStrangers } from "../../../security/recent-strangers.ts";
import { Pace } from "../../../turns.ts";
import { Passwords } from "../../../security/passwords.ts";
import { FairGate } from "../../../security/fair-gate.ts";
import { endedLogins } from "../../../security/logins.ts";
import { AccessTokens } from "../../../security/tokens.ts";
import { migrate, statementsOf } from "../../../store/migrate.ts";
import { lendStores } from "../../../store/lent-pglite.ts";
import { migrationsOf, schemaOf } from "../../../store/schemas.ts";
import type { Store } from "../../../store/store.ts";
import { changeRole, deleteUser, ensureAdmin, listUsers, signUp, updateUser } from "./accounts.ts";
import {
  createPrivateChannel,
  createPublicChannel,
  deleteChannel,
  listChannels,
  mayReadNow,
  maySubscribe,
  updateChannel,
} from "./channels.ts";
import type { Core } from "./core.ts";
import { fileContent, findFile, listFiles, type NewFile } from "./files.ts";
import { authenticate, currentSession, logIn, logOut, refresh } from "./logins.ts";
import { deleteMessage, listMessages, postMessage, updateMessage } from "./messages.ts";
import { fillNameKeys, normalName } from "./names.ts";
import { listNotifications, notifyOfMessage } from "./notifications.ts";
import { Payloads } from "./payloads.ts";
import type { Problem } from "./problem.ts";
import { createReadStatus, updateReadStatus } from "./reads.ts";
import { sealByDigest, Uploads, type Seal } from "./uploads.ts";

const password = "passw0rd!";
const address = "10.0.0.1";
const systems: SystemName[] = ["discodeit-1", "discodeit-2"];
const migrations = migrationsOf("discodeit-1")!;
const cores = {} as Record<SystemName, Core>;
let sealed: Seal = () => Promise.resolve(true);
const applied = {} as Record<SystemName, string[]>;
let stores: Map<SystemName, Store>;
let count = 0;

/**
 * What a transaction's rows are locked for: the database, never Redis, a hash of a password or the bus. Holds for every
 * test here.
 */
const inTransaction = new AsyncLocalStorage<true>();
function outside<T>(what: string, answer: T): T {
  if (inTransaction.getStore()) throw new Error(`${what} within a transaction`);
  return answer;
}
const observed = (store: Store): Store => ({
  query: (sql, parameters) => store.query(sql, parameters),
  transaction: (work) => store.transaction((tx) => inTransaction.run(true, () => work(tx))),
  ping: () => store.ping(),
  close: () => store.close(),
});
class ObservedPasswords extends Passwords {
  override hash(text: string, turn: Turn): Promise<string> {
    return outside("a password was hashed", super.hash(text, turn));
  }
}

function coreOf(system: SystemName, store: Store): Core {
  const config = {
    adminUsername: "admin",
    adminEmail: "admin@x.org",
    adminPassword: password,
    passwordCostLog2: 10,
    accessTokenSeconds: 60,
    refreshTokenSeconds: 60,
    uploadBytesMax: 1_000,
    stompUsers: [],
    gatewayChatSecret: "",
    sseTokens: [],
  };
  const context = {
    name: system,
    instance: "test",
    redis: undefined,
    store,
    config,
    outbox: { kick: () => outside("the outbox was kicked", undefined) },
    bus: {
      publish: () => outside("the bus was asked", Promise.resolve()),
      caughtUp: () => outside("the bus was asked", Promise.resolve()),
    },
    presence: { online: () => outside("presence was asked", Promise.resolve(new Set<string>())) },
    loginLimits: new LoginLimits({ system, onFault: (error) => expect.fail(String(error)) }),
    trace: { refused: () => undefined },
    onFault: (error: unknown) => expect.fail(String(error)),
  };
  const two = system === "discodeit-2";
  const base = {
    ...context,
    rules: {
      oneLoginPerUser: two,
      tokenCarriesTheUser: !two,
      uploadFailureTo: two ? ("admins" as const) : ("uploader" as const),
    },
    payloads: new Payloads(system),
  };
  const tokens = new AccessTokens(new Uint8Array(32), system, 60);
  return {
    ...base,
    passwords: new ObservedPasswords(10),
    loginLookups: new FairGate(2, 100),
    strangers: new RecentStrangers(),
    refusals: new Pace(4),
    tokens,
    placeOf: (from: string) => from,
    uploads: new Uploads(base, (own, id) => sealed(own, id)),
  };
}

beforeAll(async () => {
  stores = await lendStores(systems);
  for (const [system, store] of stores) {
    // As when two instances start at once.
    const schema = schemaOf(system);
    await store.query(`DROP SCHEMA ${schema} CASCADE`);
    applied[system] = (
      await Promise.all([migrate(store, schema, migrations), migrate(store, schema, migrations)])
    ).flat();
    cores[system] = coreOf(system, observed(store));
    await Promise.all([ensureAdmin(cores[system]), ensureAdmin(cores[system])]);
  }
}, 30_000);

afterAll(async () => {
  for (const system of systems) await cores[system].uploads.close();
  for (const store of stores.values()) await store.close();
});

async function member(
  core: Core,
  name = `user${(count += 1)}`,
): Promise<Principal & { refreshToken: string; accessToken: string }> {
  if (name !== "admin") await signUp(core, { username: name, email: `${name}@x.org`, password }, undefined, address);
  const session = await logIn(core, { username: name, password, address });
  const principal = await authenticate(core, session.accessToken);
  if (!principal) throw new Error("no principal");
  return { ...principal, refreshToken: session.refreshToken, accessToken: session.accessToken };
}

const admin = (core: Core): Promise<Principal> => member(core, "admin");
const idOf = (dto: unknown): string => (dto as { id: string }).id;

async function records(core: Core): Promise<BusRecord[]> {
  return (await core.store.query<{ record: string }>("SELECT record FROM outbox ORDER BY id")).map(
    (row) => JSON.parse(row.record) as BusRecord,
  );
}
const events = async (core: Core, name: string): Promise<EventRecord[]> =>
  (await records(core)).filter((record): record is EventRecord => record.topic === "events" && record.name === name);
const messages = async (core: Core): Promise<MessageRecord[]> =>
  (await records(core)).filter((record): record is MessageRecord => record.topic === "messages");
const status = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(() => "accepted").catch((error: unknown) => (error as { status?: number }).status ?? error);

test.each(systems)("ensureAdmin() says so when the address is another user's in %s", async (system) => {
  const core = cores[system];
  const other = { ...core, config: { ...core.config, adminUsername: "another-admin" } };
  await expect(ensureAdmin(other)).rejects.toThrow(`ADMIN_EMAIL (${core.config.adminEmail}) is another user's`);
});

test.each(systems)("ensureAdmin() made one admin in %s", async (system) => {
  expect((await listUsers(cores[system])).filter((user) => user.role === "ADMIN")).toMatchObject([
    { username: "admin" },
  ]);
});

test("migrate() applies each file once, whoever else starts", async () => {
  const files = (await readdir(migrations)).toSorted();
  expect(files.length).toBeGreaterThan(2);
  expect(applied).toEqual({ "discodeit-1": files, "discodeit-2": files });
  expect(await migrate(cores["discodeit-1"].store, "discodeit_1", migrations)).toEqual([]);
});

test("transaction() rolls back whole and leaves the session usable by the other system", async () => {
  const [one, two] = [cores["discodeit-1"].store, cores["discodeit-2"].store];
  const failed = one.transaction(async (tx) => {
    await tx.query("INSERT INTO settings (key, value) VALUES ('test', 'x')");
    throw new Error("stop");
  });
  const [rows] = await Promise.all([
    two.query("SELECT current_schema() AS schema"),
    expect(failed).rejects.toThrow("stop"),
  ]);
  expect(rows).toEqual([{ schema: "discodeit_2" }]);
  expect(await one.query("SELECT value FROM settings WHERE key = 'test'")).toEqual([]);
});

test("postMessage() gives tied instants one microsecond each, and the page reads each once", async () => {
  const core = cores["discodeit-1"];
  const [a, b] = [await member(core), await member(core)];
  const channelId = idOf(await createPrivateChannel(core, a, [a.userId, b.userId]));
  await core.store.query("UPDATE channels SET last_instant = '2099-12-31T23:59:59.999998Z' WHERE id = $1", [channelId]);
  const posted = await Promise.all(
    [a, b, a, b, a].map((author, index) =>
      postMessage(core, author, { content: `m${index}`, channelId, authorId: author.userId }, []),
    ),
  );
  const instants = posted.map((dto) => (dto as { createdAt: string }).createdAt);
  expect(instants).toEqual([
    "2099-12-31T23:59:59.999999Z",
    "2100-01-01T00:00:00.000000Z",
    "2100-01-01T00:00:00.000001Z",
    "2100-01-01T00:00:00.000002Z",
    "2100-01-01T00:00:00.000003Z",
  ]);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = (await listMessages(core, a, { channelId, size: 2, cursor })) as {
      content: { content: string }[];
      nextCursor: string | null;
      hasNext: boolean;
    };
    seen.push(...page.content.map((message) => message.content));
    expect(page.hasNext).toBe(page.nextCursor !== null);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual(["m4", "m3", "m2", "m1", "m0"]);
  const own = (await messages(core)).filter((record) => record.channelId === channelId);
  expect(own.map((record) => record.content)).toEqual(["m0", "m1", "m2", "m3", "m4"]);
  expect(own.map((record) => JSON.parse(record.body) as unknown)).toEqual(posted);
});

test("fileContent() gives a file in slices, so that a slow reader keeps little, and ends when it is deleted", async () => {
  const core = cores["discodeit-1"];
  const ann = await member(core);
  const channelId = idOf(await createPrivateChannel(core, ann, [ann.userId, (await member(core)).userId]));
  const bytes = Buffer.from(Array.from({ length: 300_001 }, (_, index) => index % 251));
  const post = async (): Promise<string> => {
    const file = { fileName: "f.bin", contentType: "application/octet-stream", bytes };
    const message = await postMessage(core, ann, { content: "file", channelId, authorId: ann.userId }, [file]);
    return idOf((message as { attachments: unknown[] }).attachments[0]);
  };
  const file = await fileContent(core, ann, await post());
  const slices = await Array.fromAsync(file.slices());
  expect(file.byteCount).toBe(bytes.length);
  expect(Math.max(...slices.map(({ length }) => length))).toBeLessThan(200_000);
  expect(Buffer.concat(slices).equals(bytes)).toBe(true);
  const gone = await post();
  const reading = (await fileContent(core, ann, gone)).slices();
  await reading.next();
  await core.store.query("DELETE FROM file_slices WHERE file_id = $1", [gone]);
  expect(await status(reading.next())).toBe(404);
});

test("no statement holds more than a slice of a file, and the seal finds each slice that is not whole", async () => {
  const core = cores["discodeit-1"];
  const ann = await member(core);
  const channelId = idOf(await createPrivateChannel(core, ann, [ann.userId, (await member(core)).userId]));
  const bytes = Buffer.from(Array.from({ length: 300_001 }, (_, index) => index % 251));
  const files = [bytes, Buffer.alloc(0)].map((content) => ({ fileName: "f.bin", contentType: "a/b", bytes: content }));
  const message = await postMessage(core, ann, { content: "files", channelId, authorId: ann.userId }, files);
  const [whole, empty] = (message as { attachments: unknown[] }).attachments.map(idOf) as [string, string];
  const [row] = await core.store.query("SELECT max(length(content))::int AS bytes FROM file_slices");
  expect(row?.["bytes"]).toBeLessThan(200_000);
  expect(await sealByDigest(core.store, whole)).toBe(true);
  expect(await sealByDigest(core.store, empty)).toBe(true);
  await core.store.query("DELETE FROM file_slices WHERE file_id = $1 AND position = 2", [whole]);
  expect(await sealByDigest(core.store, whole)).toBe(false);
  expect(await sealByDigest(core.store, newId())).toBe(false);
});

test("006-file-slices.sql cuts the contents that are there, and keeps an empty one", async () => {
  const core = cores["discodeit-1"];
  const ann = await member(core);
  const sql = await readFile(new URL("006-file-slices.sql", migrations), "utf8");
  const undone = new Error("undone");
  const tried = core.store.transaction(async (tx) => {
    await tx.query("DROP TABLE file_slices");
    await tx.query("CREATE TABLE file_contents (file_id uuid PRIMARY KEY REFERENCES files, content bytea NOT NULL)");
    const contents = [Buffer.alloc(300_001, "content"), Buffer.alloc(131_072, "one"), Buffer.alloc(0)];
    const ids = contents.map(() => newId());
    for (const [index, id] of ids.entries()) {
      await tx.query(
        `INSERT INTO files (id, file_name, size, content_type, status, sha256, uploader_id)
         VALUES ($1, 'f', 0, 'a/b', 'SUCCESS', '', $2)`,
        [id, ann.userId],
      );
      await tx.query("INSERT INTO file_contents (file_id, content) VALUES ($1, $2)", [id, contents[index]]);
    }
    for (const statement of statementsOf(sql)) await tx.query(statement);
    const rows = await tx.query<{ file: string; content: Buffer }>(
      "SELECT file_id AS file, content FROM file_slices ORDER BY file_id, position",
    );
    const slices = ids.map((id) => rows.filter(({ file }) => file === id).map(({ content }) => content));
    expect(slices.map((some) => some.map(({ length }) => length))).toEqual([
      [131_072, 131_072, 37_857],
      [131_072],
      [0],
    ]);
    expect(slices.map((some) => Buffer.concat(some).equals(contents[slices.indexOf(some)]!))).toEqual([
      true,
      true,
      true,
    ]);
    throw undone;
  });
  await expect(tried).rejects.toBe(undone);
});

test("postMessage() refuses without effect what breaks a rule", async () => {
  const core = cores["discodeit-1"];
  const [a, b, stranger] = [await member(core), await member(core), await member(core)];
  const channelId = idOf(await createPrivateChannel(core, a, [a.userId, b.userId]));
  const message = { content: "text", channelId, authorId: a.userId };
  expect(await status(postMessage(core, a, { ...message, content: " \n" }, []))).toBe(400);
  expect(await status(postMessage(core, b, message, []))).toBe(403);
  expect(await status(postMessage(core, stranger, { ...message, authorId: stranger.userId }, []))).toBe(403);
  expect(await status(postMessage(core, a, { ...message, channelId: a.userId }, []))).toBe(404);
  expect(await listMessages(core, a, { channelId, size: 50 })).toMatchObject({ content: [], hasNext: false });
  expect((await messages(core)).filter((record) => record.channelId === channelId)).toEqual([]);
});

test("messages may be changed and deleted by their author only", async () => {
  const core = cores["discodeit-1"];
  const [a, b] = [await member(core), await member(core)];
  const channelId = idOf(await createPrivateChannel(core, a, [a.userId, b.userId]));
  const id = idOf(await postMessage(core, a, { content: "text", channelId, authorId: a.userId }, []));
  expect(await status(updateMessage(core, b, id, "other"))).toBe(403);
  expect(await status(deleteMessage(core, b, id))).toBe(403);
  expect(await status(updateMessage(core, a, id, " "))).toBe(400);
  expect(await updateMessage(core, a, id, "other")).toMatchObject({ id, content: "other" });
  await deleteMessage(core, a, id);
  expect(await status(deleteMessage(core, a, id))).toBe(404);
});

test("notifyOfMessage() notifies each receiver once, however often it runs", async () => {
  const core = cores["discodeit-1"];
  const [a, b, silent] = [await member(core), await member(core), await member(core)];
  const channelId = idOf(await createPrivateChannel(core, a, [a.userId, b.userId, silent.userId]));
  await core.store.query("UPDATE read_statuses SET notified_since = NULL WHERE channel_id = $1 AND user_id = $2", [
    channelId,
    silent.userId,
  ]);
  await postMessage(core, a, { content: "hear", channelId, authorId: a.userId }, []);
  const record = (await messages(core)).find((candidate) => candidate.channelId === channelId);
  if (!record) throw new Error("no record");
  await Promise.all([notifyOfMessage(core, record), notifyOfMessage(core, record)]);
  await notifyOfMessage(core, record);
  const listed = await listNotifications(core, b);
  expect(listed).toMatchObject([
    { receiverId: b.userId, title: a.username, content: "hear", type: "NEW_MESSAGE", targetId: channelId },
  ]);
  expect([await listNotifications(core, a), await listNotifications(core, silent)]).toEqual([[], []]);
  const heard = (await events(core, "notifications")).filter((event) => event.data.includes(channelId));
  expect(heard.map((event) => [event.receivers, JSON.parse(event.data) as unknown])).toEqual([[[b.userId], listed[0]]]);
});

test("notifyOfMessage() notifies nobody of what was said before the switch", async () => {
  const core = cores["discodeit-1"];
  const [a, b] = [await member(core), await member(core)];
  const channelId = idOf(await createPublicChannel(core, await admin(core), "switch", ""));
  const read = await createReadStatus(core, b, { userId: b.userId, channelId, lastReadAt: "2026-01-01T00:00:00Z" });
  for (const [enabled, content] of [
    [false, "before"],
    [true, "after"],
    [true, "later"],
  ] as const) {
    await updateReadStatus(core, b, read.id, { newNotificationEnabled: enabled });
    await postMessage(core, a, { content, channelId, authorId: a.userId }, []);
  }
  const own = (await messages(core)).filter((record) => record.channelId === channelId);
  for (const record of own) await notifyOfMessage(core, record);
  expect(await listNotifications(core, b)).toMatchObject([
    { content: "later" },
    { content: "after", title: `${a.username} (#switch)` },
  ]);
});

test.each(systems)("private channels in %s are for their participants", async (system) => {
  const core = cores[system];
  const [a, b, stranger, boss] = [await member(core), await member(core), await member(core), await admin(core)];
  expect(await status(createPrivateChannel(core, a, [a.userId, a.userId]))).toBe(400);
  expect(await status(createPrivateChannel(core, a, [b.userId, stranger.userId]))).toBe(400);
  const id = idOf(await createPrivateChannel(core, a, [a.userId, b.userId]));
  const created = (await events(core, core.payloads.eventName("channelCreated"))).find(
    (event) => event.channelId === id,
  );
  expect(new Set(created?.receivers)).toEqual(new Set([a.userId, b.userId]));
  expect(JSON.parse(created?.data ?? "")).toMatchObject(
    system === "discodeit-1" ? { channelId: id } : { id, type: "PRIVATE" },
  );
  const destination = `/sub/channels.${id}.messages`;
  for (const [who, may] of [
    [b, true],
    [stranger, false],
    [boss, false],
  ] as const) {
    expect(await maySubscribe(core, who, destination)).toBe(may);
    expect(created && (await mayReadNow(core, who, created))).toBe(may);
    expect((await listChannels(core, who)).map(idOf).includes(id)).toBe(may);
    expect(await status(updateChannel(core, who, id, { newName: "name" }))).toBe(may ? 400 : 403);
  }
  for (const wrong of [
    "/sub/**",
    "/sub/channels.*.messages",
    `${destination}/x`,
    `/sub/channels/${id}/messages`,
    `/sub/channels.${stranger.userId}.messages`,
    "/user/queue/other",
  ]) {
    expect(await maySubscribe(core, b, wrong)).toBe(false);
  }
  expect(await maySubscribe(core, b, "/user/queue/errors")).toBe(true);
  expect(await status(deleteChannel(core, stranger, id))).toBe(403);
  await deleteChannel(core, b, id);
  expect(await status(deleteChannel(core, b, id))).toBe(404);
});

test("public channels are run by managers, and everyone hears of them", async () => {
  const core = cores["discodeit-2"];
  const [user, boss] = [await member(core), await admin(core)];
  expect(await status(createPublicChannel(core, user, "name", ""))).toBe(403);
  const id = idOf(await createPublicChannel(core, boss, "name", "what"));
  expect(await status(updateChannel(core, user, id, { newName: "other" }))).toBe(403);
  expect(await updateChannel(core, boss, id, { newName: "other", newDescription: null })).toMatchObject({
    name: "other",
    description: "what",
  });
  expect(await status(deleteChannel(core, user, id))).toBe(403);
  await deleteChannel(core, boss, id);
  for (const name of ["channels.created", "channels.updated", "channels.deleted"]) {
    expect((await events(core, name)).filter((event) => idOf(JSON.parse(event.data)) === id)).toMatchObject([
      { receivers: "everyone" },
    ]);
  }
});

test("changeRole() is the admin's, ends the logins and notifies the user", async () => {
  const core = cores["discodeit-2"];
  const [user, boss] = [await member(core), await admin(core)];
  expect(await status(changeRole(core, user, user.userId, "ADMIN"))).toBe(403);
  expect(await changeRole(core, boss, user.userId, "CHANNEL_MANAGER")).toMatchObject({ role: "CHANNEL_MANAGER" });
  expect(await authenticate(core, user.accessToken)).toBeUndefined();
  expect(await endedLogins(core.store, [user.loginId, boss.loginId])).toEqual([user.loginId]);
  expect(await listNotifications(core, user)).toMatchObject([
    { title: "권한이 변경되었습니다.", content: "USER -> CHANNEL_MANAGER" },
  ]);
});

test.each(systems)("logins in %s live until logout, rotation refuses the old refresh token", async (system) => {
  const core = cores[system];
  const user = await member(core);
  const renewed = await refresh(core, user.refreshToken);
  expect(await status(refresh(core, user.refreshToken))).toBe(401);
  expect(await status(refresh(core, undefined))).toBe(401);
  expect((await currentSession(core, renewed.refreshToken)).user.id).toBe(user.userId);
  expect(await authenticate(core, user.accessToken)).toMatchObject({ userId: user.userId });
  const second = await logIn(core, { username: user.username, password, address });
  expect((await authenticate(core, user.accessToken)) === undefined).toBe(system === "discodeit-2");
  await logOut(core, second.refreshToken);
  expect(await authenticate(core, second.accessToken)).toBeUndefined();
  expect(await status(logIn(core, { username: user.username, password: "wrong0000!", address }))).toBe(401);
});

test.each(systems)(
  "an old refresh token that is used again ends its login in %s, unless two tabs renewed at once",
  async (system) => {
    const core = cores[system];
    for (const use of [refresh, currentSession]) {
      const user = await member(core);
      const second = await refresh(core, user.refreshToken);
      const third = await refresh(core, second.refreshToken);
      // The race of two tabs: refused, and the login goes on.
      expect(await status(use(core, second.refreshToken))).toBe(401);
      expect(await authenticate(core, third.accessToken)).toMatchObject({ userId: user.userId });
      await core.store.query(
        "UPDATE spent_refresh_tokens SET spent_at = spent_at - interval '10 seconds' WHERE login_id = $1",
        [user.loginId],
      );
      expect(await status(use(core, user.refreshToken))).toBe(401);
      for (const { accessToken } of [user, second, third])
        expect(await authenticate(core, accessToken)).toBeUndefined();
      expect(await status(refresh(core, third.refreshToken))).toBe(401);
      expect(await endedLogins(core.store, [user.loginId])).toEqual([user.loginId]);
    }
  },
);

test("a login remembers a hundred of its old refresh tokens", async () => {
  const core = cores["discodeit-1"];
  const user = await member(core);
  let { refreshToken } = user;
  for (let index = 0; index < 105; index += 1) ({ refreshToken } = await refresh(core, refreshToken));
  const rows = await core.store.query("SELECT 1 FROM spent_refresh_tokens WHERE login_id = $1", [user.loginId]);
  expect(rows).toHaveLength(101);
  expect((await currentSession(core, refreshToken)).user.id).toBe(user.userId);
});

test("a new password ends every other login, and no other change does", async () => {
  const core = cores["discodeit-1"];
  const user = await member(core);
  const other = await logIn(core, { username: user.username, password, address });
  await updateUser(
    core,
    user,
    user.userId,
    { newUsername: `${user.username}x`, newEmail: `${user.username}x@x.org` },
    undefined,
  );
  expect(await authenticate(core, other.accessToken)).toMatchObject({ userId: user.userId });
  await updateUser(core, user, user.userId, { newPassword: "new-passw0rd!" }, undefined);
  expect(await authenticate(core, other.accessToken)).toBeUndefined();
  expect(await status(refresh(core, other.refreshToken))).toBe(401);
  expect(await authenticate(core, user.accessToken)).toMatchObject({ userId: user.userId });
  expect((await refresh(core, user.refreshToken)).user.id).toBe(user.userId);
  expect(await core.store.query("SELECT 1 FROM known_places WHERE user_id = $1", [user.userId])).toEqual([]);
});

test("logIn() refuses after ten failures from an address, elsewhere it is let in", async () => {
  const core = cores["discodeit-1"];
  const user = await member(core);
  const tryFrom = (from: string, secret: string): Promise<unknown> =>
    logIn(core, { username: user.username, password: secret, address: from }).then(
      () => "accepted",
      (error: unknown) => (error instanceof TooManyFailuresError ? 429 : (error as Problem).status),
    );
  for (let index = 0; index < 10; index += 1) expect(await tryFrom("10.9.9.9", "wrong0000!")).toBe(401);
  expect(await tryFrom("10.9.9.9", password)).toBe(429);
  expect(await tryFrom(address, password)).toBe("accepted");
  // However many addresses guess, the owner's usual place stays open.
  for (let index = 0; index < 100; index += 1)
    await core.loginLimits.failed({ account: user.username, address: `10.8.0.${index}`, isKnown: false });
  expect(await tryFrom("10.7.7.7", password)).toBe(429);
  expect(await tryFrom(address, password)).toBe("accepted");
});

test("two logins at once leave one in revision 2", async () => {
  const core = cores["discodeit-2"];
  const user = await member(core);
  const sessions = await Promise.all([1, 2, 3].map(() => logIn(core, { username: user.username, password, address })));
  const alive = await Promise.all(sessions.map((session) => authenticate(core, session.accessToken)));
  expect(alive.filter((principal) => principal !== undefined)).toHaveLength(1);
});

test("names and addresses are unique, one's own may be kept", async () => {
  const core = cores["discodeit-1"];
  const [a, b] = [await member(core), await member(core)];
  expect(await status(signUp(core, { username: a.username, email: "new@x.org", password }, undefined, address))).toBe(
    409,
  );
  expect(
    await status(
      signUp(core, { username: "new", email: `${a.username.toUpperCase()}@x.org`, password }, undefined, address),
    ),
  ).toBe(409);
  expect(await status(updateUser(core, a, a.userId, { newUsername: b.username }, undefined))).toBe(409);
  expect(
    await updateUser(core, a, a.userId, { newUsername: a.username, newEmail: `${a.username}@x.org` }, undefined),
  ).toMatchObject({ username: a.username });
  expect(await status(updateUser(core, a, b.userId, {}, undefined))).toBe(403);
});

test("names that look alike are one name, at sign-up, change and login", async () => {
  const core = cores["discodeit-1"];
  const name = `Look${(count += 1)}`;
  const user = await member(core, name);
  for (const twin of [name.toLowerCase(), name.toUpperCase(), name.replace("L", "Ｌ")]) {
    const twinUser = { username: normalName(twin), email: `twin${(count += 1)}@x.org`, password };
    expect(await status(signUp(core, twinUser, undefined, address)), twin).toBe(409);
    expect((await logIn(core, { username: twin, password, address })).user.id).toBe(user.userId);
  }
  const other = await member(core);
  expect(await status(updateUser(core, other, other.userId, { newUsername: name.toUpperCase() }, undefined))).toBe(409);
  expect(await updateUser(core, user, user.userId, { newUsername: name.toUpperCase() }, undefined)).toMatchObject({
    username: name.toUpperCase(),
  });
  // Guesses at a twin's spelling count for the account.
  const guess = (username: string): Promise<unknown> =>
    logIn(core, { username, password: "wrong0000!", address: "10.6.6.6" }).catch(
      (error: unknown) => (error as Error).name,
    );
  for (let index = 0; index < 10; index += 1) await guess(index % 2 === 0 ? name : name.toUpperCase());
  expect(await guess(name.toLowerCase())).toBe("TooManyFailuresError");
});

test("fillNameKeys() gives twins of an earlier time keys, the oldest the name's", async () => {
  const core = cores["discodeit-2"];
  const base = `old${(count += 1)}`;
  const names = [base, base.toUpperCase(), `${base}\u200b`, `${base}x`];
  const users: { id: string }[] = [];
  while (users.length < names.length)
    users.push(
      await signUp(
        core,
        { username: `new${(count += 1)}`, email: `old${(count += 1)}@x.org`, password },
        undefined,
        address,
      ),
    );
  for (const [index, { id }] of users.entries())
    await core.store.query("UPDATE users SET username = $2, username_key = NULL WHERE id = $1", [id, names[index]]);
  // Until then everyone logs in by the exact name.
  for (const [index, username] of names.entries())
    expect((await logIn(core, { username, password, address })).user.id).toBe(users[index]!.id);
  expect(await Promise.all([fillNameKeys(core.store), fillNameKeys(core.store)])).toEqual([2, 0]);
  for (const [index, username] of names.entries())
    expect((await logIn(core, { username, password, address })).user.id).toBe(users[index]!.id);
  const mixed = base.replace("o", "O");
  expect((await logIn(core, { username: mixed, password, address })).user.id).toBe(users[0]!.id);
  expect(
    await status(signUp(core, { username: mixed, email: `old${(count += 1)}@x.org`, password }, undefined, address)),
  ).toBe(409);
  const twin = users[1]!;
  const principal = await authenticate(
    core,
    (await logIn(core, { username: names[1]!, password, address })).accessToken,
  );
  expect(await updateUser(core, principal!, twin.id, { newUsername: names[1]! }, undefined)).toMatchObject({
    username: names[1],
  });
});

test("deleteUser() leaves messages without an author and no private channel without members", async () => {
  const core = cores["discodeit-1"];
  const [a, b] = [await member(core), await member(core)];
  const channelId = idOf(await createPrivateChannel(core, a, [a.userId, b.userId]));
  await postMessage(core, a, { content: "stays", channelId, authorId: a.userId }, []);
  expect(await status(deleteUser(core, b, a.userId))).toBe(403);
  await deleteUser(core, a, a.userId);
  expect(await authenticate(core, a.accessToken)).toBeUndefined();
  expect(await listMessages(core, b, { channelId, size: 50 })).toMatchObject({
    content: [{ content: "stays", author: null }],
  });
  await deleteUser(core, await admin(core), b.userId);
  expect(await core.store.query("SELECT 1 FROM channels WHERE id = $1", [channelId])).toEqual([]);
});

test("read statuses are one's own, one per channel", async () => {
  const core = cores["discodeit-1"];
  const [user, other, boss] = [await member(core), await member(core), await admin(core)];
  const channelId = idOf(await createPublicChannel(core, boss, "reads", ""));
  const status1 = { userId: user.userId, channelId, lastReadAt: "2026-01-01T00:00:00.000001Z" };
  expect(await status(createReadStatus(core, other, status1))).toBe(403);
  const [first, again] = await Promise.all([
    createReadStatus(core, user, status1),
    createReadStatus(core, user, { ...status1, lastReadAt: "2026-01-02T00:00:00Z" }),
  ]);
  expect(again).toEqual(first);
  expect(first).toMatchObject({ lastReadAt: "2026-01-01T00:00:00.000001Z", notificationEnabled: false });
  expect(await status(updateReadStatus(core, other, first.id, {}))).toBe(403);
  expect(await updateReadStatus(core, user, first.id, { newLastReadAt: null, newNotificationEnabled: true })).toEqual({
    ...first,
    notificationEnabled: true,
  });
});

const file: NewFile = { fileName: "a.txt", contentType: "text/plain", bytes: Buffer.from("bytes") };

/** Posts a message with a file and waits for its upload to end. */
async function uploaded(core: Core, seal: Seal): Promise<{ fileId: string; a: Principal; stranger: Principal }> {
  sealed = seal;
  const [a, b, stranger] = [await member(core), await member(core), await member(core)];
  const channelId = idOf(await createPrivateChannel(core, a, [a.userId, b.userId]));
  const message = (await postMessage(core, a, { content: "", channelId, authorId: a.userId }, [file])) as {
    attachments: { id: string }[];
  };
  const fileId = message.attachments[0]?.id ?? "";
  const ended = async (): Promise<boolean> =>
    (await core.store.query("SELECT 1 FROM files WHERE id = $1 AND status = 'WAITING'", [fileId])).length === 0;
  while (!(await ended())) await delay(20);
  return { fileId, a, stranger };
}

test("an upload that succeeds is announced to the uploader only, and members may read it", async () => {
  const core = cores["discodeit-2"];
  const { fileId, a, stranger } = await uploaded(core, () => Promise.resolve(true));
  expect(
    (await events(core, "binaryContents.updated")).filter((event) => idOf(JSON.parse(event.data)) === fileId),
  ).toMatchObject([{ receivers: [a.userId] }]);
  expect(await findFile(core, a, fileId)).toEqual({
    id: fileId,
    fileName: "a.txt",
    size: 5,
    contentType: "text/plain",
    status: "SUCCESS",
  });
  expect(await status(findFile(core, stranger, fileId))).toBe(403);
  expect(await listFiles(core, stranger, [fileId])).toEqual([]);
});

test.each(systems)("an upload in %s that fails after three tries becomes a notification", async (system) => {
  const core = cores[system];
  let tries = 0;
  const { fileId, a } = await uploaded(core, () => Promise.resolve(((tries += 1), false)));
  expect(tries).toBe(3);
  expect(await findFile(core, a, fileId)).toMatchObject(
    system === "discodeit-1" ? { uploadStatus: "FAILED" } : { status: "FAIL" },
  );
  const receiver = system === "discodeit-1" ? a : await admin(core);
  expect((await listNotifications(core, receiver)).at(0)).toMatchObject({
    receiverId: receiver.userId,
    content: "a.txt",
  });
});
