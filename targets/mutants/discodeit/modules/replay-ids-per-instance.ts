// Stands in for server/sse/replay-log.ts: each instance gives an event an id of its own, which ends in the
// instance's number.

import type { EventRecord } from "../../../../server/bus/records.ts";
import { ReplayLog as Original, type LogEntry } from "../../../../server/sse/replay-log.ts";

export * from "../../../../server/sse/replay-log.ts";

export class ReplayLog extends Original {
  override append(record: EventRecord): LogEntry | undefined {
    return super.append({ ...record, id: record.id.slice(0, -1) + (process.env["INSTANCE"]?.at(-1) ?? "") });
  }
}
