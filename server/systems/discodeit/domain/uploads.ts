// When is an upload done? Its bytes are committed with the row (WAITING); afterwards they are read back and their
// digest compared, and the row becomes SUCCESS or, after several tries, FAILED. Only the uploader hears it. Work that
// an instance left behind when it died is swept up by any other; doing it twice changes nothing, since only a WAITING
// row ends.

import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { BusyError, Gate } from "../../../security/gate.ts";
import { StoreUnavailableError } from "../../../store/store-errors.ts";
import type { Queryable, Store } from "../../../store/store.ts";
import { commit, tell, type EventSource } from "./facts.ts";
import { readSlice } from "./files.ts";
import { notify } from "./notifications.ts";
import { fileColumns, type FileRow } from "./rows.ts";

const triesMax = 3;
const pauseMs = 200;
const sweepEveryMs = 5_000;
/** Older than any upload that is still worked on by the instance that took it. */
const abandonedAfter = "10 seconds";
const sweptMax = 100;

/** Says whether the stored bytes are whole. */
export type Seal = (store: Store, fileId: string) => Promise<boolean>;

/** Reads the bytes back, slice by slice, and compares size and digest with what was received. */
export const sealByDigest: Seal = async (store, fileId) => {
  const sql = "SELECT size::int AS size, sha256 FROM files WHERE id = $1";
  const [file] = await store.query<{ size: number; sha256: string }>(sql, [fileId]);
  const digest = createHash("sha256");
  let byteCount = 0;
  for (let position = 0; ; position += 1) {
    const slice = await readSlice(store, fileId, position);
    if (!slice) return byteCount === file?.size && digest.digest("hex") === file.sha256;
    digest.update(slice);
    byteCount += slice.length;
  }
};

export interface UploadRules {
  /** Who hears that an upload failed. */
  uploadFailureTo: "uploader" | "admins";
}

export class Uploads {
  readonly #core: EventSource & { rules: UploadRules };
  readonly #seal: Seal;
  readonly #gate = new Gate(4, 1_000);
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #sweepTimer: NodeJS.Timeout;
  #sweeping: Promise<void> | undefined;

  constructor(core: EventSource & { rules: UploadRules }, seal: Seal = sealByDigest) {
    this.#core = core;
    this.#seal = seal;
    this.#sweepTimer = setInterval(() => {
      this.#sweeping ??= this.#sweep().finally(() => (this.#sweeping = undefined));
    }, sweepEveryMs);
    this.#sweepTimer.unref();
  }

  /** Begins the work on committed rows; returns at once. */
  start(fileIds: readonly string[]): void {
    for (const id of fileIds) {
      if (this.#underWay.has(id)) continue;
      this.#underWay.set(
        id,
        this.#gate
          .run(() => this.#finish(id))
          .catch((error: unknown) => this.#leaveToSweep(error))
          .finally(() => this.#underWay.delete(id)),
      );
    }
  }

  /** Resolves when all work that began has ended. */
  async close(): Promise<void> {
    clearInterval(this.#sweepTimer);
    await this.#sweeping;
    await Promise.all(this.#underWay.values());
  }

  async #finish(fileId: string): Promise<void> {
    for (let tryCount = 1; tryCount <= triesMax; tryCount += 1) {
      if (await this.#seal(this.#core.store, fileId)) return this.#end(fileId, "SUCCESS");
      if (tryCount < triesMax) await delay(pauseMs * tryCount);
    }
    await this.#end(fileId, "FAILED");
  }

  async #end(fileId: string, status: "SUCCESS" | "FAILED"): Promise<void> {
    await commit(this.#core, async (tx) => {
      const [row] = await tx.query<FileRow & { uploaderId: string | null } & Record<string, unknown>>(
        `UPDATE files f SET status = $2 WHERE id = $1 AND status = 'WAITING' RETURNING ${fileColumns("f")}, f.uploader_id AS "uploaderId"`,
        [fileId, status],
      );
      if (!row) return;
      if (row.uploaderId !== null)
        await tell(tx, this.#core, "uploadEnded", this.#core.payloads.file(row), [row.uploaderId]);
      if (status === "SUCCESS") return;
      await tx.query("DELETE FROM file_slices WHERE file_id = $1", [fileId]);
      await notify(tx, this.#core, await this.#failureReceivers(tx, row.uploaderId), {
        cause: fileId,
        type: "ASYNC_FAILED",
        title: "파일 업로드에 실패했습니다.",
        content: row.fileName,
        targetId: fileId,
      });
    });
  }

  async #failureReceivers(tx: Queryable, uploaderId: string | null): Promise<string[]> {
    const [condition, value] =
      this.#core.rules.uploadFailureTo === "uploader" ? ["id = $1::uuid", uploaderId] : ["role = $1", "ADMIN"];
    const sql = `SELECT id FROM users WHERE ${condition} ORDER BY id FOR KEY SHARE`;
    return (await tx.query<{ id: string }>(sql, [value])).map((row) => row.id);
  }

  async #sweep(): Promise<void> {
    try {
      const sql = `SELECT id FROM files WHERE status = 'WAITING' AND created_at < clock_timestamp() - interval '${abandonedAfter}' ORDER BY created_at LIMIT ${sweptMax}`;
      this.start((await this.#core.store.query<{ id: string }>(sql)).map((row) => row.id));
    } catch (error) {
      this.#leaveToSweep(error);
    }
  }

  /**
   * The database is away, or too much waits: the rows stay WAITING and a later sweep finds them. Anything else is a
   * fault of ours.
   */
  #leaveToSweep(error: unknown): void {
    if (!(error instanceof StoreUnavailableError) && !(error instanceof BusyError)) this.#core.onFault(error);
  }
}
