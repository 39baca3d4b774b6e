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
    await tx.query("INSERT INTO file_contents (file_id, content) VALUES ($1, $2)", [row.id, bytes]);
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

/** A reader that is slow, or reads nothing, keeps about two of these in memory. */
const sliceBytes = 64 * 1024;

/** Throws Problem 404 too when the upload failed: there are no bytes. */
export async function fileContent(core: Core, principal: Principal, id: string): Promise<StoredFile> {
  const { fileName, contentType } = await readableFile(core, principal, id);
  const sql = `SELECT length(content) AS "byteCount" FROM file_contents WHERE file_id = $1`;
  const [row] = await core.store.query<{ byteCount: number }>(sql, [id]);
  if (!row) throw notFound("file content", id);
  return { fileName, contentType, byteCount: row.byteCount, slices: () => slicesOf(core, id, row.byteCount) };
}

async function* slicesOf(core: Core, id: string, byteCount: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < byteCount; from += sliceBytes) {
    // Positions in SQL begin at 1.
    const sql = "SELECT substring(content FROM $2::int FOR $3::int) AS slice FROM file_contents WHERE file_id = $1";
    const [row] = await core.store.query<{ slice: Buffer }>(sql, [id, from + 1, sliceBytes]);
    if (!row) throw notFound("file content", id);
    yield row.slice;
  }
}
