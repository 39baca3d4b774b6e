// Was this id seen lately? A bounded memory: a bus delivers at least once, and a repeat must not be heard twice.

export class RecentIds {
  readonly #kept: number;
  readonly #ids = new Set<string>();
  /**
   * The same ids in the order they came: the first of a Set cannot be found in constant time once many were deleted.
   */
  readonly #order: string[] = [];
  #oldest = 0;

  constructor(kept: number) {
    this.#kept = kept;
  }

  /** False when the id is remembered. Remembers it otherwise, forgetting the oldest. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    const forgotten = this.#order[this.#oldest];
    if (forgotten !== undefined) this.#ids.delete(forgotten);
    this.#order[this.#oldest] = id;
    this.#oldest = (this.#oldest + 1) % this.#kept;
    return true;
  }
}
