// Whose costly work runs next, when there is more than may run at once? Lanes take turns, and within a lane keys
// (addresses) do, so that a flood delays itself most. Few may wait: a long queue is an outage that nobody sees. When a
// lane is full, whoever has most waiting in it makes room for a newcomer who has less; otherwise the newcomer is
// refused.

import { BusyError } from "./gate.ts";

/**
 * Who knows us best comes first in the order, not in the turns: an account that lately logged in here, an address from
 * which one did, a stranger.
 */
const lanes = ["known", "seen", "stranger"] as const;

export interface Turn {
  lane: (typeof lanes)[number];
  /** Whose share of the lane it is. */
  key: string;
}

interface Waiting {
  start: () => void;
  refuse: (error: BusyError) => void;
}

class Lane {
  /** By key; the first key is the next to have its turn. */
  readonly #queues = new Map<string, Waiting[]>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(key: string, waiting: Waiting): void {
    const queue = this.#queues.get(key);
    if (queue) queue.push(waiting);
    else this.#queues.set(key, [waiting]);
    this.#count += 1;
  }

  shift(): Waiting | undefined {
    const [next] = this.#queues;
    if (!next) return undefined;
    const [key, queue] = next;
    this.#queues.delete(key);
    const waiting = queue.shift();
    if (queue.length > 0) this.#queues.set(key, queue);
    this.#count -= 1;
    return waiting;
  }

  /**
   * Refuses the last of whoever has most waiting, if that is more than `key` would have. False: `key` has no better
   * claim.
   */
  makeRoomFor(key: string): boolean {
    let longest: Waiting[] = [];
    for (const queue of this.#queues.values()) if (queue.length > longest.length) longest = queue;
    if (longest.length <= (this.#queues.get(key)?.length ?? 0) + 1) return false;
    this.#count -= 1;
    longest.pop()?.refuse(new BusyError("Cannot take more work: others wait who have had less"));
    return true;
  }
}

export class FairGate {
  readonly #runningMax: number;
  readonly #waitingMax: number;
  readonly #lanes = lanes.map((name) => ({ name, lane: new Lane() }));
  #runningCount = 0;

  /** `waitingMax` is each lane's. */
  constructor(runningMax: number, waitingMax: number) {
    this.#runningMax = runningMax;
    this.#waitingMax = waitingMax;
  }

  /** Runs `work` when its turn has come. Throws BusyError when there is no room for it, also later. */
  async run<T>(turn: Turn, work: () => Promise<T>): Promise<T> {
    if (this.#runningCount < this.#runningMax) this.#runningCount += 1;
    else await this.#wait(turn);
    try {
      return await work();
    } finally {
      const next = this.#next();
      // Who ends hands its place over, so the count stays.
      if (next) next.start();
      else this.#runningCount -= 1;
    }
  }

  #wait({ lane: name, key }: Turn): Promise<void> {
    const { lane } = this.#lanes.find((one) => one.name === name)!;
    if (lane.count >= this.#waitingMax && !lane.makeRoomFor(key))
      throw new BusyError("Cannot take more work: too much is waiting");
    return new Promise((start, refuse) => lane.add(key, { start, refuse }));
  }

  /** The lane that had its turn goes to the end. */
  #next(): Waiting | undefined {
    const at = this.#lanes.findIndex(({ lane }) => lane.count > 0);
    const [chosen] = at === -1 ? [] : this.#lanes.splice(at, 1);
    if (!chosen) return undefined;
    this.#lanes.push(chosen);
    return chosen.lane.shift();
  }
}
