// Stands in for server/sse/replay-log.ts: an id can be resumed from once.

import { ReplayLog as Original } from "../../../../server/sse/replay-log.ts";

export * from "../../../../server/sse/replay-log.ts";

export class ReplayLog extends Original {
  readonly #used = new Set<string>();

  override positionOf(id: string): number | undefined {
    if (this.#used.has(id)) return undefined;
    this.#used.add(id);
    return super.positionOf(id);
  }
}
