// How many connections of one kind does a user hold here, and in which login? Bounded per user.

import type { Principal } from "./ports.ts";

export class Admissions<T> {
  readonly #perUserMax: number;
  readonly #byUser = new Map<string, Map<T, Principal>>();
  #count = 0;

  constructor(perUserMax: number) {
    this.#perUserMax = perUserMax;
  }

  get count(): number {
    return this.#count;
  }

  /** False when the user has as many as allowed. */
  add(member: T, principal: Principal): boolean {
    let members = this.#byUser.get(principal.userId);
    if (!members) this.#byUser.set(principal.userId, (members = new Map()));
    if (members.size >= this.#perUserMax) return false;
    members.set(member, principal);
    this.#count += 1;
    return true;
  }

  remove(member: T, principal: Principal): void {
    const members = this.#byUser.get(principal.userId);
    if (!members?.delete(member)) return;
    this.#count -= 1;
    if (members.size === 0) this.#byUser.delete(principal.userId);
  }

  /** Those of one user. */
  of(userId: string): Iterable<T> {
    return this.#byUser.get(userId)?.keys() ?? [];
  }

  /** How many each user holds. */
  counts(): Map<string, number> {
    return new Map([...this.#byUser].map(([userId, members]) => [userId, members.size]));
  }

  *all(): Generator<[T, Principal]> {
    for (const members of this.#byUser.values()) yield* members;
  }
}
