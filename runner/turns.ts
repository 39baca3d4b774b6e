// Who is under way? Clauses are proved several at a time; one that may have killed the target is proved while no other
// is, or the others would be blamed with it. Terms: turn – one attempt to prove a clause.

export interface Turn<Id> extends Disposable {
  /** Whether no other turn overlapped this one so far. */
  readonly wasAlone: boolean;
  readonly id: Id;
}

export class Turns<Id> {
  readonly #running = new Set<{ id: Id; wasAlone: boolean }>();
  /** Who waits to be alone, and all who came later. */
  #last: Promise<void> = Promise.resolve();
  #whenIdle: (() => void) | undefined;

  /** Whose turns have begun and not ended. */
  get underWay(): Id[] {
    return [...this.#running].map(({ id }) => id);
  }

  /** Begins a turn; alone: when all others have ended, and none begins before it ends. */
  async begin(id: Id, { alone = false }: { alone?: boolean } = {}): Promise<Turn<Id>> {
    const before = this.#last;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    if (alone) this.#last = before.then(() => ended);
    await before;
    if (alone && this.#running.size > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    const own = { id, wasAlone: this.#running.size === 0 };
    for (const other of this.#running) other.wasAlone = false;
    this.#running.add(own);
    return {
      id,
      get wasAlone() {
        return own.wasAlone;
      },
      [Symbol.dispose]: () => {
        this.#running.delete(own);
        if (this.#running.size === 0) this.#whenIdle?.();
        end();
      },
    };
  }
}
