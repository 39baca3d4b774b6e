// Who may read which file, and how does it get in? A profile is for all who are signed in; an attachment is for who may
// read its channel. The bytes are committed together with the row, so a download never waits for the upload status.

import { createHash } from "node:crypto";
import { v7 as newId } from "uuid";
import type { Principal } from "../../../realtime/ports.ts";
import type { Queryable } from "../../../store/store.ts";
import type { Core } from "./core.ts";
import type { FileDto } from "./payloads.ts";
import { forbidden, notFound } from "./problem.ts";
import { fileColumns, type FileRow } from "./rows.ts";

/**
 * A statement holds no more of a file than this, in us and in the database; a reader that is slow, or reads nothing,
 * keeps about two of these in memory.
 */
const sliceBytes = 128 * 1024;

/** A file as it came in. */
export interface NewFile {
  fileName: string;
  contentType: string;
  bytes: Buffer;
}

interface Owner {
  uploaderId: string;
  channelId?: string;
  messageId?: string;
}

const mayRead = `(f.channel_id IS NULL OR EXISTS (
  SELECT 1 FROM channels c WHERE c.id = f.channel_id
  AND (c.type = 'PUBLIC' OR EXISTS (SELECT 1 FROM channel_members m WHERE m.channel_id = c.id AND m.user_id = $2))))`;

/** Stores files in the caller's transaction; afterwards start `uploads` with their ids. */
export async function storeFiles(tx: Queryable, files: readonly NewFile[], owner: Owner): Promise<FileRow[]> {
  const rows: FileRow[] = [];
  for (const [position, { fileName, contentType, bytes }] of files.entries()) {
    const row: FileRow = { id: newId(), fileName, size: bytes.length, contentType, status: "WAITING" };
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    await tx.query(
      `INSERT INTO files (id, file_name, size, content_type, status, sha256, uploader_id, channel_id, message_id, position)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        row.id,
        fileName,
        row.size,
        contentType,
        row.status,
        sha256,
        owner.uploaderId,
        owner.channelId ?? null,
        owner.messageId ?? null,
        position,
      ],
    );
    for (let slice = 0; slice === 0 || slice * sliceBytes < bytes.length; slice += 1)
      await tx.query("INSERT INTO file_slices (file_id, position, content) VALUES ($1, $2, $3)", [
        row.id,
        slice,
        bytes.subarray(slice * sliceBytes, (slice + 1) * sliceBytes),
      ]);
    rows.push(row);
  }
  return rows;
}

/** Of these ids, the files that exist and that the caller may read, in the order asked for. */
export async function listFiles(core: Core, principal: Principal, ids: readonly string[]): Promise<FileDto[]> {
  const rows = await core.store.query<FileRow & Record<string, unknown>>(
    `SELECT ${fileColumns("f")} FROM files f WHERE f.id = ANY($1::uuid[]) AND ${mayRead} ORDER BY array_position($1::uuid[], f.id)`,
    [ids, principal.userId],
  );
  return rows.map((row) => core.payloads.file(row));
}

async function readableFile(core: Core, principal: Principal, id: string): Promise<FileRow> {
  const [row] = await core.store.query<FileRow & { readable: boolean } & Record<string, unknown>>(
    `SELECT ${fileColumns("f")}, ${mayRead} AS readable FROM files f WHERE f.id = $1`,
    [id, principal.userId],
  );
  if (!row) throw notFound("file", id);
  if (!row.readable) throw forbidden("Cannot read the file: it belongs to a private channel of others");
  return row;
}

export async function findFile(core: Core, principal: Principal, id: string): Promise<FileDto> {
  return core.payloads.file(await readableFile(core, principal, id));
}

/** A file on its way out. */
export interface StoredFile {
  fileName: string;
  contentType: string;
  byteCount: number;
  /** Reads slice by slice, each when it is asked for; throws when the file is deleted meanwhile. */
  slices(): AsyncGenerator<Buffer>;
}

/** Throws Problem 404 too when the upload failed: there are no bytes. */
export async function fileContent(core: Core, principal: Principal, id: string): Promise<StoredFile> {
  const { fileName, contentType } = await readableFile(core, principal, id);
  const sql = `SELECT count(*)::int AS "sliceCount", sum(length(content))::int AS "byteCount" FROM file_slices WHERE file_id = $1`;
  const [row] = await core.store.query<{ sliceCount: number; byteCount: number }>(sql, [id]);
  if (!row || row.sliceCount === 0) throw notFound("file content", id);
  return { fileName, contentType, byteCount: row.byteCount, slices: () => slicesOf(core, id, row.sliceCount) };
}

async function* slicesOf(core: Core, id: string, sliceCount: number): AsyncGenerator<Buffer> {
  for (let position = 0; position < sliceCount; position += 1) {
    const slice = await readSlice(core.store, id, position);
    if (!slice) throw notFound("file content", id);
    yield slice;
  }
}

/** Undefined behind the last one, and when the file is gone. */
export async function readSlice(store: Queryable, fileId: string, position: number): Promise<Buffer | undefined> {
  const sql = "SELECT content FROM file_slices WHERE file_id = $1 AND position = $2";
  return (await store.query<{ content: Buffer }>(sql, [fileId, position]))[0]?.content;
}
