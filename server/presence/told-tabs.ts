// What were others told of a seat, and is it still so? What was told is kept where all instances see it, locked while it
// is compared with the tabs that are there, and changed in the transaction that publishes the change: so each change is
// told once, and all instances tell them in one order. Terms: told – a value of the system's; somebody is told to be at
// a topic, or not.

import { commit, type Outbox } from "../bus/outbox.ts";
import type { Queryable, Store } from "../store/store.ts";
import { Tabs } from "./tabs.ts";

type TabsOptions = ConstructorParameters<typeof Tabs>[0];

interface ToldTabsOptions extends TabsOptions {
  store: Store;
  outbox: Outbox;
}

export abstract class ToldTabs<Topic extends string, Seat, Told> extends Tabs<Topic, Seat> {
  readonly #topics: readonly Topic[];
  readonly #core: Pick<ToldTabsOptions, "store" | "outbox">;

  constructor(topics: readonly Topic[], { store, outbox, ...options }: ToldTabsOptions) {
    super(options);
    this.#topics = topics;
    this.#core = { store, outbox };
  }

  /** The seats at which somebody is told to be. */
  protected abstract allTold(store: Queryable): Promise<{ seat: Seat; told: Told }[]>;

  /** What was told of this seat, locked until the transaction ends. */
  protected abstract lockTold(tx: Queryable, seat: Seat): Promise<Told>;

  protected abstract isToldAt(told: Told, topic: Topic): boolean;

  /** What has to be told of a seat with tabs at these topics. */
  protected abstract toTell(isAt: (topic: Topic) => boolean, before: Told): Told;

  /** Remembers what is told now, and publishes what is new in it. */
  protected abstract tell(tx: Queryable, seat: Seat, now: Told, before: Told): Promise<void>;

  /** Tells something else of a seat, after what its tabs did before. `change` gives undefined where it may not be. */
  protected change(seat: Seat, change: (before: Told) => Told | undefined): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const work = async (tx: Queryable): Promise<boolean> => {
      const before = await this.lockTold(tx, seat);
      const now = change(before);
      if (now) await this.tell(tx, seat, now, before);
      return now !== undefined;
    };
    this.inTurn(seat, () => commit(this.#core, work).then(resolve, reject));
    return promise;
  }

  /** Compares what others were told with who is there, and tells the difference. */
  override async review(): Promise<void> {
    if (!this.knowsAll) return;
    const told = await this.allTold(this.#core.store);
    const toldBySeat = new Map(told.map((one) => [this.keyOf(one.seat), one]));
    const seats = [...this.seatsHere(), ...told.map(({ seat }) => seat)];
    const isAt = await this.at(seats, this.#topics);
    for (const [key, seat] of new Map(seats.map((one) => [this.keyOf(one), one]))) {
      const before = toldBySeat.get(key)?.told;
      const isToldAt = (topic: Topic): boolean => before !== undefined && this.isToldAt(before, topic);
      if (this.#topics.some((topic) => isAt(seat, topic) !== isToldAt(topic)))
        this.inTurn(seat, () => this.settle(seat));
    }
  }

  protected override async settle(seat: Seat): Promise<void> {
    await commit(this.#core, async (tx) => {
      const before = await this.lockTold(tx, seat);
      // Asked under the lock, so that of two instances the later one sees what the earlier one did.
      const isAt = await this.at([seat], this.#topics);
      // While Redis is away, nobody is said to be gone.
      const isAway = this.trouble !== undefined;
      const isThere = (topic: Topic): boolean => isAt(seat, topic) || (isAway && this.isToldAt(before, topic));
      await this.tell(tx, seat, this.toTell(isThere, before), before);
    });
  }
}
