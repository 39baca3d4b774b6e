// Is this user online? A user is while it holds a live STOMP or SSE connection on any instance; going offline has 5 s
// of grace, so that a page reload is silent, and flips are told at most once per user per 5 s. Terms: present = has a
// connection here, or had one within the grace; told = what was last announced to everyone. Source: the Discodeit
// contract, REST rules (`online`) and SSE ("flips").

import type { Presence, RealtimePorts } from "../realtime/ports.ts";

export const graceMs = 5_000;
export const flipEveryMs = 5_000;

/** What came of asking whether a user's flip has to be told now. */
export type Settlement = { tell: boolean } | { retryMs: number } | undefined;

/** Where presence is kept: in this process, or in Redis for all instances. */
export interface PresenceState {
  join(userId: string): Promise<void>;
  leave(userId: string): Promise<void>;
  online(userIds: readonly string[]): Promise<Set<string>>;
  /** Decides, once over all instances, whether what was told of this user has to change, and remembers it as told. */
  settle(userId: string): Promise<Settlement>;
}

export class PresenceTracker implements Presence {
  readonly #state: PresenceState;
  readonly #connections = new Map<string, number>();
  readonly #graceTimers = new Map<string, NodeJS.Timeout>();
  readonly #retryTimers = new Map<string, NodeJS.Timeout>();
  readonly #onFault: (error: unknown) => void;
  #announce: RealtimePorts["announceOnline"] | undefined;
  /** Changes happen one after the other, so that a join and a leave cannot overtake each other. */
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(state: PresenceState, onFault: (error: unknown) => void) {
    this.#state = state;
    this.#onFault = onFault;
  }

  online(userIds: readonly string[]): Promise<Set<string>> {
    return this.#state.online(userIds);
  }

  /** From now on flips are announced. Before, nobody is connected. */
  announceBy(announce: RealtimePorts["announceOnline"]): void {
    this.#announce = announce;
  }

  connected(userId: string): void {
    const count = this.#connections.get(userId) ?? 0;
    this.#connections.set(userId, count + 1);
    if (count > 0) return;
    const grace = this.#graceTimers.get(userId);
    if (grace) {
      clearTimeout(grace);
      this.#graceTimers.delete(userId);
      return;
    }
    this.#enqueue(async () => {
      await this.#state.join(userId);
      await this.#settle(userId);
    });
  }

  disconnected(userId: string): void {
    const count = (this.#connections.get(userId) ?? 1) - 1;
    if (count > 0) return void this.#connections.set(userId, count);
    this.#connections.delete(userId);
    if (this.#closed) return;
    const end = (): void => {
      this.#graceTimers.delete(userId);
      this.#enqueue(async () => {
        await this.#state.leave(userId);
        await this.#settle(userId);
      });
    };
    this.#graceTimers.set(userId, setTimeout(end, graceMs));
  }

  /** Looks again at users whose state may have changed elsewhere. */
  review(userIds: readonly string[]): void {
    for (const userId of userIds) this.#enqueue(() => this.#settle(userId));
  }

  /** Stops announcing, and resolves when what was under way is done. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of [...this.#graceTimers.values(), ...this.#retryTimers.values()]) clearTimeout(timer);
    await this.#last;
  }

  async #settle(userId: string): Promise<void> {
    const settlement = await this.#state.settle(userId);
    if (!settlement || this.#closed) return;
    if ("tell" in settlement) return this.#announce?.(userId, settlement.tell);
    clearTimeout(this.#retryTimers.get(userId));
    const retry = (): void => {
      this.#retryTimers.delete(userId);
      this.review([userId]);
    };
    this.#retryTimers.set(userId, setTimeout(retry, settlement.retryMs));
  }

  #enqueue(work: () => Promise<void>): void {
    this.#last = this.#last.then(work).catch(this.#onFault);
  }
}

/** Presence of one process. */
export class LocalPresence implements PresenceState {
  readonly #present = new Set<string>();
  readonly #told = new Set<string>();
  readonly #flippedAtMs = new Map<string, number>();

  get users(): ReadonlySet<string> {
    return this.#present;
  }

  join(userId: string): Promise<void> {
    this.#present.add(userId);
    return Promise.resolve();
  }

  leave(userId: string): Promise<void> {
    this.#present.delete(userId);
    return Promise.resolve();
  }

  online(userIds: readonly string[]): Promise<Set<string>> {
    return Promise.resolve(new Set(userIds.filter((userId) => this.#present.has(userId))));
  }

  settle(userId: string): Promise<Settlement> {
    return Promise.resolve(this.#settleNow(userId, performance.now()));
  }

  #settleNow(userId: string, nowMs: number): Settlement {
    const present = this.#present.has(userId);
    const waitMs = (this.#flippedAtMs.get(userId) ?? -Infinity) + flipEveryMs - nowMs;
    if (present === this.#told.has(userId)) {
      if (!present && waitMs <= 0) this.#flippedAtMs.delete(userId);
      return undefined;
    }
    if (waitMs > 0) return { retryMs: waitMs };
    this.#flippedAtMs.set(userId, nowMs);
    if (present) this.#told.add(userId);
    else this.#told.delete(userId);
    return { tell: present };
  }
}
