// What was said in a channel, and in which order? A message takes the lock of its channel's row and with it the next
// instant: createdAt is unique and increasing per channel in whole microseconds (a tie moves up by one), so it is the
// sequence, the order of the topic, and a full cursor for the history. Source: the Discodeit contract, "Rules" and
// "Fan-out across instances".

import { v7 as newId } from "uuid";
import { channelDestination } from "../../../../systems/discodeit/wire.ts";
import { enqueue } from "../../../bus/outbox.ts";
import type { MessageRecord } from "../../../bus/records.ts";
import type { Principal } from "../../../realtime/ports.ts";
import type { Queryable } from "../../../store/store.ts";
import { userRow } from "./accounts.ts";
import { checkReadable, readableBy } from "./channels.ts";
import type { Core } from "./core.ts";
import { commit } from "./facts.ts";
import { storeFiles, type NewFile } from "./files.ts";
import type { MessageRow } from "./payloads.ts";
import { forbidden, invalid, notFound } from "./problem.ts";
import { fileJson, userJson, userTables } from "./rows.ts";
import type { NewMessage, PageRequest } from "./validation.ts";

const messageSelect = `SELECT m.id, m.created_at AS "createdAt", m.updated_at AS "updatedAt", m.content, m.channel_id AS "channelId",
  ${userJson} AS author,
  COALESCE((SELECT json_agg(${fileJson("f")} ORDER BY f.position) FROM files f WHERE f.message_id = m.id), '[]') AS attachments
  FROM messages m LEFT JOIN (${userTables}) ON u.id = m.author_id`;

type MessageRecordRow = MessageRow & Record<string, unknown>;

interface Placed extends Record<string, unknown> {
  type: "PUBLIC" | "PRIVATE";
  name: string | null;
  createdAt: string;
}

/** Stores a message and has it published. Throws Problem 400, 403, 404 without effect. */
export async function postMessage(
  core: Core,
  principal: Principal,
  message: NewMessage,
  files: readonly NewFile[],
): Promise<unknown> {
  const content = checkedContent(message.content ?? "", files.length > 0);
  if (message.authorId !== principal.userId) throw forbidden("Cannot post the message: the author is not the caller");
  const online = await core.presence.online([principal.userId]);
  const { dto, uploaded } = await commit(core, async (tx) => {
    // Users are locked before channels everywhere, so that no two transactions wait for each other.
    const author = await userRow(tx, principal.userId, "FOR KEY SHARE OF u");
    const id = newId();
    const place = await takePlace(tx, principal, { id, channelId: message.channelId, content });
    const { createdAt } = place;
    const attachments = await storeFiles(tx, files, {
      uploaderId: author.id,
      channelId: message.channelId,
      messageId: id,
    });
    const row: MessageRow = {
      id,
      createdAt,
      updatedAt: createdAt,
      content,
      channelId: message.channelId,
      author,
      attachments,
    };
    const payload = core.payloads.message(row, online);
    await enqueue(tx, messageRecord(row, author.username, place, principal.userId, payload));
    return { dto: payload, uploaded: attachments.map((file) => file.id) };
  });
  core.uploads.start(uploaded);
  return dto;
}

/** Locks the channel, takes its next instant and stores the text there, in one statement. Throws Problem 403 or 404. */
async function takePlace(
  tx: Queryable,
  principal: Principal,
  { id, channelId, content }: { id: string; channelId: string; content: string },
): Promise<Placed> {
  const [place] = await tx.query<Placed>(
    `WITH place AS (
       UPDATE channels c SET last_instant = GREATEST(clock_timestamp(), last_instant + interval '1 microsecond')
       WHERE c.id = $2 AND ${readableBy("$3")} RETURNING c.type, c.name, c.last_instant
     ), stored AS (
       INSERT INTO messages (id, channel_id, author_id, content, created_at, updated_at) SELECT $1, $2, $3, $4, last_instant, last_instant FROM place
     )
     SELECT type, name, last_instant AS "createdAt" FROM place`,
    [id, channelId, principal.userId, content],
  );
  if (place) return place;
  await checkReadable(tx, principal, channelId);
  throw notFound("channel", channelId);
}

function messageRecord(
  row: MessageRow,
  authorName: string,
  place: Placed,
  authorId: string,
  payload: unknown,
): MessageRecord {
  return {
    topic: "messages",
    id: newId(),
    channelId: row.channelId,
    destination: channelDestination(row.channelId),
    body: JSON.stringify(payload),
    messageId: row.id,
    authorId,
    authorName,
    content: row.content,
    channelType: place.type,
    channelName: place.name,
    createdAtMs: Date.parse(row.createdAt),
  };
}

export async function updateMessage(
  core: Core,
  principal: Principal,
  id: string,
  newContent: string,
): Promise<unknown> {
  const row = await core.store.transaction(async (tx) => {
    await checkAuthor(tx, principal, id);
    const [files] = await tx.query<{ count: number }>("SELECT count(*) AS count FROM files WHERE message_id = $1", [
      id,
    ]);
    const content = checkedContent(newContent, (files?.count ?? 0) > 0, "newContent");
    await tx.query("UPDATE messages SET content = $2, updated_at = clock_timestamp() WHERE id = $1", [id, content]);
    const [changed] = await tx.query<MessageRecordRow>(`${messageSelect} WHERE m.id = $1`, [id]);
    if (!changed) throw notFound("message", id);
    return changed;
  });
  return core.payloads.message(row, await core.presence.online([principal.userId]));
}

/** Removes the message with its attachments. */
export async function deleteMessage(core: Core, principal: Principal, id: string): Promise<void> {
  await core.store.transaction(async (tx) => {
    await checkAuthor(tx, principal, id);
    await tx.query("DELETE FROM messages WHERE id = $1", [id]);
  });
}

/**
 * Messages strictly older than the cursor, newest first; nextCursor is the instant of the last one when there are more.
 */
export async function listMessages(core: Core, principal: Principal, request: PageRequest): Promise<unknown> {
  await checkReadable(core.store, principal, request.channelId);
  const rows = await core.store.query<MessageRecordRow>(
    `${messageSelect} WHERE m.channel_id = $1 AND m.created_at < COALESCE($2::timestamptz, 'infinity') ORDER BY m.created_at DESC LIMIT $3`,
    [request.channelId, request.cursor ?? null, request.size + 1],
  );
  const hasNext = rows.length > request.size;
  const page = rows.slice(0, request.size);
  const authorIds = new Set(page.flatMap((row) => (row.author ? [row.author.id] : [])));
  const online = await core.presence.online([...authorIds]);
  return {
    content: page.map((row) => core.payloads.message(row, online)),
    nextCursor: hasNext ? (page.at(-1)?.createdAt ?? null) : null,
    size: request.size,
    hasNext,
    totalElements: null,
  };
}

async function checkAuthor(tx: Queryable, principal: Principal, id: string): Promise<void> {
  const [row] = await tx.query<{ authorId: string | null }>(
    `SELECT author_id AS "authorId" FROM messages WHERE id = $1 FOR UPDATE`,
    [id],
  );
  if (!row) throw notFound("message", id);
  if (row.authorId !== principal.userId) throw forbidden("Cannot change the message: only its author may");
}

function checkedContent(content: string, hasFiles: boolean, field = "content"): string {
  if (content.trim() === "" && !hasFiles) throw invalid({ [field]: "must not be blank unless there are attachments" });
  return content;
}
